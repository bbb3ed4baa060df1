"""Which network of torchvision or timm the weights belong to: the one that has the same names and shapes."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from xmaker import ProjectError
from xmaker.errors import nearest
from xmaker_toolbox.convert.torch_files.families import families, some_of
from xmaker_toolbox.convert.torch_files.libraries import timm, torch, torchvision_models
from xmaker_toolbox.convert.torch_files.state import State, shapes

TORCHVISION = """
resnet18 resnet34 resnet50 mobilenet_v2 mobilenet_v3_small mobilenet_v3_large efficientnet_b0 shufflenet_v2_x1_0
shufflenet_v2_x0_5 shufflenet_v2_x1_5 shufflenet_v2_x2_0 squeezenet1_0 squeezenet1_1 vgg16 vgg16_bn vgg11 vgg11_bn vgg13
vgg13_bn vgg19 vgg19_bn resnet101 resnet152 resnext50_32x4d resnext101_32x8d wide_resnet50_2 alexnet densenet121 mnasnet0_5
mnasnet1_0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 efficientnet_v2_s convnext_tiny convnext_small
swin_t vit_b_16 regnet_x_400mf regnet_x_800mf regnet_x_1_6gf regnet_x_3_2gf regnet_y_400mf regnet_y_800mf regnet_y_1_6gf
regnet_y_3_2gf
"""
TIMM = """
efficientnet_lite0 efficientnet_lite1 efficientnet_lite2 efficientnet_b0 efficientnet_b1 mobilenetv2_050 mobilenetv2_100
mobilenetv2_140 mobilenetv3_small_050 mobilenetv3_small_075 mobilenetv3_small_100 mobilenetv3_large_100 mobilenetv4_conv_small
mobilenetv4_conv_medium ghostnet_100 mnasnet_100 mnasnet_small regnetx_002 regnetx_004 regnetx_006 regnetx_008 regnetx_016
regnetx_032 regnetx_064 regnety_002 regnety_004 regnety_008 regnety_016 repvgg_a0 repvgg_a1 repvgg_a2 repvgg_b0 repvgg_b1
mobileone_s0 vit_tiny_patch16_224 vit_small_patch16_224 deit_tiny_distilled_patch16_224 convnext_atto convnext_nano
convnext_tiny resnet26 resnet18d edgenext_xx_small efficientvit_b0 fastvit_t8 tinynet_a tinynet_e lcnet_050 lcnet_100
hardcorenas_a semnasnet_100 swin_tiny_patch4_window7_224 vgg11 vgg16 inception_v3 hgnetv2_b0
"""
"""What is looked through first, the most used in front: each is built without memory for its weights, in some 50 ms."""
LARGE = "regnet"
"""torchvision's networks that need memory for their weights; one has 2.6 GB of them."""
FEWEST = 16
"""Weights of the smallest network of either library, AlexNet."""
ENOUGH = 0.5
"""The part of names and shapes, else of names, else of shapes, that must be the same for a network to be worth naming."""
DETECTORS = ("head.classification_head.", "roi_heads.", "rpn.head.")
"""What begins the names of weights in torchvision's detectors."""


class Known(msgspec.Struct, frozen=True):
    """A network that a library can build."""

    library: str
    name: str

    def build(self, classes: int, device: str = "cpu") -> Any:
        """Return the network. Raises whatever its library does."""
        with torch().device(device), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names that change
            if self.library == "timm":
                return timm().create_model(self.name, num_classes=classes, pretrained=False)
            return torchvision_models().get_model(self.name, weights=None, num_classes=classes)

    def __str__(self) -> str:
        return f"{self.library}, {self.name}"


