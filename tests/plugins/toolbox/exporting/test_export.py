"""`xmaker model export`: other engines' files answer as ONNX Runtime does, and run in a project by their card."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from xmaker_toolbox.exporting.run import export
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.progress import Cancelled

from tests.conftest import Run
from tests.plugins.toolbox.exporting.writers import ONNX2TF, refusal
from tests.plugins.toolbox.quantizing.networks import CARD, save, write_network
from xmaker import Frame, Plugins, toolbox

PNNX = pytest.mark.skipif(not (find_spec("pnnx") and find_spec("ncnn")), reason="needs: pip install --no-deps pnnx ncnn")
ENDINGS = [pytest.param(".ncnn.param", marks=PNNX), ".xml", pytest.param(".tflite", marks=ONNX2TF)]
FILES = {
    ".ncnn.param": ["shades.ncnn.bin", "shades.ncnn.param", "shades.ncnn.json"],
    ".xml": ["shades.bin", "shades.xml", "shades.openvino.json"],
    ".tflite": ["shades.tflite", "shades.json"],
}
COLOURS = {"red": (20, 30, 250), "green": (20, 250, 30), "blue": (250, 20, 30)}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_files_run_in_a_project_by_their_card(ending: str, tmp_path: Path) -> None:
    made = toolbox.export(write_network(tmp_path / "colours.onnx"), tmp_path / f"new/shades{ending}")
    assert [path.name for path in made.files] == FILES[ending]
    assert made.difference <= 1e-3 and made.tried > 3
    card = Plugins.load().model(str(made.files[-1]), tmp_path)
    assert (card.name, card.labels["zh"], card.licence) == ("shades", CARD["labels"]["zh"], CARD["licence"])
    with opened(Plugins.load(), "classifier", model=str(made.files[-1]), smooth=0) as node:
        for name, colour in COLOURS.items():
            assert node.run(Frame(np.full((40, 40, 3), colour, np.uint8))).label == name


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_engine_finds_the_files_beside_the_original(ending: str, tmp_path: Path) -> None:
    """`engine: ncnn` with `model: colours.onnx` is another way to say so."""
    model = write_network(tmp_path / "colours.onnx")
    made = export(model, tmp_path / f"colours{ending}")
    with opened(Plugins.load(), "classifier", model=str(model), engine=made.engine) as node:
        assert node.run(Frame(np.full((40, 40, 3), COLOURS["green"], np.uint8))).label == "green"


@PNNX
def test_outputs_keep_their_order_in_ncnn(tmp_path: Path) -> None:
    """ncnn itself lists those first that are computed first."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["picture"], ["mean"]),
        helper.make_node("Conv", ["picture", "w"], ["late"]),
        helper.make_node("GlobalMaxPool", ["late"], ["most"]),
        helper.make_node("Flatten", ["most"], ["a"]),
        helper.make_node("Flatten", ["mean"], ["b"]),
    ]
    path = save(tmp_path / "two.onnx", nodes, {"w": np.ones((3, 3, 3, 3), np.float32)}, "a")
    model = onnx.load(path)
    model.graph.output.append(helper.make_tensor_value_info("b", TensorProto.FLOAT, [1, 3]))
    onnx.save(model, path)
    assert export(path, tmp_path / "two.ncnn.param").difference <= 1e-3


def test_what_an_engine_cannot_do_is_told_of(tmp_path: Path) -> None:
    model = write_network(tmp_path / "colours.onnx")
    assert refusal(model, tmp_path / "colours.h5") == "XM539"
    assert refusal(model, tmp_path / ".xml") == "XM539"
    assert refusal(tmp_path / "nothing.onnx", tmp_path / "x.xml") == "XM604"
    own = write_network(tmp_path / "own.onnx", last=["Dream"])
    assert refusal(own, tmp_path / "own.xml") == "XM618"


@PNNX
def test_bytes_and_eight_bits_are_not_for_ncnn(tmp_path: Path) -> None:
    folded = toolbox.fold(write_network(tmp_path / "colours.onnx"), tmp_path / "bytes.onnx").path
    assert refusal(folded, tmp_path / "bytes.ncnn.param") == "XM576"
    assert refusal("imagenet", tmp_path / "imagenet.ncnn.param") == "XM576"


def test_eight_bits_are_refused_before_ncnn_is_asked_for_anything(tmp_path: Path, xmaker: Run) -> None:
    ran = xmaker("model", "export", "imagenet", tmp_path / "cats.ncnn.param")
    assert ran.code == 1 and "XM576" in ran.err and "DequantizeLinear" in ran.err
    assert "/xmaker-" not in ran.err and not list(tmp_path.iterdir())


