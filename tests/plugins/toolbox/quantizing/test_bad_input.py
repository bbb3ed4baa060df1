"""What cannot be quantized, and what goes wrong on the way: one message, and nothing half-written."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from xmaker_toolbox.quantizing.run import quantize

from tests.conftest import Run
from xmaker import MissingDependency, ProjectError

from .networks import save, write_network, write_pictures


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("data") / "pictures", each=2)


def refusal(model: Path, pictures: Path, out: str = "small.onnx", **options: Any) -> str:
    """Return the code of the message; the folder must be as it was."""
    before = sorted(model.parent.iterdir())
    with pytest.raises(ProjectError) as caught:
        quantize(model, model.with_name(out), data=pictures, methods=["minmax"], **options)
    assert sorted(model.parent.iterdir()) == before
    return caught.value.code


def test_what_has_been_quantized_is_not_quantized_again(tmp_path: Path, pictures: Path) -> None:
    made = quantize(write_network(tmp_path / "colours.onnx"), tmp_path / "small.onnx", data=pictures, methods=["minmax"])
    assert refusal(made.path, pictures, "smaller.onnx") == "XM580"
    with pytest.raises(ProjectError, match="QuantizeLinear"):
        quantize("cat-dog", tmp_path / "cats.onnx", data=pictures)


def test_the_original_is_not_overwritten(tmp_path: Path, pictures: Path) -> None:
    model = write_network(tmp_path / "colours.onnx")
    assert refusal(model, pictures, "colours.onnx") == "XM587"
    assert refusal(model, pictures, "colours.tflite") == "XM587"


def test_somebodys_network_is_not_overwritten(tmp_path: Path, pictures: Path) -> None:
    model = write_network(tmp_path / "colours.onnx")
    other = onnx.load(str(model))
    other.producer_name = "pytorch"
    onnx.save(other, str(tmp_path / "other.onnx"))
    before = (tmp_path / "other.onnx").read_bytes()
    assert refusal(model, pictures, "other.onnx") == "XM538"
    assert (tmp_path / "other.onnx").read_bytes() == before


def test_a_network_without_a_card_is_not_guessed_at(tmp_path: Path, pictures: Path) -> None:
    model = onnx.load(str(write_network(tmp_path / "colours.onnx")))
    del model.metadata_props[:]
    onnx.save(model, str(tmp_path / "colours.onnx"))
    assert refusal(tmp_path / "colours.onnx", pictures) == "XM606"


def test_a_batch_of_its_own_is_named(tmp_path: Path, pictures: Path) -> None:
    assert refusal(write_network(tmp_path / "colours.onnx", batch=4), pictures) == "XM584"


def test_a_graph_without_weights_gains_nothing(tmp_path: Path, pictures: Path) -> None:
    nodes = [helper.make_node("ReduceMean", ["picture"], ["scores"], axes=[2, 3], keepdims=0)]
    assert refusal(save(tmp_path / "mean.onnx", nodes, {}, "scores"), pictures) == "XM595"


def test_an_operation_that_nobody_knows_is_named(tmp_path: Path, pictures: Path) -> None:
    model = onnx.load(str(write_network(tmp_path / "colours.onnx")))
    model.graph.node[1].op_type, model.graph.node[1].domain = "Sparkle", "com.example"
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    onnx.save(model, str(tmp_path / "colours.onnx"))
    with pytest.raises(ProjectError, match="Sparkle") as caught:
        quantize(tmp_path / "colours.onnx", tmp_path / "small.onnx", data=pictures)
    assert caught.value.code == "XM584"


def test_an_operation_that_the_quantizer_does_not_know_stays_in_floats(tmp_path: Path, pictures: Path) -> None:
    model = onnx.load(str(write_network(tmp_path / "colours.onnx")))
    model.graph.node[3].op_type = "Softplus"
    onnx.save(model, str(tmp_path / "colours.onnx"))
    made = quantize(tmp_path / "colours.onnx", tmp_path / "small.onnx", data=pictures, methods=["minmax"])
    assert made.chosen.agreement == 1
    assert "Softplus" in [node.op_type for node in onnx.load(str(made.path)).graph.node]


def test_two_inputs_are_one_too_many(tmp_path: Path, pictures: Path) -> None:
    model = onnx.load(str(write_network(tmp_path / "colours.onnx")))
    model.graph.input.append(helper.make_tensor_value_info("size", TensorProto.FLOAT, [1, 2]))
    onnx.save(model, str(tmp_path / "colours.onnx"))
    assert refusal(tmp_path / "colours.onnx", pictures) == "XM584"


def test_answers_that_are_no_numbers_are_the_originals_fault(tmp_path: Path, pictures: Path) -> None:
    model = write_network(tmp_path / "colours.onnx", last=["Neg", "Sqrt"])
    assert refusal(model, pictures) == "XM585"


@pytest.mark.parametrize(("library", "name"), [(None, "onnx"), (SimpleNamespace(__version__="1.18.1"), "onnxruntime")])
def test_a_library_that_is_missing_or_too_old_is_named(
    tmp_path: Path, pictures: Path, library: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = write_network(tmp_path / "colours.onnx")
    monkeypatch.setenv("XMAKER_VERBOSE", "1")
    monkeypatch.setitem(sys.modules, name, library)
    with pytest.raises(MissingDependency, match=name) as caught:
        quantize(model, tmp_path / "small.onnx", data=pictures)
    assert caught.value.code == "XM601"
    assert "xmaker[toolbox]" in caught.value.hint


def test_a_damaged_file(tmp_path: Path, pictures: Path) -> None:
    path = write_network(tmp_path / "colours.onnx")
    path.write_bytes(path.read_bytes()[:1000])
    assert refusal(path, pictures) == "XM605"


def test_pictures_that_show_nothing_are_left_out(xmaker: Run, tmp_path: Path, pictures: Path) -> None:
    folder = write_pictures(tmp_path / "data", each=1)
    whole = (folder / "red" / "0.png").read_bytes()
    (folder / "red" / "half.png").write_bytes(whole[: len(whole) // 2])
    (folder / "red" / "text.jpg").write_text("no picture")
    cv2.imwrite(str(folder / "red" / "pixel.png"), np.zeros((1, 1, 3), np.uint8))
    cv2.imwrite(str(folder / "red" / "grey.png"), np.full((40, 40), 200, np.uint8))
    ran = xmaker("model", "quantize", write_network(tmp_path / "c.onnx"), tmp_path / "small.onnx", "--data", folder)
    assert ran.code == 0, ran.err
    assert "3 pictures were left out" in ran.err
    assert "half.png, pixel.png, text.jpg" in ran.err
    assert "Only 4 pictures to calibrate with" in ran.err


def test_nothing_but_bad_pictures(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.jpg").write_text("no picture")
    assert refusal(write_network(tmp_path / "colours.onnx"), tmp_path / "data") == "XM596"


def run(folder: Path, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Start the command in a process of its own, whose temporary files go to `folder/tmp`."""
    (folder / "tmp").mkdir()
    command = [sys.executable, "-m", "xmaker", "model", "quantize", *map(str, arguments)]
    surroundings = os.environ | {"TMPDIR": str(folder / "tmp"), "LANG": "en_US.UTF-8"}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, env=surroundings, **pipes, **options)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_kill_leave_nothing_behind(tmp_path: Path, pictures: Path, number: signal.Signals) -> None:
    model = write_network(tmp_path / "colours.onnx")
    with run(tmp_path, model, tmp_path / "small.onnx", "--data", pictures) as child:
        while not list((tmp_path / "tmp").glob("*/prepared.onnx")) and child.poll() is None:
            time.sleep(0.01)
        child.send_signal(number)
        _, err = child.communicate(timeout=20)
    assert child.returncode == 130, err
    assert "Stopped." in err
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["colours.onnx", "tmp"]


def test_no_room_on_the_disk_leaves_nothing_half_written(tmp_path: Path, pictures: Path) -> None:
    """A limit on the size of files is as good: the new model is a little larger than its graph."""
    model = write_network(tmp_path / "colours.onnx")
    (tmp_path / "small.onnx").write_text("what was there before")
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    with run(tmp_path, model, tmp_path / "small.onnx", "--data", pictures, preexec_fn=limit) as child:
        _, err = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "Traceback" not in err
    assert "XM" in err
    assert (tmp_path / "small.onnx").read_text() == "what was there before"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["colours.onnx", "small.onnx", "tmp"]
