"""A TensorFlow Lite file in eight bits."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.quantizing.litert import LiteRtSource
from xmaker_toolbox.quantizing.run import quantize

from xmaker import Frame, MissingDependency, Plugins, ProjectError

from .networks import COLOURS, write_pictures, write_tflite

pytest.importorskip("ai_edge_quantizer", reason="pip install ai-edge-quantizer")


def kinds(file: Path) -> list[str]:
    """Return what the numbers of each tensor are."""
    from ai_edge_litert.interpreter import Interpreter

    return [one["dtype"].__name__ for one in Interpreter(str(file)).get_tensor_details()]


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


@pytest.mark.parametrize("kind", ["static", "dynamic"])
def test_a_file_of_an_older_tensorflow_becomes_smaller_too(tmp_path: Path, pictures: Path, kind: str) -> None:
    """The library takes all of its operations for additions, unless they are given in the newer way, and wants a signature."""
    made = quantize(write_tflite(tmp_path / "old.tflite", old=True), tmp_path / "small.tflite", data=pictures, kind=kind)
    assert made.chosen.accuracy == made.chosen.agreement == 1
    quantize(write_tflite(tmp_path / "new.tflite"), tmp_path / "same.tflite", data=pictures, kind=kind)
    assert kinds(tmp_path / "small.tflite") == kinds(tmp_path / "same.tflite")
    assert kinds(tmp_path / "small.tflite").count("int8") >= 2  # the weights


@pytest.mark.parametrize("kind", ["static", "dynamic"])
def test_a_matrix_of_onnx_keeps_its_answers(tmp_path: Path, pictures: Path, kind: str) -> None:
    made = quantize(write_tflite(tmp_path / "a.tflite", matmul=True), tmp_path / "small.tflite", data=pictures, kind=kind)
    assert made.chosen.accuracy == made.chosen.agreement == 1


def test_what_cannot_be_run_is_said_of_the_file_that_was_given(tmp_path: Path) -> None:
    card = Plugins.load().model(str(write_tflite(tmp_path / "colours.tflite")), Path())
    (made := tmp_path / "made").mkdir()
    with pytest.raises(ProjectError, match="colours") as caught:
        LiteRtSource(card, made).session(b"no network")
    assert str(made) not in str(caught.value)


def test_what_has_been_quantized_is_not_quantized_again(tmp_path: Path, pictures: Path) -> None:
    quantize(write_tflite(tmp_path / "colours.tflite"), tmp_path / "small.tflite", data=pictures)
    with pytest.raises(ProjectError) as caught:
        quantize(tmp_path / "small.json", tmp_path / "smaller.tflite", data=pictures)
    assert caught.value.code == "XM580"


@pytest.mark.parametrize(("out", "kind", "code"), [("small.onnx", "static", "XM587"), ("small.tflite", "float16", "XM909")])
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
