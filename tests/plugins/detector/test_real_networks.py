"""Real networks find the boxes that their outputs mean, written out box by box. Files and pictures are no part of XMaker."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from xmaker_detector.node import Detector
from xmaker_toolbox.nodes import Host

from xmaker import Frame, Plugins

from .written_out import Row, best_of_each, fastestdet, nanodet, ssd, ssd_anchors

MEDIA, ZOO = (Path(os.environ.get(name, "")) for name in ("XMAKER_TEST_MEDIA", "XMAKER_TEST_MODELS"))
PICTURES, LEAST, IOU = 16, 0.3, 0.5
pytestmark = pytest.mark.skipif(
    not ("XMAKER_TEST_MEDIA" in os.environ and "XMAKER_TEST_MODELS" in os.environ),
    reason="needs pictures of COCO, and the networks nanodet_m_416, fastestdet_352 and ssd_mobilenet_v1_coco_fp32: "
    "XMAKER_TEST_MEDIA, XMAKER_TEST_MODELS",
)


def rows_of(name: str, outputs: list[Any], side: int) -> list[Row]:
    """Return what the outputs of one of the three networks mean."""
    if name.startswith("nanodet"):
        levels = zip((8, 16, 32), outputs[:3], outputs[3:], strict=True)
        return nanodet(side, side, [(stride, scores[0], sides[0]) for stride, scores, sides in levels])
    if name.startswith("fastestdet"):
        return fastestdet(side, side, outputs[0][0])
    return ssd(outputs[1][0], outputs[0][0], ssd_anchors(side, side))


@pytest.mark.parametrize("name", ["nanodet_m_416", "fastestdet_352", "ssd_mobilenet_v1_coco_fp32"])
def test_boxes_are_those_that_the_outputs_mean(name: str, tmp_path: Path) -> None:
    """The file and a list of labels beside it are all that is given."""
    file = shutil.copy(ZOO / f"{name}.onnx", tmp_path)
    labels = ZOO.parent / "coco90_labels.txt" if name.startswith("ssd") else MEDIA / "coco/names80.txt"
    shutil.copy(labels, tmp_path / f"{name}.txt")
    node: Any = Detector(model=str(file), min_score=LEAST, iou=IOU)
    node.host = Host(Plugins.load())
    node.open()
    compared = 0
    for path in sorted((MEDIA / "coco/images").glob("*.jpg"))[:PICTURES]:
        image = cv2.imread(str(path))
        found = [item for item in node.run(Frame(image, path.name)).items if item.score >= LEAST]
        tensor = node._finder._preparer.tensor(image)
        outputs = [np.array(one) for one in node._finder._session.run(tensor)]
        wanted = best_of_each(rows_of(name, outputs, tensor.shape[2]), LEAST, IOU)
        assert [item.number for item in found] == [row[5] for row in wanted]
        scale = np.array([image.shape[1], image.shape[0]] * 2) / tensor.shape[2]
        ends = np.array([image.shape[1], image.shape[0]] * 2)
        for item, row in zip(found, wanted, strict=True):
            left, top, width, height = item.box
            assert np.clip(np.array(row[:4]) * scale, 0, ends) == pytest.approx(
                [left, top, left + width, top + height], abs=2e-3
            )
            assert item.score == pytest.approx(row[4], abs=1e-5)
        compared += len(found)
    assert compared > PICTURES


def test_the_anchors_are_those_of_the_file_but_for_its_rounding() -> None:
    """TensorFlow Lite has them in 8 bits: each step is 0.0065 of the picture's side."""
    theirs = np.load(ZOO / "ssd_mobilenet_v1_anchors_cyxhw.npy")
    assert np.abs(np.array(ssd_anchors(300, 300)) / 300 - theirs).max() < 0.00325
