"""Which detector the weights belong to, and how it is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from xmaker import ModelInput, ProjectError
from xmaker_toolbox.convert.sources import Asked
from xmaker_toolbox.convert.torch_files.detectors import rcnn, settings, ssd, yolo
from xmaker_toolbox.convert.torch_files.detectors.weights import Weights
from xmaker_toolbox.convert.torch_files.libraries import torch
from xmaker_toolbox.convert.torch_files.mm_config import part, program
from xmaker_toolbox.convert.torch_files.state import State

SIGNS = ("bbox_head.", "rpn_head.", "roi_head.")
"""What begins the names in an MMDetection checkpoint."""


class Kind(msgspec.Struct, frozen=True):
    """A detector of MMEdu."""

    name: str
    """What MMEdu calls it."""
    signs: tuple[str, ...]
    """Names of weights that it has."""
    kinds: Callable[[Weights], int]
    look: Callable[[Weights, Any, settings.Settings], tuple[Any, ...]]
    usual: tuple[int, int, bool]
    """Width and height of its picture, and whether the picture's shape is kept."""
    test: Mapping[str, Any]
    epsilon: float = 1e-5
    opset: int = 14
    head: tuple[str, ...] = ("bbox_head",)
    """Where the configuration of the anchors is."""


RCNN = ("rpn_head.rpn_conv.weight", "roi_head.bbox_head.fc_cls.weight", "backbone.layer1.0.conv1.weight")
KINDS = (
    Kind("SSD_Lite", ("bbox_head.cls_convs.0.0.conv.weight", "neck.extra_layers.0.0.conv.weight"),
         ssd.kinds, ssd.look, (320, 320, False), ssd.TEST, ssd.EPSILON),
    Kind("Yolov3", ("bbox_head.convs_pred.0.weight", "neck.detect1.conv1.conv.weight"),
         yolo.kinds, yolo.look, (416, 416, True), yolo.TEST),
    Kind("Mask_RCNN", (*RCNN, "roi_head.mask_head.conv_logits.weight"),
         rcnn.kinds, rcnn.look, (1333, 800, True), rcnn.TEST, opset=16, head=("rpn_head",)),
    Kind("FasterRCNN", RCNN, rcnn.kinds, rcnn.look, (1333, 800, True), rcnn.TEST, opset=16, head=("rpn_head",)),
)  # fmt: skip
"""RoiAlign, with which an R-CNN looks at its proposals, counts pixels as MMDetection does from opset 16 on."""
SMALL = 64
"""The side of a picture that every network can look at."""
LEAST = 4
"""How many outputs a network without masks has."""
IN_XEDUHUB = {(320, 320): "SSD_Lite", (416, 416): "Yolov3", (800, 1333): "FasterRCNN"}
"""Width and height → the detector for which XEduHub stretches pictures to this size."""


class Detector(msgspec.Struct, kw_only=True):
    """A detector with its weights."""

    kind: Kind
    module: Any
    """(1, 3, height, width) → dets (1, n, 5), labels (1, n), perhaps masks; boxes and scores of all anchors or proposals."""
    picture: ModelInput
    classes: int
    masks: bool
    said: bool
    """Whether the checkpoint says how colours are prepared."""


def is_detector(names: Iterable[str]) -> bool:
    return any(name.startswith(SIGNS) for name in names)


def like_in_xeduhub(picture: ModelInput) -> str:
    """Return the detector of MMEdu for which XEduHub prepares a picture of this size; "" when there is none."""
    return IN_XEDUHUB.get((picture.width, picture.height), "")


def build(state: State, asked: Asked) -> Detector:
    """Return the network that the weights belong to. Raises ProjectError when it is none of MMEdu's."""
    found = program(state.meta)
    kind = next((one for one in KINDS if all(sign in state.weights for sign in one.signs)), None)
    if kind is None:
        raise _unknown(state, found, asked)
    try:
        net = Weights(state.weights, _epsilon(found, kind))
        picture, said = settings.picture(found, asked.size, kind.usual)
        made = _settings(kind, found, picture)
        small = msgspec.structs.replace(made, width=SMALL, height=SMALL)
        with torch().no_grad():  # a first look: what is missing, or left over, shows
            outputs = len(kind.look(net, torch().zeros(1, 3, SMALL, SMALL), small))
        if net.unused:
            raise LookupError
        classes = kind.kinds(net)
    except (LookupError, ValueError, RuntimeError, TypeError, ZeroDivisionError):  # names like theirs, but of other layers
        raise _unknown(state, found, asked) from None
    return Detector(
        kind=kind,
        module=_module(net, kind, made),
        picture=picture,
        classes=classes,
        masks=outputs > LEAST,
        said=said,
    )


def _unknown(state: State, found: Mapping[str, Any], asked: Asked) -> ProjectError:
    """Return the error that says what the network is, as far as that can be seen."""
    name = str(part(found, "model").get("type") or "")
    parts = sorted({name.partition(".")[0] for name in state.weights})
    first = next(iter(state.weights))
    return ProjectError.of("XM530", file=asked.path, found=name or ", ".join(parts), first=first)


def _epsilon(found: Mapping[str, Any], kind: Kind) -> float:
    said = part(found, "model", "backbone", "norm_cfg").get("eps", kind.epsilon)
    return float(said) if isinstance(said, int | float) else kind.epsilon


def _settings(kind: Kind, found: Mapping[str, Any], picture: ModelInput) -> settings.Settings:
    model = part(found, "model")
    test = part(model, "test_cfg") or part(found, "test_cfg")
    return settings.Settings(
        width=picture.width,
        height=picture.height,
        test=settings.thresholds(part(test, "rcnn") or test, kind.test),
        proposals=settings.thresholds(part(test, "rpn"), rcnn.PROPOSALS),
        anchor=part(model, *kind.head, "anchor_generator"),
        caffe=part(model, "backbone").get("style") == "caffe",
    )


def _module(net: Weights, kind: Kind, made: settings.Settings) -> Any:
    nn = torch().nn

    class Look(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            for number, one in enumerate(net.tensors):
                self.register_buffer(f"w{number}", one)  # so the exporter knows what is a weight

        def forward(self, picture: Any) -> Any:
            return kind.look(net, picture, made)

    return Look().eval()
