"""Every layout finds the boxes that others find in the same outputs (make_expected.py), to a thousandth of a pixel."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from xmaker_detector.given import Given
from xmaker_detector.layouts import LAYOUTS, find_layout

from .conftest import Look
from .networks import CARD, NAMES
from .outputs import HEIGHT, WIDTH, made_up

EXPECTED = json.loads(Path(__file__).with_name("expected.json").read_text())
MADE = made_up()
GIVEN_BY_NAME = {"candidates"}
"""Its outputs look like others'; the cards of our own networks name it."""


def options_for(case: str) -> dict[str, object]:
    return {"layout": case} if case in GIVEN_BY_NAME else {}


@pytest.mark.parametrize("case", MADE)
def test_the_boxes_are_those_that_others_find(case: str, look: Look) -> None:
    found = look(MADE[case], max=1000, **options_for(case))
    wanted = EXPECTED[case]
    assert [item.label for item in found.items] == [NAMES[row[5]] for row in wanted]
    ours = [(x, y, x + w, y + h) for x, y, w, h in (item.box for item in found.items)]
    assert np.abs(np.array(ours) - np.array([row[:4] for row in wanted])).max() < 1e-3
    assert np.abs(np.array([item.score for item in found.items]) - np.array([row[4] for row in wanted])).max() < 1e-5


@pytest.mark.parametrize("case", [case for case in MADE if case not in GIVEN_BY_NAME])
def test_a_layout_is_recognised_and_no_other_fits(case: str) -> None:
    given = Given([*MADE[case].values()], [*MADE[case]], WIDTH, HEIGHT, labels=NAMES)
    name = case.split()[0]
    assert find_layout(given, "") is LAYOUTS[name]
    assert [other for other, layout in LAYOUTS.items() if layout(given) is not None] == [name]


def test_every_layout_is_tried_here() -> None:
    assert {case.split()[0] for case in MADE} == set(LAYOUTS)


def test_a_yolo_mask_covers_what_ultralytics_says(look: Look) -> None:
    """Away from the frame's edges, where it cuts the letterbox off before it interpolates, and we after that."""
    compared = 0
    for item, pixels in zip(look(MADE["yolov8 with masks"], max=1000).items, EXPECTED["mask pixels"], strict=True):
        _, top, _, height = item.box
        if top > 5 and top + height < 95:
            assert item.mask is not None and item.mask.sum() == pytest.approx(pixels, abs=3)
            compared += 1
    assert compared > 20


def test_a_mask_of_a_box_is_stretched_over_it(look: Look) -> None:
    half = np.zeros((1, 1, 28, 28), np.float32)
    half[..., :14] = 1
    outputs = {
        "boxes": np.array([[24, 18, 72, 42]], np.float32),
        "labels": np.array([1]),
        "scores": np.array([0.9], np.float32),
        "masks": half,
    }
    item = look(outputs).items[0]
    assert item.box == pytest.approx((50, 20.833, 100, 50), abs=0.01)
    mask = item.mask
    assert mask is not None and mask.shape == (100, 200) and mask.dtype == bool
    assert mask[21:71, 50:100].all() and mask.sum() == 50 * 50


def test_a_mask_of_the_whole_input_is_cut_to_the_frame(look: Look) -> None:
    whole = np.zeros((1, 1, HEIGHT, WIDTH), np.float32)
    whole[..., :48] = 1
    outputs = {"dets": np.array([[[0, 8, 96, 56, 0.9]]], np.float32), "labels": np.array([[0]]), "masks": whole}
    mask = look(outputs).items[0].mask
    assert mask is not None and mask[:, :100].all() and not mask[:, 101:].any()


@pytest.mark.parametrize(
    ("resize", "box"),
    [("letterbox", (50, 20.8333, 100, 50)), ("stretch", (50, 28.125, 100, 37.5)), ("centre-crop", (62.5, 28.125, 75, 37.5))],
)
def test_however_the_picture_was_fitted_its_boxes_come_back_exactly(look: Look, resize: str, box: tuple[float, ...]) -> None:
    outputs = {"dets": np.array([[[24, 18, 72, 42, 0.9]]], np.float32), "labels": np.array([[0]])}
    card = CARD | {"input": CARD["input"] | {"resize": resize}}
    assert look(outputs, card).items[0].box == pytest.approx(box, abs=1e-4)


def test_mmedu_boxes_are_those_that_xedu_says(look: Look) -> None:
    """Measured with XEdu 2.0: SSD_Lite's (32, 64, 160, 160) of 320 by 320 is (32, 48, 160, 120) of a frame of 320 by 240."""
    outputs = {"dets": np.array([[[32, 64, 160, 160, 0.9]]], np.float32) * 0.25, "labels": np.array([[0]])}
    outputs["dets"][..., 4] = 0.9
    card = CARD | {"input": {"width": 80, "height": 80, "resize": "stretch"}}
    left, top, width, height = look(outputs, card).items[0].box
    assert np.array([left, top, left + width, top + height]) * (320 / 200, 240 / 100, 320 / 200, 240 / 100) == pytest.approx(
        (32, 48, 160, 120), abs=1e-3
    )