def find(state: State, arch: str, path: Path) -> Known:
    """Return the network that the weights are of. Raises ProjectError when there is none, or when `arch` is not it."""
    wanted = state.shapes
    if arch:
        found = _named(arch)
        if one := next((one for one in found if wanted and _shapes(one, state.classes) == wanted), None):
            return one
        raise _other(found[0], state, path)
    known = dict[Known, Mapping[str, tuple[int, ...]]]()
    for one in _candidates(state.arch, wanted.keys(), known):
        if one not in known:
            known[one] = _shapes(one, state.classes)
            if known[one] and known[one] == wanted:
                return one
    close = _closest({one: _likeness(found.items(), wanted.items()) for one, found in known.items()})
    close = close or _closest({one: _likeness(found.keys(), wanted.keys()) for one, found in known.items()})
    close = close or _closest({one: _likeness(found.values(), wanted.values()) for one, found in known.items()})
    raise unknown(state, path, close)


def _closest(likeness: Mapping[Known, float]) -> list[Known]:
    return [one for one in sorted(likeness, key=lambda one: -likeness[one])[:4] if likeness[one] > ENOUGH]


def unknown(state: State, path: Path, close: Iterable[Known] = ()) -> ProjectError:
    """Return the error for weights that nobody knows."""
    names, first = ", ".join(one.name for one in close), _some(state.shapes)
    if any(name.startswith(DETECTORS) for name in state.weights):
        return ProjectError.of("XM530", file=path, found="torchvision", first=first)
    return (
        ProjectError.of("XM533", file=path, first=first, close=names)
        if names
        else ProjectError.of("XM664", file=path, first=first)
    )


def _candidates(said: str, wanted: Collection[str], known: Mapping[Known, Mapping[str, Any]]) -> Iterator[Known]:
    """Yield what is to be compared with the weights' names that are `wanted`. What was compared before is in `known`."""
    if said in timm().list_models():
        yield Known("timm", said)
    yield from (Known("torchvision", name) for name in TORCHVISION.split())
    yield from (Known("timm", name) for name in TIMM.split())
    if len(wanted) < FEWEST:
        return
    more = torchvision_models().list_models(module=torchvision_models())
    yield from (Known("torchvision", name) for name in more if not name.startswith(LARGE))
    some = {Known("timm", family[0]): family for family in families(wanted)}
    yield from some
    if some:
        like = max(some, key=lambda one: _likeness(known[one].keys(), wanted))
        yield from (Known("timm", name) for name in some_of(some[like]))


def _named(arch: str) -> list[Known]:
    """Return what the libraries have under a name. Raises ProjectError when neither has it."""
    known = {"torchvision": set(torchvision_models().list_models()), "timm": set(timm().list_models())}
    found = [Known(library, arch) for library, names in known.items() if arch in names]
    if not found:
        near = nearest(arch, [*known["torchvision"], *known["timm"]])
        raise ProjectError.of("XM547", arch=arch, near=near)
    return found


def _shapes(one: Known, classes: int) -> Mapping[str, tuple[int, ...]]:
    try:
        return shapes(one.build(classes, "meta").state_dict())
    except (NotImplementedError, RuntimeError):  # torchvision's RegNets compute with tensors while they are built
        return shapes(one.build(classes).state_dict()) if classes else {}
    except Exception:  # noqa: BLE001  # what a library says of a network that it does not have, or not with such a head
        return {}


def _likeness(one: Iterable[Any], other: Iterable[Any]) -> float:
    """Return which part of the things in either are in both: 0 to 1."""
    first, second = Counter(one), Counter(other)
    both = (first & second).total()
    return both / max(1, first.total() + second.total() - both)


def _other(one: Known, state: State, path: Path) -> ProjectError:
    own, wanted = state.shapes, _shapes(one, state.classes)
    missing, more = sorted(wanted.keys() - own.keys()), sorted(own.keys() - wanted.keys())
    changed = sorted(name for name in own.keys() & wanted.keys() if own[name] != wanted[name])
    signs = (("-", missing), ("+", more), ("≠", changed))
    differences = "; ".join(f"{sign} {_some(names)}" for sign, names in signs if names)
    return ProjectError.of("XM534", file=path, arch=one.name, differences=differences)


def _some(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "") if names else "-"
