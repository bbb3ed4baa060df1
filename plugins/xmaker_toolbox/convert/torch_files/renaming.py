"""Other programs' names of the same weights, turned into those of torchvision or timm.

The names are those that MMClassification (mmcls), MMPretrain and the package efficientnet-lite-pytorch write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

Rules = tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...]

RESNET: Rules = ((r"^head\.fc", "fc"),)
REGNET: Rules = (
    (r"^conv1\.", "stem.conv."),
    (r"^bn1\.", "stem.bn."),
    (r"^layer(\d)\.(\d+)\.", lambda found: f"s{found[1]}.b{int(found[2]) + 1}."),
    (r"\.(conv\d)\.", r".\1.conv."),
    (r"\.bn(\d)\.", r".conv\1.bn."),
    (r"\.downsample\.0", ".downsample.conv"),
    (r"\.downsample\.1", ".downsample.bn"),
)
SHUFFLENET: Rules = (
    (r"^conv1\.conv", "conv1.0"),
    (r"^conv1\.bn", "conv1.1"),
    (r"^layers\.3\.conv", "conv5.0"),
    (r"^layers\.3\.bn", "conv5.1"),
    (r"^layers\.(\d)", lambda found: f"stage{int(found[1]) + 2}"),
    (r"branch1\.(\d)\.conv", lambda found: f"branch1.{2 * int(found[1])}"),
    (r"branch1\.(\d)\.bn", lambda found: f"branch1.{2 * int(found[1]) + 1}"),
    (r"branch2\.(\d)\.conv", lambda found: f"branch2.{(0, 3, 5)[int(found[1])]}"),
    (r"branch2\.(\d)\.bn", lambda found: f"branch2.{(1, 4, 6)[int(found[1])]}"),
    (r"^head\.fc", "fc"),
)
BLOCKS = (1, 2, 3, 4, 3, 3, 1)
"""Blocks in each layer of a MobileNetV2."""
MOBILENET: Rules = (
    (r"^conv1\.conv", "features.0.0"),
    (r"^conv1\.bn", "features.0.1"),
    (r"^conv2\.conv", "features.18.0"),
    (r"^conv2\.bn", "features.18.1"),
    (r"^layer1\.0\.conv\.1\.conv", "features.1.conv.1"),
    (r"^layer1\.0\.conv\.1\.bn", "features.1.conv.2"),
    (r"^layer(\d)\.(\d)", lambda found: f"features.{1 + sum(BLOCKS[: int(found[1]) - 1]) + int(found[2])}"),
    (r"\.conv\.([01])\.conv", r".conv.\1.0"),
    (r"\.conv\.([01])\.bn", r".conv.\1.1"),
    (r"\.conv\.2\.conv", ".conv.2"),
    (r"\.conv\.2\.bn", ".conv.3"),
    (r"^head\.fc", "classifier.1"),
)
STAGES = (1, 2, 2, 3, 3, 4, 1)
"""Blocks in each stage of an EfficientNet-Lite0."""
LITE0: Rules = (
    (r"^_conv_stem", "conv_stem"),
    (r"^_bn0", "bn1"),
    (r"^_conv_head", "conv_head"),
    (r"^_bn1", "bn2"),
    (r"^_fc", "classifier"),
    (r"^_blocks\.0\._project_conv", "blocks.0.0.conv_pw"),
    (r"^_blocks\.0\._bn(\d)", r"blocks.0.0.bn\1"),
    (r"^_blocks\.(\d+)", lambda found: f"blocks.{_stage(int(found[1]))}"),
    (r"_expand_conv", "conv_pw"),
    (r"_depthwise_conv", "conv_dw"),
    (r"_project_conv", "conv_pwl"),
    (r"\._bn(\d)", lambda found: f".bn{int(found[1]) + 1}"),
)


def _stage(number: int) -> str:
    for stage, count in enumerate(STAGES):
        if number < count:
            return f"{stage}.{number}"
        number -= count
    return "7.0"


class Family(msgspec.Struct, frozen=True):
    """Networks whose weights are named in the same way."""

    sign: str
    """A name that only they have."""
    rules: Rules


MMEDU = (
    Family("layers.0.0.branch2.0.conv.weight", SHUFFLENET),
    Family("layer1.0.conv.0.conv.weight", MOBILENET),
)
"""After `backbone.` has been taken away."""


def renamed(weights: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """Return the weights under the names that the rules make, one after the other."""
    found = {}
    for name, one in weights.items():
        for pattern, into in rules:
            name = re.sub(pattern, into, name)
        found[name] = one
    return found


def from_mm(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Return the weights of MMEdu's network under the names of torchvision's or timm's."""
    bare = {name.removeprefix("backbone."): one for name, one in weights.items()}
    for family in MMEDU:
        if family.sign in bare:
            return renamed(bare, family.rules)
    if "conv1.weight" in bare:
        regnet = tuple(bare["conv1.weight"].shape) == (32, 3, 3, 3)  # a ResNet begins with 64 of 7 by 7
        return renamed(bare, REGNET if regnet else RESNET)
    return _vgg(bare) if "features.0.conv.weight" in bare else bare


def _vgg(weights: Mapping[str, Any]) -> dict[str, Any]:
    """MMEdu counts a convolution, its normalisation and its ReLU as one, torchvision each of them."""
    each = 3 if "features.0.bn.weight" in weights else 2
    numbers = [int(name.split(".")[1]) for name in weights if name.endswith(".conv.weight")]
    place = {number: each * before + (number - before) for before, number in enumerate(numbers)}  # the rest is pooling
    found = {}
    for name, one in weights.items():
        if part := re.match(r"features\.(\d+)\.(conv|bn)\.(.*)", name):
            name = f"features.{place[int(part[1])] + (part[2] == 'bn')}.{part[3]}"
        found[name] = one
    return found
