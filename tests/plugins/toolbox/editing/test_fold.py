"""`xmaker model fold`: the network does itself what XMaker does to pictures, bit for bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from xmaker_toolbox.editing.fold import fold
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.progress import Cancelled
from xmaker_vision.prepare import Preparer

from tests.plugins.toolbox.quantizing.networks import write_network
from xmaker import Frame, ModelInput, Plugins, ProjectError, toolbox
from xmaker.cards import card_inside
from xmaker.cli.app import execute

MEDIA = Path(__file__).parents[4] / "projects/cat_dog/media"
IMAGENET = {"mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]}
KINDS = {"uint8": TensorProto.UINT8, "float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16}
INPUTS: dict[str, dict[str, Any]] = {
    "ImageNet": {"layout": "NCHW", "dtype": "float32", "colour": "RGB", **IMAGENET, "crop": 0.875},
    "ImageNet, last": {"dtype": "float32", "colour": "RGB", **IMAGENET},
    "Keras": {"dtype": "float32", "colour": "RGB", "mean": [127.5] * 3, "std": [127.5] * 3, "resize": "stretch"},
    "0 to 1": {"layout": "NCHW", "dtype": "float32", "std": [255.0] * 3, "resize": "letterbox", "grey": 114},
    "mean alone": {"layout": "NCHW", "dtype": "float32", "mean": [103.53, 116.28, 123.675]},
    "YOLO, any size": {
        "layout": "NCHW",
        "dtype": "float32",
        "colour": "RGB",
        "std": [255.0] * 3,
        "resize": "letterbox",
        "pad": 32,
    },
    "bytes": {"layout": "NCHW", "colour": "RGB"},
    "floats": {"dtype": "float32"},
    "halves": {"layout": "NCHW", "dtype": "float16", "colour": "RGB", **IMAGENET},
    "halves of bytes": {"dtype": "float16"},
    "grey": {"layout": "NCHW", "dtype": "float32", "colour": "GREY", "mean": [33.46], "std": [78.87]},
}


def write_echo(path: Path, wanted: ModelInput, opset: int = 13) -> Path:
    """Write a network that answers with what goes into it."""
    channels = 1 if wanted.colour.startswith("GREY") else 3
    height, width = (None, None) if wanted.pad else (wanted.height, wanted.width)
    shape = [1, channels, height, width] if wanted.layout == "NCHW" else [1, height, width, channels]
    ends = [helper.make_tensor_value_info(name, KINDS[wanted.dtype], shape) for name in ("picture", "seen")]
    graph = helper.make_graph([helper.make_node("Identity", ["picture"], ["seen"])], "echo", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    card = {"name": "echo", "task": "classify", "input": msgspec.to_builtins(wanted), "labels": {"en": ["a", "b"]}}
    helper.set_model_props(model, {"xmaker": json.dumps(card)})
    onnx.save(model, path)
    return path


def wanted_of(name: str) -> ModelInput:
    return msgspec.convert({"width": 48, "height": 32, **INPUTS[name]}, ModelInput)


def pictures() -> list[Any]:
    """Return photographs, and noise of odd sizes in which every byte occurs."""
    random = np.random.default_rng(0)
    photos = [cv2.imread(str(path)) for path in sorted(MEDIA.glob("*.jpg"))]
    return [*photos, *(random.integers(0, 256, (*size, 3), np.uint8) for size in ((33, 47), (32, 48), (500, 301)))]


def refusal(model: Path | str, out: Path) -> str:
    before = sorted(out.parent.iterdir())
    with pytest.raises(ProjectError) as caught:
        fold(model, out)
    assert sorted(out.parent.iterdir()) == before
    return caught.value.code


@pytest.mark.parametrize("colour", ["BGR", "RGB"])
@pytest.mark.parametrize("name", INPUTS)
def test_the_network_sees_the_same_bits(name: str, colour: Any, tmp_path: Path) -> None:
    wanted = wanted_of(name)
    made = fold(write_echo(tmp_path / "echo.onnx", wanted), tmp_path / "bytes.onnx", colour=colour)
    card = card_inside(made.path)
    assert card and card.labels == {"en": ["a", "b"]} and made.difference == 0
    given = card.input
    assert (given.layout, given.dtype, given.mean, given.std) == ("NHWC", "uint8", None, None)
    assert given.colour == (wanted.colour if wanted.colour == "GREY" else colour)
    run = onnxruntime.InferenceSession(made.path, providers=["CPUExecutionProvider"]).run
    raw, ready = Preparer(given), Preparer(wanted)
    for picture in pictures():
        assert run(None, {"image": raw.tensor(picture)})[0].tobytes() == ready.tensor(picture).tobytes()


def test_the_file_says_what_goes_in(tmp_path: Path) -> None:
    made = fold(write_echo(tmp_path / "echo.onnx", wanted_of("ImageNet")), tmp_path / "bytes.onnx")
    assert made.shape == (1, 32, 48, 3) and made.steps == ("Transpose", "Gather", "Cast", "Sub", "Mul")
    made = fold(write_echo(tmp_path / "any.onnx", wanted_of("YOLO, any size")), tmp_path / "bytes.onnx", colour="RGB")
    assert made.shape == (1, "?", "?", 3) and made.steps == ("Transpose", "Cast", "Mul")


def test_a_classifier_runs_it_and_says_the_same(tmp_path: Path) -> None:
    made = toolbox.fold(write_network(tmp_path / "colours.onnx"), tmp_path / "bytes.onnx")
    plugins = Plugins.load()
    for picture in pictures():
        with opened(plugins, "classifier", model=str(tmp_path / "colours.onnx")) as one:
            before = one.run(Frame(picture))
        with opened(plugins, "classifier", model=str(made.path)) as other:
            after = other.run(Frame(picture))
        assert after.label == before.label and after.score == pytest.approx(before.score, abs=1e-6)


def test_a_detector_runs_it_and_finds_the_same(tmp_path: Path) -> None:
    made = fold("face", tmp_path / "face.onnx", colour="RGB")  # its own order is BGR
    picture = Frame(cv2.imread(str(MEDIA / "astronaut.jpg")))
    with (
        opened(Plugins.load(), "detector", model="face") as one,
        opened(Plugins.load(), "detector", model=str(made.path)) as two,
    ):
        assert one.run(picture).items == two.run(picture).items != ()


def test_where_it_cannot_be_the_same_nothing_is_written(tmp_path: Path) -> None:
    first = msgspec.structs.replace(wanted_of("ImageNet"), normalise_first=True)  # as BaseDT does
    assert refusal(write_echo(tmp_path / "mmedu.onnx", first), tmp_path / "bytes.onnx") == "XM559"
    odd = msgspec.structs.replace(wanted_of("bytes"), mean=(10.0, 10.0, 10.0))
    assert refusal(write_echo(tmp_path / "odd.onnx", odd), tmp_path / "bytes.onnx") == "XM562"
    assert refusal("imagenet", tmp_path / "bytes.onnx") == "XM561"
    assert refusal("digits", tmp_path / "bytes.onnx") == "XM651"
    assert refusal(write_echo(tmp_path / "old.onnx", wanted_of("floats"), opset=6), tmp_path / "bytes.onnx") == "XM560"


def test_resizing_first_lets_a_file_of_mmedu_be_folded(tmp_path: Path) -> None:
    first = msgspec.structs.replace(wanted_of("ImageNet"), normalise_first=True)
    model = write_echo(tmp_path / "mmedu.onnx", first)
    other = toolbox.edit_card(model, tmp_path / "other.onnx", values={"input.normalise_first": "false"}).path
    assert fold(other, tmp_path / "bytes.onnx").difference == 0


def test_it_ends_when_somebody_wishes(tmp_path: Path) -> None:
    def stop(part: float, doing: str = "") -> None:
        if part > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        fold(write_network(tmp_path / "colours.onnx"), tmp_path / "bytes.onnx", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["colours.onnx"]


def test_a_network_without_a_card_must_be_given_one(tmp_path: Path) -> None:
    model = onnx.load(write_network(tmp_path / "colours.onnx"))
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "colours.onnx")
    assert refusal(tmp_path / "colours.onnx", tmp_path / "bytes.onnx") == "XM606"


def test_the_command_tells_what_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    model, out = str(write_network(tmp_path / "colours.onnx")), str(tmp_path / "bytes.onnx")
    assert execute(["model", "fold", model, out]) == 0
    assert "逐位相同" in capsys.readouterr().out
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert execute(["model", "fold", model, out, "--colour", "rgb"]) == 0
    assert "It takes (1, 32, 32, 3) uint8 in RGB now" in capsys.readouterr().out
    assert execute(["model", "fold", model, model]) == 1
    assert "xmaker model fold colours.onnx colours_new.onnx" in capsys.readouterr().err