def test_eight_bits_are_rounded_in_another_way_by_openvino(tmp_path: Path) -> None:
    assert refusal("imagenet", tmp_path / "cats.xml") == "XM577"


def test_somebody_elses_file_is_not_taken_for_the_card(tmp_path: Path) -> None:
    model = write_network(tmp_path / "colours.onnx")
    (tmp_path / "shades.openvino.json").write_text(json.dumps({"mine": 1}))
    assert refusal(model, tmp_path / "shades.xml") == "XM578"
    (tmp_path / "shades.openvino.json").unlink()
    export(model, tmp_path / "shades.xml")
    assert export(model, tmp_path / "shades.xml").files  # its own is written anew


@pytest.mark.parametrize("ending", [".xml", ".tflite", ".ncnn.param"])
def test_a_network_from_elsewhere_is_not_written_over(ending: str, tmp_path: Path) -> None:
    """Such as the file that Teachable Machine gave, which became the .onnx file."""
    model = write_network(tmp_path / "colours.onnx")
    (tmp_path / f"colours{ending}").write_text("theirs")
    assert refusal(model, tmp_path / f"colours{ending}") == "XM538"
    assert (tmp_path / f"colours{ending}").read_text() == "theirs"


def test_the_card_can_be_changed_by_the_name_of_either(tmp_path: Path) -> None:
    made = export(write_network(tmp_path / "colours.onnx"), tmp_path / "shades.xml")
    toolbox.edit_card(tmp_path / "shades.xml", values={"title": "Shades"})
    assert Plugins.load().model(str(made.files[-1]), tmp_path).title["en"] == "Shades"


@PNNX
def test_matrices_of_every_kind_come_out_right_in_ncnn(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    shapes = {"a": (3, 8), "b": (8, 8), "bias": (8,), "c": (3, 8), "last": (1, 3)}
    weights = {name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    nodes = [
        helper.make_node("GlobalAveragePool", ["picture"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["x"]),
        helper.make_node("MatMul", ["x", "a"], ["y"]),
        helper.make_node("Relu", ["y"], ["y1"]),
        helper.make_node("Gemm", ["y1", "b", "bias"], ["z"], alpha=0.5, beta=2.0),
        helper.make_node("Gemm", ["z", "c"], ["s"], transB=1),
        helper.make_node("Add", ["s", "last"], ["scores"]),
    ]
    assert export(save(tmp_path / "m.onnx", nodes, weights, "scores"), tmp_path / "m.ncnn.param").difference <= 1e-3


def test_a_network_without_a_card_must_be_given_one(tmp_path: Path) -> None:
    model = onnx.load(write_network(tmp_path / "colours.onnx"))
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "colours.onnx")
    assert refusal(tmp_path / "colours.onnx", tmp_path / "x.xml") == "XM606"


def test_it_ends_when_somebody_wishes(tmp_path: Path) -> None:
    def stop(part: float, doing: str = "") -> None:
        if part > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        export(write_network(tmp_path / "colours.onnx"), tmp_path / "colours.xml", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["colours.onnx"]


NEW = sys.version_info >= (3, 12)


@pytest.mark.parametrize(
    "library, ending, code",
    [("pnnx", ".ncnn.param", "XM601"), ("openvino", ".xml", "XM601"), ("onnx2tf", ".tflite", "XM601" if NEW else "XM906")],
)
def test_the_missing_library_is_named(library: str, ending: str, code: str, tmp_path: Path) -> None:
    """In a Python of its own, where the library cannot be found."""
    model = write_network(tmp_path / "colours.onnx")
    program = (
        "import importlib.util, sys; find = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda name, *more: None if name == {library!r} else find(name, *more)\n"
        "from xmaker.cli.app import execute; raise SystemExit(execute(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", program, "model", "export", str(model), str(tmp_path / f"colours{ending}")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and code in done.stderr and library in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["colours.onnx"]


def test_the_command_says_how_to_use_it(tmp_path: Path, xmaker: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    model = write_network(tmp_path / "colours.onnx")
    cv2.imwrite(str(tmp_path / "red.png"), np.full((40, 40, 3), COLOURS["red"], np.uint8))
    ran = xmaker("model", "export", model, tmp_path / "colours.xml")
    assert ran.code == 0 and f"In a project: model: {tmp_path / 'colours.openvino.json'} (it runs in openvino)." in ran.out
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "可以写的有" in xmaker("model", "export", model, tmp_path / "colours.h5").err
