"""Pictures are prepared for MMEdu's networks as BaseDT itself does it: golden.npz holds what the real one made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_cards import mmedu
from xmaker_vision.prepare import Preparer

from xmaker import OnnxFile, Tensor

from .make_golden import PICTURES, picture, some

GOLDEN = np.load(Path(__file__).with_name("golden.npz"))

SHAPES = {
    "LeNet": (1, 1, 32, 32),
    **dict.fromkeys(["ResNet18", "ResNet50", "ResNeXt", "ShuffleNet_v2", "VGG", "RepVGG", "MobileNet"], (1, 3, 224, 224)),
    "SSD_Lite": (1, 3, 320, 320),
    "Yolov3": (1, 3, 416, 416),
    "FasterRCNN": (1, 3, 0, 0),
    "Mask_RCNN": (1, 3, 0, 0),
    "Simcc_MobileNet_v2": (1, 3, 256, 192),
}
"""Backbone → the shape of the input in the files that MMEdu writes; 0 is any."""


def tensor_for(backbone: str, image: Any) -> Any:
    codebase = "MMPose" if "Simcc" in backbone else "MMDet" if SHAPES[backbone][2] not in (32, 224) else "MMCls"
    info = json.dumps({"codebase": codebase, "modelname": backbone, "classes": ["a", "b"]})
    outputs = [Tensor("probs", "float32", (1, 2))]
    card = mmedu.card_of(
        OnnxFile(Path("net.onnx"), {"MODEL_INFO": info}, [Tensor("input", "float32", SHAPES[backbone])], outputs)
    )
    assert card is not None
    return Preparer(card.input).tensor(image)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("backbone", SHAPES)
def test_a_tensor_is_what_basedt_makes(backbone: str, name: str) -> None:
    tensor = tensor_for(backbone, picture(*PICTURES[name]))
    assert tensor.dtype == np.float32
    assert tensor.shape == tuple(GOLDEN[f"{backbone}/{name}/shape"])
    wanted = GOLDEN[f"{backbone}/{name}/numbers"]
    assert np.abs(some(tensor) - wanted).max() <= 1e-6  # another OpenCV may round the last bit otherwise


def test_the_order_matters() -> None:
    """What a test with a tolerance can tell apart: resizing first is off by far more."""
    image = picture(*PICTURES["large"])
    made = Preparer(mmedu.picture_input(file_of(), [], **mmedu.COLOUR, crop=0.875, average=False)).tensor(image)
    assert np.abs(some(made) - GOLDEN["ResNet18/large/numbers"]).max() > 1e-3


def file_of() -> OnnxFile:
    return OnnxFile(Path("net.onnx"), {}, [Tensor("input", "float32", (1, 3, 224, 224))])
