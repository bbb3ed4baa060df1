"""Cards of detectors that have none: the layout from the outputs' shapes, the labels from the text file beside."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import msgspec

from xmaker import ModelCard, ModelInput, OnnxFile, hookimpl

SIZE = 320
"""The side of pictures, where the file takes any."""
MOST = 100_000_000
"""Numbers that the outputs have together, at most: a damaged file may say anything."""
ZERO, WHOLE = (0.0, 0.0, 0.0), (255.0, 255.0, 255.0)
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
HALF = (127.5, 127.5, 127.5)
YOLO: dict[str, Any] = {"colour": "RGB", "mean": ZERO, "std": WHOLE, "resize": "letterbox", "grey": 114}
YOLO |= {"rounding": "even", "average": False}
EFFICIENTDET: dict[str, Any] = {"resize": "letterbox", "corner": True, "grey": "zero", "rounding": "down", "average": False}
LIKE_PILLOW: dict[str, Any] = {"colour": "RGB", "mean": ZERO, "std": WHOLE, "resize": "letterbox", "grey": 128}
LIKE_PILLOW |= {"rounding": "down", "sampling": "bicubic"}
PICTURES: dict[str, dict[str, Any]] = {
    "mmdet": {"colour": "RGB", "mean": MEAN, "std": STD, "resize": "stretch"},
    "tensorflow": {"colour": "RGB", "resize": "stretch"},
    "yolov3": LIKE_PILLOW,
    "rcnn": {"colour": "RGB", "mean": ZERO, "std": WHOLE, "resize": "letterbox", "grey": 0, "corner": True},
    "yolov5": YOLO,
    "yolov8": YOLO,
    "yolov10": YOLO,
    "efficientdet": {"colour": "RGB", "mean": (127.0,) * 3, "std": (128.0,) * 3, **EFFICIENTDET},
    "ssd": {"colour": "RGB", "mean": HALF, "std": HALF, "resize": "stretch"},
    "nanodet": {"colour": "BGR", "mean": MEAN[::-1], "std": STD[::-1], "resize": "stretch"},
    "fastestdet": {"colour": "BGR", "mean": ZERO, "std": WHOLE, "resize": "stretch"},
}
"""Layout → how its authors prepare pictures (their own detection programs), as far as the file does not say it."""
SURE = {"fastestdet": 0.65}
"""Layout → `min_score`, where its authors' programs want another than is usual: its scores are two, weighed, and so higher."""
RCNN_ZOO: dict[str, Any] = {
    "colour": "BGR",
    "mean": (102.9801, 115.9465, 122.7717),
    "resize": "letterbox",
    "pad": 32,
    "corner": True,
    "grey": "zero",
    "rounding": "down",
    "sampling": "bilinear",
    "width": 1333,
    "height": 800,
}
"""R-CNNs of the ONNX zoo take a picture of any size, without a batch: short side 800, sides multiples of 32 (its README).

That README says, and its program does not mind, that no side should be longer than 1333: so were the networks trained.
"""
OPEN: dict[str, dict[str, Any]] = {
    "yolov3": {"width": 416, "height": 416},
    "mmdet": {"resize": "letterbox", "pad": 32, "corner": True, "grey": "zero", "width": 1333, "height": 800},
}
"""Layout → how pictures usually are, where the file takes any: those of MMDetection's are as for its networks on COCO."""


KINDS = ("float32", "float16", "float64", "int64", "int32", "uint8", "int8", "bool")


def layout_of(file: OnnxFile, width: int, height: int) -> str:
    """Return the layout that fits the shapes of the outputs; "" when none does. Where a file leaves a size open, 1 is tried."""
    import numpy as np

    from xmaker_detector.given import Given
    from xmaker_detector.layouts import LAYOUTS

    shapes = [[size or 1 for size in one.shape] for one in file.outputs]
    if not shapes or sum(map(prod, shapes)) > MOST or any(one.kind not in KINDS for one in file.outputs):
        return ""
    outputs = [np.zeros(shape, one.kind) for shape, one in zip(shapes, file.outputs, strict=True)]
    given = Given(outputs, [one.name for one in file.outputs], width, height)
    return next((name for name, layout in LAYOUTS.items() if layout(given) is not None), "")


def guessed_card(file: OnnxFile, labels: dict[str, list[str]] | None = None) -> ModelCard | None:
    """Return the card of a detector with labels, those beside it unless they are given.

    None when there are none, or when its outputs fit no layout. Raises ProjectError when its input is no picture.
    """
    from xmaker_vision.guess import labels_beside, picture_input

    labels, guessed = labels or labels_beside(file.path), list[str]()
    if not labels or not file.inputs:
        return None
    picture = file.inputs[0]
    alone = len(picture.shape) == 3
    shape = (1, *picture.shape) if alone else picture.shape
    others = [one for one in file.inputs[1:] if one.shape[-1:] != (2,)]  # YOLOv3 is told the picture's size
    one_input = msgspec.structs.replace(file, inputs=[msgspec.structs.replace(picture, shape=shape), *others])
    size = {} if all(shape[2:]) else {"width": SIZE, "height": SIZE}
    layout = layout_of(file, *_sides(picture_input(one_input, [], **size)))
    if layout not in PICTURES:
        return None
    known = RCNN_ZOO if layout == "rcnn" and alone and size else PICTURES[layout]
    if size:
        known = size | known | OPEN.get(layout, {})
    wanted = picture_input(one_input, guessed, **known)
    if wanted.dtype == "uint8":
        wanted = msgspec.structs.replace(wanted, mean=None, std=None)
    guessed += [f"layout: {layout}, for the outputs have its shapes", f"pictures: as {layout} networks usually want them"]
    decode = {"layout": layout} | ({"min_score": SURE[layout]} if layout in SURE else {})
    known_facts: dict[str, Any] = {"decode": decode, "format": "labels.txt", "guessed": guessed}
    return ModelCard(name=file.path.stem, task="detect", input=wanted, labels=labels, **known_facts)


def _sides(wanted: ModelInput) -> tuple[int, int]:
    return wanted.width, wanted.height


@hookimpl(trylast=True)
def xmaker_read_card(path: Path) -> ModelCard | None:
    """Any detector with a list of labels beside it, whose outputs have the shapes of a layout."""
    if path.suffix.lower() != ".onnx":
        return None
    from xmaker import read_onnx

    return guessed_card(read_onnx(path))


@hookimpl
def xmaker_model_facts(card: ModelCard) -> Iterator[tuple[str, str]]:
    """Which layout a detector's outputs have."""
    if card.task != "detect" or card.path is None or card.path.suffix.lower() != ".onnx":
        return
    from xmaker import read_onnx

    found = card.decode.get("layout") or layout_of(read_onnx(card.path), card.input.width, card.input.height)
    yield "layout", found or "?"
