"""Of boxes that show the same thing, the best stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xmaker_detector import overlaps

SIDE = st.integers(0, 40)
THING = st.tuples(SIDE, SIDE, st.integers(1, 30), st.integers(1, 30), st.integers(1, 100), st.integers(0, 2))


def test_the_best_of_boxes_that_overlap_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]], np.float32)
    scores, labels = np.array([0.5, 0.9, 0.7], np.float32), np.zeros(3, np.int64)
    assert overlaps.suppress(boxes, scores, labels, 0.5).tolist() == [1, 2]
    assert overlaps.suppress(boxes, scores, labels, 0.9).tolist() == [1, 2, 0]


def test_a_cat_on_a_sofa_hides_nothing() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 10]], np.float32)
    assert overlaps.suppress(boxes, np.array([0.5, 0.9], np.float32), np.array([0, 1]), 0.5).tolist() == [1, 0]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy computer is no mistake
@given(st.lists(THING, max_size=overlaps.FEW), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_few_boxes_and_many_are_told_apart_alike(things: list[tuple[int, ...]], iou: float) -> None:
    table = np.array(things, np.float32).reshape(-1, 6)
    boxes = np.concatenate([table[:, :2], table[:, :2] + table[:, 2:4]], 1)
    scores, labels = table[:, 4] / 100, table[:, 5].astype(np.int64)
    few = overlaps.suppress(boxes, scores, labels, iou)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlaps, "FEW", 0)
        many = overlaps.suppress(boxes, scores, labels, iou)
    assert few.tolist() == many.tolist()
