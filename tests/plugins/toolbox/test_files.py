"""A file that is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from onnx import TensorProto, helper
from xmaker_toolbox.files import require_own, require_report, whole

from xmaker import ProjectError

CARD = '{"name": "cats", "task": "classify", "input": {"width": 8, "height": 8}, "file": "cats.onnx"}'


def test_what_goes_wrong_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.onnx"
    with whole(target) as part:
        part.write_text("first")
    with pytest.raises(KeyboardInterrupt), whole(target) as part:
        part.write_text("second, half")
        raise KeyboardInterrupt
    assert target.read_text() == "first"
    assert os.listdir(target.parent) == ["a.onnx"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="cannot be written"), whole(tmp_path / "file" / "a.onnx") as part:
        part.write_text("x")


def test_a_folder_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "cats.onnx").mkdir()
    with pytest.raises(ProjectError, match="directory") as caught:
        require_own(tmp_path / "cats.onnx")
    assert caught.value.code == "XM490"


@pytest.mark.parametrize("name", ["resnet.onnx", "resnet.tflite", "notes.onnx"])
def test_somebodys_work_is_not_written_over(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"" if name == "notes.onnx" else network_of("pytorch"))
    with pytest.raises(ProjectError) as caught:
        require_own(tmp_path / name)
    assert caught.value.code == "XM538"


def test_what_the_toolbox_made_may_be_made_anew(tmp_path: Path) -> None:
    (tmp_path / "cats.onnx").write_bytes(network_of("xmaker"))
    (tmp_path / "cats.tflite").write_bytes(b"network")
    (tmp_path / "cats.json").write_text(CARD)
    for name in ("cats.onnx", "cats.tflite", "not there.onnx"):
        require_own(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "endings", "code"),
    [
        ("cats.onnx", (".json",), "XM663"),
        ("cat1.jpg", (".html", ".htm"), "XM663"),
        ("card.json", (".json",), "XM538"),
    ],
)
def test_a_report_takes_no_models_or_pictures_place(name: str, endings: tuple[str, ...], code: str, tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(CARD)
    with pytest.raises(ProjectError) as caught:
        require_report(tmp_path / name, *endings)
    assert caught.value.code == code


def test_a_report_may_be_written_anew(tmp_path: Path) -> None:
    (tmp_path / "figures.json").write_text("[]")
    require_report(tmp_path / "figures.json", ".json")
    require_report(tmp_path / "PAGE.HTML", ".html", ".htm")


def network_of(producer: str) -> bytes:
    """Return an ONNX file of that producer."""
    shape = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])], "g", [shape], [helper.make_tensor_value_info("y", 1, [1])]
    )
    made: bytes = helper.make_model(graph, producer_name=producer).SerializeToString()
    return made
