"""Every layout finds the boxes that its authors' own code finds in the same outputs (reference_code.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from xmaker import Detections

from .conftest import Watch, blank
from .outputs import HEIGHT, WIDTH, blobs, made_up

REFERENCES: Any = json.loads(Path(__file__).with_name("references.json").read_text())
MADE = made_up()
CASES = ["nanodet", "nanodet plus", "fastestdet", "efficientdet", "ssd"]


def found_in(watch: Watch, outputs: Any, size: tuple[int, int] = (WIDTH, HEIGHT), **options: Any) -> Detections:
    """Return what is found in a frame of this size; of the input's size, a pixel of the one is a pixel of the other."""
    run = watch(outputs, **options)
    run.send("camera", blank(*size))
    return run.events[-1].value  # type: ignore[no-any-return]


def corners(item: Any) -> list[float]:
    left, top, width, height = item.box
    return [left, top, left + width, top + height]


def same(found: Detections, rows: list[list[float]], pixels: float) -> None:
    """Check labels, scores and boxes, the best first."""
    assert len(found.items) == len(rows)
    assert [item.number for item in found.items] == [row[5] for row in rows]
    assert np.abs(np.array([item.score for item in found.items]) - np.array([row[4] for row in rows])).max() < 1e-4
    assert np.abs(np.array([corners(item) for item in found.items]) - np.array([row[:4] for row in rows])).max() < pixels


@pytest.mark.parametrize("case", CASES)
def test_the_boxes_are_those_of_the_authors_code(case: str, watch: Watch) -> None:
    rows = REFERENCES[case]["rows"]
    assert len(rows) > 15
    same(found_in(watch, MADE[case], max=len(rows)), rows, 1e-3)


def test_boxes_of_yolov3_come_from_the_input_to_the_frame_as_with_keras_yolo3(watch: Watch) -> None:
    """The zoo's network does that itself, when it is told the frame's size; it is told the input's here.

    A letterbox is a whole number of pixels wide here, and half a pixel there.
    """
    case = REFERENCES["yolov3"]
    kinds = {"boxes": np.float32, "scores": np.float32, "indices": np.int32}
    outputs = {name: np.array(case["outputs"][name], kind) for name, kind in kinds.items()}
    same(found_in(watch, outputs, case["frame"], max=len(case["rows"])), case["rows"], 0.02)


def test_masks_of_an_rcnn_cover_what_maskrcnn_benchmark_pastes(watch: Watch) -> None:
    """It counts whole pixels, so its masks begin and end up to two pixels away from ours."""
    outputs = MADE["rcnn"] | {"6887": blobs(9)}
    found = found_in(watch, outputs).items
    wanted = [np.unpackbits(np.frombuffer(bytes.fromhex(one), np.uint8)) for one in REFERENCES["rcnn"]["masks"]]
    assert len(found) == len(wanted) > 3
    for item, bits in zip(found, wanted, strict=True):
        theirs, near = bits.reshape(HEIGHT, WIDTH), np.ones((5, 5), np.uint8)
        assert item.mask is not None
        mask = item.mask.astype(np.uint8)
        assert mask.sum() > 40
        assert (mask <= cv2.dilate(theirs, near)).all() and (theirs <= cv2.dilate(mask, near)).all()


def test_mindplus_finds_the_same_but_for_its_whole_pixels_and_what_overlaps_another_label(watch: Watch) -> None:
    rows = REFERENCES["mind+"]["rows"]
    ours = found_in(watch, MADE["yolov8"], max=1000, iou=1).items
    for *box, score, label in rows:
        near = [item for item in ours if item.number == label and abs(item.score - score) < 1e-4]
        assert any(np.abs(np.array(corners(item)) - box).max() < 2 for item in near)
