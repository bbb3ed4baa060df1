"""Networks of one layer after the other that neither torchvision nor timm has under these names: LeNet and RepVGG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xmaker_toolbox.convert.torch_files.libraries import torch

EPSILON = 1e-5
"""What BatchNorm2d adds to the variance."""


def lenet(weights: Mapping[str, Any]) -> Any:
    """Return LeNet-5 as MMClassification builds it, (1, 1, 32, 32) → (1, classes), with its weights (`features.0.weight` …)."""
    nn = torch().nn
    classes = weights["classifier.2.bias"].shape[0]
    convolutions = [nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2)]
    convolutions += [nn.Conv2d(16, 120, 5), nn.Tanh()]
    matrices = [nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, classes)]
    made = nn.Sequential()
    made.add_module("features", nn.Sequential(*convolutions))
    made.add_module("flat", nn.Flatten())
    made.add_module("classifier", nn.Sequential(*matrices))
    made.load_state_dict(dict(weights))
    return made


def repvgg(weights: Mapping[str, Any]) -> Any:
    """Return a RepVGG as the chain of 3 × 3 convolutions that its branches add up to (Ding and others, 2021, arXiv 2101.03697).

    The first block of each stage halves the picture. Raises KeyError for a kind with other layers in it.
    """
    nn = torch().nn
    layers, channels, used = [], 3, 0
    blocks = list(dict.fromkeys(name.partition(".branch_")[0] for name in weights if ".branch_" in name))
    for block in blocks:
        own = {name.removeprefix(f"{block}."): one for name, one in weights.items() if name.startswith(f"{block}.")}
        kernel, bias = _fused(own, channels)
        stride = 2 if block == "stem" or block.endswith(".0") else 1
        layer = nn.Conv2d(channels, len(bias), 3, stride, 1, groups=channels // kernel.shape[1])
        layer.load_state_dict({"weight": kernel, "bias": bias})
        layers += [layer, nn.ReLU()]
        channels, used = len(bias), used + len(own)
    head = nn.Linear(channels, len(weights["head.fc.bias"]))
    head.load_state_dict({"weight": weights["head.fc.weight"], "bias": weights["head.fc.bias"]})
    if used + 2 != len(weights):
        raise KeyError
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)


def _fused(block: Mapping[str, Any], channels: int) -> tuple[Any, Any]:
    """Return the kernel and bias of a block: its normalised branches (3 × 3, 1 × 1 and nothing) added up."""
    if "branch_reparam.weight" in block:
        return block["branch_reparam.weight"], block["branch_reparam.bias"]
    library = torch()
    large = block["branch_3x3.conv.weight"]
    kernel, bias = normalised(block, "branch_3x3.norm", large)
    small = library.nn.functional.pad(block["branch_1x1.conv.weight"], (1, 1, 1, 1))
    branches = [(small, "branch_1x1.norm")]
    if "branch_norm.weight" in block:
        same = library.zeros_like(large)
        for number in range(channels):
            same[number, number % large.shape[1], 1, 1] = 1
        branches.append((same, "branch_norm"))
    for one, name in branches:
        more, offset = normalised(block, name, one)
        kernel, bias = kernel + more, bias + offset
    return kernel, bias


def normalised(block: Mapping[str, Any], norm: str, kernel: Any, epsilon: float = EPSILON) -> tuple[Any, Any]:
    """Return the kernel and bias of a convolution and the batch normalisation behind it."""
    factor = block[f"{norm}.weight"] / (block[f"{norm}.running_var"] + epsilon).sqrt()
    return kernel * factor.reshape(-1, 1, 1, 1), block[f"{norm}.bias"] - block[f"{norm}.running_mean"] * factor
