"""A TensorFlow Lite file in eight bits."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.quantizing.run import quantize

from xmaker import Frame, MissingDependency, Plugins, ProjectError

from .networks import COLOURS, write_pictures, write_tflite

pytest.importorskip("ai_edge_quantizer", reason="pip install ai-edge-quantizer")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("data") / "pictures")


@pytest.mark.parametrize(("kind", "name"), [("static", "minmax"), ("dynamic", "dynamic")])
def test_the_smaller_network_gives_the_same_answers_in_a_project(tmp_path: Path, pictures: Path, kind: str, name: str) -> None:
    made = quantize(write_tflite(tmp_path / "colours.tflite"), tmp_path / "small.tflite", data=pictures, kind=kind)
    assert [one.name for one in made.candidates] == [name]
    assert made.original.accuracy == made.chosen.accuracy == made.chosen.agreement == 1
    card = Plugins.load().model(str(tmp_path / "small.json"), Path())
    assert (card.path, card.calibration["method"]) == (tmp_path / "small.tflite", name)
    with opened(Plugins.load(), "classifier", model=str(tmp_path / "small.json"), smooth=0.0) as node:
        for colour in COLOURS:
            assert node.run(Frame(cv2.imread(str(pictures / colour / "3.png")), colour)).label == colour


def test_what_has_been_quantized_is_not_quantized_again(tmp_path: Path, pictures: Path) -> None:
    quantize(write_tflite(tmp_path / "colours.tflite"), tmp_path / "small.tflite", data=pictures)
    with pytest.raises(ProjectError) as caught:
        quantize(tmp_path / "small.json", tmp_path / "smaller.tflite", data=pictures)
    assert caught.value.code == "XM580"


@pytest.mark.parametrize(("out", "kind", "code"), [("small.onnx", "static", "XM587"), ("small.tflite", "float16", "XM584")])
def test_what_it_cannot_become_is_said(tmp_path: Path, pictures: Path, out: str, kind: str, code: str) -> None:
    model = write_tflite(tmp_path / "colours.tflite")
    with pytest.raises(ProjectError) as caught:
        quantize(model, tmp_path / out, data=pictures, kind=kind)
    assert caught.value.code == code
    assert not (tmp_path / out).exists()


def test_the_library_that_is_missing_is_named(tmp_path: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ai_edge_quantizer", None)
    with pytest.raises(MissingDependency, match="ai-edge-quantizer"):
        quantize(write_tflite(tmp_path / "colours.tflite"), tmp_path / "small.tflite", data=pictures)
