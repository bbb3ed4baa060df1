"""`xmaker model export cats.onnx cats.tflite`: LiteRT's files, written by onnx2tf without TensorFlow."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from xmaker_toolbox.exporting import litert
from xmaker_toolbox.exporting.run import export
from xmaker_toolbox.nodes import opened

from tests.conftest import Run
from tests.plugins.toolbox.exporting.writers import ONNX2TF, refusal
from tests.plugins.toolbox.quantizing.networks import CARD, save, write_network, write_pictures
from xmaker import Frame, MissingDependency, Plugins, toolbox

RED = Frame(np.full((40, 40, 3), (20, 30, 250), np.uint8))


def with_outputs(path: Path, **shapes: Sequence[int]) -> Path:
    """Give a network these outputs instead of its scores."""
    model = onnx.load(path)
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items())
    onnx.save(model, path)
    return path


@ONNX2TF
def test_the_card_says_that_the_colours_come_last(tmp_path: Path) -> None:
    """Pictures are prepared so from the start; turning each one would take time."""
    made = export(write_network(tmp_path / "colours.onnx"), tmp_path / "shades.tflite")
    card = Plugins.load().model(str(made.files[-1]), tmp_path)
    assert card.input.layout == "NHWC" != CARD["input"]["layout"]
    with opened(Plugins.load(), "classifier", model=str(tmp_path / "shades.tflite")) as node:  # its name is enough
        assert node.run(RED).label == "red"


@ONNX2TF
def test_bytes_with_the_colours_last_stay_as_they_are(tmp_path: Path) -> None:
    folded = toolbox.fold(write_network(tmp_path / "colours.onnx"), tmp_path / "bytes.onnx").path
    made = export(folded, tmp_path / "bytes.tflite")
    card = Plugins.load().model(str(made.files[-1]), tmp_path)
    assert (card.input.layout, card.input.dtype) == ("NHWC", "uint8")
    with opened(Plugins.load(), "classifier", model=str(made.files[-1])) as node:
        assert node.run(RED).label == "red"


@ONNX2TF
def test_outputs_keep_their_sides(tmp_path: Path) -> None:
    """onnx2tf would leave out what turns an output last; a detector reads its boxes by their places."""
    nodes = [
        helper.make_node("Conv", ["picture", "w"], ["map"]),
        helper.make_node("Reshape", ["map", "flat"], ["rows"]),
        helper.make_node("Transpose", ["rows"], ["turned"], perm=[0, 2, 1]),
    ]
    weights = {"w": np.random.default_rng(0).normal(0, 1, (5, 3, 3, 3)).astype(np.float32), "flat": np.array([1, 5, 900])}
    path = with_outputs(save(tmp_path / "two.onnx", nodes, weights, "map"), map=[1, 5, 30, 30], turned=[1, 900, 5])
    assert export(path, tmp_path / "two.tflite").difference <= 1e-5


@ONNX2TF
@pytest.mark.parametrize("batch", [1, "n"])
def test_sizes_that_are_computed_and_an_open_batch_are_settled(batch: int | str, tmp_path: Path) -> None:
    """Half of the channels, as PyTorch's chunk() counts them in a ShuffleNet: of such sums onnx2tf makes what does not run."""
    nodes = [
        helper.make_node("Conv", ["picture", "w"], ["map"]),
        helper.make_node("Shape", ["map"], ["shape"]),
        helper.make_node("Gather", ["shape", "one"], ["channels"]),
        helper.make_node("Add", ["channels", "one"], ["more"]),
        helper.make_node("Div", ["more", "two"], ["half"]),
        helper.make_node("Mul", ["half", "two"], ["end"]),
        helper.make_node("Slice", ["map", "half", "end", "one"], ["second"]),
        helper.make_node("Conv", ["second", "v"], ["small"], pads=[1, 1, 1, 1]),
        helper.make_node("GlobalAveragePool", ["small"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["scores"]),
    ]
    random = np.random.default_rng(0)
    weights = {"w": random.normal(0, 1, (6, 3, 3, 3)), "v": random.normal(0, 1, (3, 3, 3, 3))}
    numbers = {"one": np.array([1]), "two": np.array([2])}
    stored = {**{name: values.astype(np.float32) for name, values in weights.items()}, **numbers}
    path = save(tmp_path / "half.onnx", nodes, stored, "scores", batch)
    assert export(path, tmp_path / "half.tflite").difference <= 1e-5


@ONNX2TF
def test_what_was_written_can_be_quantized(tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_quantizer")
    export(write_network(tmp_path / "colours.onnx"), tmp_path / "shades.tflite")
    data = write_pictures(tmp_path / "pictures", each=10)
    toolbox.quantize(tmp_path / "shades.tflite", tmp_path / "small.tflite", data=data, max_loss=5)
    with opened(Plugins.load(), "classifier", model=str(tmp_path / "small.json")) as node:
        assert node.run(RED).label == "red"


def test_eight_bits_are_refused_before_onnx2tf_is_asked_for_anything(tmp_path: Path, xmaker: Run) -> None:
    ran = xmaker("model", "export", "imagenet", tmp_path / "cats.tflite")
    assert ran.code == 1 and "XM907" in ran.err and "DequantizeLinear" in ran.err
    assert not list(tmp_path.iterdir())


@ONNX2TF
def test_what_litert_does_not_know_is_told_of(tmp_path: Path) -> None:
    """onnx2tf writes it down as an operation of its own; the engine refuses that, and its words come without our folders."""
    path = save(tmp_path / "own.onnx", [helper.make_node("Det", ["picture"], ["det"])], {}, "det")
    assert refusal(path, tmp_path / "own.tflite") == "XM576"


@ONNX2TF
def test_the_converter_says_nothing_and_leaves_nothing(tmp_path: Path, xmaker: Run, capfd: Any) -> None:
    model = write_network(tmp_path / "colours.onnx")
    ran = xmaker("model", "export", model, tmp_path / "colours.tflite")
    assert ran.code == 0 and len(ran.out.splitlines()) == 2 and not ran.err
    assert not any(capfd.readouterr())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["colours.json", "colours.onnx", "colours.tflite"]


@ONNX2TF
def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    """Pressed while onnx2tf runs."""
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    command = ["model", "export", str(write_network(tmp_path / "colours.onnx")), str(tmp_path / "colours.tflite")]
    program = "import sys; from xmaker.cli.app import execute; raise SystemExit(execute(sys.argv[1:]))"
    environment = {**os.environ, "TMPDIR": str(rooms)}
    running = subprocess.Popen([sys.executable, "-c", program, *command], env=environment, start_new_session=True)
    end = time.monotonic() + 60
    while not any(rooms.glob("xmaker-*/onnx2tf")) and time.monotonic() < end:
        assert running.poll() is None
        time.sleep(0.005)
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(30) == 130
    assert [path.name for path in tmp_path.iterdir() if path != rooms] == ["colours.onnx"] and not list(rooms.iterdir())


@pytest.mark.parametrize("python, code, words", [((3, 11), "XM906", "python3.12 -m venv"), ((3, 12), "XM601", "--no-deps")])
@pytest.mark.parametrize("missing, old", [("onnx2tf", "0"), ("psutil", "2.6.9"), ("", "1.29.4")])
def test_a_missing_or_an_old_converter_is_named(
    python: tuple[int, int], code: str, words: str, missing: str, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to 1.29, which Python 3.11 gets, it needs TensorFlow."""
    monkeypatch.setattr(litert, "find_spec", lambda name: None if name == missing else SimpleNamespace())
    monkeypatch.setattr(litert, "version", lambda name: old)
    monkeypatch.setattr(litert, "sys", SimpleNamespace(version_info=python, executable=sys.executable))
    with pytest.raises(MissingDependency) as caught:
        litert.require()
    assert caught.value.code == code and words in caught.value.problems[0].mend("en")
    monkeypatch.setattr(litert, "version", lambda name: "2.6.9")
    if not missing:
        litert.require()


def test_nothing_else_imports_the_writer() -> None:
    program = "import sys, xmaker.toolbox, xmaker_toolbox.exporting.run, xmaker_toolbox.plugin; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"onnx2tf", "xmaker_toolbox.exporting.litert"} & set(found)
