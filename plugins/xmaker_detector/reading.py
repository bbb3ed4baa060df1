"""Cards of detectors that have none: the layout from the outputs' shapes, the labels from the text file beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import msgspec

from xmaker import ModelCard, ModelInput, OnnxFile, ProjectError, hookimpl

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
    "yolov5": {"width": 640, "height": 640},
    "yolov8": {"width": 640, "height": 640},
    "yolov10": {"width": 640, "height": 640},
    "mmdet": {"resize": "letterbox", "pad": 32, "corner": True, "grey": "zero", "width": 1333, "height": 800},
}
"""Layout → how pictures usually are, where the file takes any: those of MMDetection's are as for its networks on COCO."""
PLAIN: dict[str, Any] = {"colour": "RGB", "resize": "stretch"}
"""For a layout that no authors have their own program for."""
BESIDE = "labels.txt"
"""The `format` of a card that was made of a list of labels and of the shapes."""
USUAL_STRIDES = ((8, 16, 32), (8, 16, 32, 64), (16, 32), (8, 16, 32, 64, 128))
KINDS = ("float32", "float16", "float64", "int64", "int32", "uint8", "int8", "bool")


def layouts_of(
    file: OnnxFile, width: int, height: int, labels: Sequence[str] = (), options: Mapping[str, Any] | None = None
) -> Iterator[tuple[str, int]]:
    """Yield each layout that fits the shapes of the outputs, and how many kinds of things it has then (0: that is not seen).

    Where a file leaves a size open, 1 is tried, and how many places the usual networks look at in a picture of this size.
    """
    import numpy as np

    from xmaker_detector.given import Given
    from xmaker_detector.layouts import LAYOUTS

    if not file.outputs or any(one.kind not in KINDS for one in file.outputs):
        return
    names = [one.name for one in file.outputs]
    places = [Given((), (), width, height).points(*strides) for strides in USUAL_STRIDES]
    several = any(0 in one.shape[1:] for one in file.outputs)
    for guess in dict.fromkeys([1, *(times * count for count in places for times in (1, 3, 9))] if several else [1]):
        shapes = [[*(size or 1 for size in one.shape[:1]), *(size or guess for size in one.shape[1:])] for one in file.outputs]
        if sum(map(prod, shapes)) > MOST:
            continue
        outputs = [np.zeros(shape, one.kind) for shape, one in zip(shapes, file.outputs, strict=True)]
        given = Given(outputs, names, width, height, labels=labels, options=options or {})
        for name, layout in LAYOUTS.items():
            if (found := layout(given)) is not None:
                yield name, found.kinds


def layout_of(file: OnnxFile, width: int, height: int, labels: Sequence[str] = ()) -> str:
    """Return the layout that fits the shapes of the outputs, one with so many labels before others; "" when none does."""
    fitting = list(layouts_of(file, width, height, labels))
    best = (name for name, kinds in fitting if not labels or kinds in (0, len(labels)))
    return next(best, fitting[0][0] if fitting else "")


def look_at_outputs(card: ModelCard, layout: str, model: str) -> None:
    """Raise ProjectError when the shapes of the outputs tell already that the card cannot be right; `layout` may be "".

    A card with labels beside it alone must have a layout, for that says how pictures are prepared.
    """
    layout = layout or card.decode.get("layout", "")
    if card.path is None or card.path.suffix.lower() != ".onnx" or layout == "candidates" or "numbers" in card.decode:
        return  # XMaker's own, and what was told more than the shapes can tell
    from xmaker import read_onnx
    from xmaker_detector.layouts import LAYOUTS

    file, names = read_onnx(card.path), card.label_names()
    if not layout and card.format == BESIDE:
        seen = ", ".join(map(str, file.outputs))
        raise ProjectError.of("XM671", model=model, seen=seen, known=", ".join(LAYOUTS))
    fitting = list(layouts_of(file, card.input.width, card.input.height, names, card.decode))
    counts = [kinds for name, kinds in fitting if layout in ("", name)]
    if names and counts and not {0, len(names)} & {*counts}:
        raise ProjectError.of("XM673", model=model, kinds=counts[0], named=len(names))


def guessed_card(file: OnnxFile, layout: str = "", labels: dict[str, list[str]] | None = None) -> ModelCard | None:
    """Return the card of a detector with labels, those beside it unless they are given; None when there are none.

    Where no layout fits and none is said, the card has none: look_at_outputs says so where a detector wants to use it.
    Raises ProjectError when its input is no picture.
    """
    from xmaker_vision.guess import labels_beside

    labels = labels or labels_beside(file.path)
    if not labels or not file.inputs:
        return None
    wanted, layout, guessed = _guessed(file, layout, next(iter(labels.values())))
    decode: dict[str, Any] = {"layout": layout} if layout else {}
    if layout in SURE:
        decode["min_score"] = SURE[layout]
    known: dict[str, Any] = {"decode": decode, "format": BESIDE, "guessed": guessed}
    return ModelCard(name=file.path.stem, task="detect", input=wanted, labels=labels, path=file.path, **known)


def _guessed(file: OnnxFile, said: str, names: Sequence[str]) -> tuple[ModelInput, str, list[str]]:
    """Return how pictures are prepared, the layout, and what of both was guessed. `said` is the layout, where that is known."""
    from xmaker_vision.guess import picture_input

    picture, guessed = file.inputs[0], list[str]()
    alone = len(picture.shape) == 3
    shape = (1, *picture.shape) if alone else picture.shape
    others = [one for one in file.inputs[1:] if one.shape[-1:] != (2,)]  # YOLOv3 is told the picture's size
    one_input = msgspec.structs.replace(file, inputs=[msgspec.structs.replace(picture, shape=shape), *others])
    size = {} if all(shape[2:]) else {"width": SIZE, "height": SIZE}
    layout = said or layout_of(file, *_sides(picture_input(one_input, [], **size)), names)
    known = RCNN_ZOO if layout == "rcnn" and alone and size else PICTURES.get(layout, PLAIN)
    if size:
        known = size | known | OPEN.get(layout, {})
    wanted = picture_input(one_input, guessed, **known)
    if size:
        guessed.append(f"size {wanted.width} × {wanted.height}: the file takes any")
    if wanted.dtype == "uint8":
        wanted = msgspec.structs.replace(wanted, mean=None, std=None)
    if not layout:
        return wanted, "", [*guessed, "layout: not known, and so how it wants its pictures"]
    if not said:
        guessed.append(f"layout: {layout}, for the outputs have its shapes")
    return wanted, layout, [*guessed, f"pictures: as {layout} networks usually want them"]


def _sides(wanted: ModelInput) -> tuple[int, int]:
    return wanted.width, wanted.height


@hookimpl(trylast=True)
def xmaker_read_card(path: Path) -> ModelCard | None:
    """Any network with a list of labels beside it that no other plugin knows, so that it is no classifier."""
    if path.suffix.lower() != ".onnx":
        return None
    from xmaker import read_onnx

    return guessed_card(read_onnx(path))


@hookimpl
def xmaker_model_facts(card: ModelCard) -> Iterator[tuple[str, str]]:
    """Which layout a detector's outputs have. Raises ProjectError when that has another number of labels."""
    if card.task != "detect" or card.path is None or card.path.suffix.lower() != ".onnx":
        return
    from xmaker import read_onnx

    names = card.label_names()
    found = card.decode.get("layout") or layout_of(read_onnx(card.path), card.input.width, card.input.height, names)
    if found:
        look_at_outputs(card, found, str(card.path))
    yield "layout", found or "?"
