"""A model in MMEdu's format needs nothing but its path, names the project's pictures, and answers as XEdu's users know it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import pytest

from xmaker import Frame, Label, Plugins
from xmaker.testing import RunProject

PROJECT = Path(__file__).parents[2] / "projects/my_own_model"
NAMES = {"0_nothing": "没有", "1_apple": "苹果", "2_banana": "香蕉", "3_tangerine": "橘子", "4_strawberry": "草莓"}
SHOWN = {
    "0_nothing": [],
    "1_apple": ['screen.write("苹果 (apple): 3 ¥")', "light.on"],
    "2_banana": ['screen.write("香蕉 (banana): 2 ¥")', "light.on"],
    "3_tangerine": ['screen.write("橘子 (tangerine): 4 ¥")', "light.on"],
    "4_strawberry": ['screen.write("草莓 (strawberry): 9 ¥")', "light.on"],
}


def test_the_file_is_in_mmedus_format() -> None:
    card = Plugins.load().model(str(PROJECT / "fruit.onnx"), Path())
    assert (card.format, card.guessed) == ("MMEdu, MobileNet", [])
    assert [str(name) for name in card.label_names()] == list(NAMES.values())


@pytest.mark.parametrize("name", NAMES)
def test_each_picture_gets_its_name_and_its_price(xmaker_run: RunProject, name: str) -> None:
    run = xmaker_run(PROJECT)
    for _ in range(2):
        run.send("camera", Frame(cv2.imread(str(PROJECT / f"media/{name}.jpg"))))
        run.advance(0.6)
    label = next(event.value for event in reversed(run.events) if isinstance(event.value, Label))
    assert label.label == NAMES[name]
    assert sorted(run.actions) == sorted(SHOWN[name])
    result: dict[str, Any] = json.loads(json.dumps(label.as_xedu()))
    assert result["预测结果"] == NAMES[name]
    assert result["置信度"] > 0.6
