"""What a detector's configuration says that is no weight: sizes, anchors, thresholds, and how pictures are prepared.

What is not said is as in MMEdu's own configurations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from xmaker_vision.guess import MEAN, STD

from xmaker import ModelInput
from xmaker_toolbox.convert.torch_files.mm_config import dictionaries, part


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to build one network."""

    width: int
    height: int
    """The size of the picture that goes in."""
    test: Mapping[str, Any]
    """Which boxes stand: `score_thr`, `iou`, `max_per_img` and others of MMDetection's words."""
    proposals: Mapping[str, Any] = {}
    """The same of an R-CNN's proposals."""
    anchor: Mapping[str, Any] = {}
    """The configuration of the anchors."""
    caffe: bool = False
    """Whether a ResNet halves as Caffe's do."""

    def anchors(self, key: str, usual: Sequence[Any]) -> Any:
        """Return what is said of the anchors, or what is usual."""
        return self.anchor.get(key) or usual


def thresholds(found: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Return the usual thresholds, and what a `test_cfg` says instead."""
    iou = part(found, "nms").get("iou_threshold", part(found, "nms").get("iou_thr"))
    said = {**found, "iou": iou}
    return {key: said[key] if isinstance(said.get(key), int | float) else number for key, number in usual.items()}


def picture(found: Mapping[str, Any], size: int, usual: tuple[int, int, bool]) -> tuple[ModelInput, bool]:
    """Return how a picture is prepared, and whether the configuration says its colours. `usual`: width, height, all of it kept.

    MMDetection fits a picture into width × height, whichever way it lies, and fills up below and to the right to a multiple
    of 32; here the tensor lies as most pictures do.
    """
    steps = [*dictionaries(found.get("test_pipeline")), *dictionaries(part(found, "data", "test").get("pipeline"))]
    width, height, kept = usual
    if sizes := [one for step in steps for key in ("scale", "img_scale") if (one := _pair(step.get(key)))]:
        width, height = max(sizes[0]), min(sizes[0])
        kept = next((bool(step.get("keep_ratio")) for step in steps if step.get("type") == "Resize"), kept)
    width, height = (size, size) if size else (width, height)
    if kept:
        width, height = (-(-side // 32) * 32 for side in (width, height))
    normal = next((one for one in [*steps, *dictionaries(found)] if _three(one, "mean") and _three(one, "std")), {})
    mean, std = (tuple(map(float, normal[key])) if normal else usual for key, usual in (("mean", MEAN), ("std", STD)))
    turned = not normal or normal.get("to_rgb", normal.get("bgr_to_rgb", normal.get("type") == "Normalize"))
    # MMDetection fills up with the mean colour, which is 0 for the finished file, too, where that is ImageNet's.
    filled: Any = "zero" if sorted(mean) == sorted(MEAN) else min(255, round(sum(mean) / 3))
    made = ModelInput(
        width=width, height=height, layout="NCHW", dtype="float32", colour="RGB" if turned else "BGR",
        resize="letterbox" if kept else "stretch", corner=kept, grey=filled if kept else 128,
        mean=mean, std=std,
    )  # fmt: skip
    return made, bool(normal)


def _pair(value: Any) -> tuple[int, int] | None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(one, int) and one > 0 for one in value):
        return value[0], value[1]
    return None


def _three(found: Mapping[str, Any], key: str) -> bool:
    value = found.get(key)
    return isinstance(value, list | tuple) and len(value) == 3 and all(isinstance(one, int | float) for one in value)
