"""`xmaker model simplify`: what training left is taken out, the answers stay, and nothing is written when they do not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from xmaker_toolbox.editing.simplify import simplify
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.pictures import load_picture
from xmaker_toolbox.progress import Cancelled

from tests.plugins.toolbox.quantizing.networks import COLOURS, save, write_network
from xmaker import Frame, MissingDependency, Plugins, ProjectError, toolbox
from xmaker.cards import card_inside
from xmaker.cli.app import execute

ROOT = Path(__file__).parents[4]
PHOTO = ROOT / "projects/cat_dog/media/cat1.jpg"


def write_trainee(path: Path, training: bool = True) -> Path:
    """Write Conv, BatchNormalization, Dropout, Identity, Relu, mean, Gemm, as torch exports a network that still learns."""
    random = np.random.default_rng(0)
    shapes = {"conv": (8, 3, 3, 3), "bias": (8,), "scale": (8,), "mean": (8,), "head": (8, 3), "unused": (500, 100)}
    weights: dict[str, Any] = {name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    weights |= {"variance": np.ones(8, np.float32), "ratio": np.float32(0.5), "training": np.array(training)}
    outputs = ["b", "new_mean", "new_variance"] if training else ["b"]
    nodes = [
        helper.make_node("Conv", ["picture", "conv"], ["a"]),
        helper.make_node(
            "BatchNormalization", ["a", "scale", "bias", "mean", "variance"], outputs, training_mode=int(training)
        ),
        helper.make_node("Dropout", ["b", "ratio", "training"], ["c", "mask"]),
        helper.make_node("Identity", ["c"], ["d"]),
        helper.make_node("Relu", ["d"], ["e"]),
        helper.make_node("GlobalAveragePool", ["e"], ["f"]),
        helper.make_node("Flatten", ["f"], ["g"]),
        helper.make_node("Gemm", ["g", "head"], ["h"]),
    ]
    return save(path, nodes, weights, "h", opset=14)


def answer(path: Path, picture: Any) -> Any:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {"picture": picture})[0]


def refusal(model: Path | str, out: Path) -> str:
    """Return the code of the message; nothing may be written."""
    before = sorted(out.parent.iterdir())
    with pytest.raises(ProjectError) as caught:
        simplify(model, out)
    assert sorted(out.parent.iterdir()) == before
    return caught.value.code


def test_what_training_left_is_taken_out(tmp_path: Path) -> None:
    learning, learnt = write_trainee(tmp_path / "a.onnx"), write_trainee(tmp_path / "b.onnx", training=False)
    made = simplify(learning, tmp_path / "small.onnx")
    assert made.trained == {"BatchNormalization": 1, "Dropout": 1}
    assert set(made.after.nodes) == {"Conv", "Relu", "GlobalAveragePool", "Flatten", "Gemm"}
    assert made.taken == {"BatchNormalization": 1, "Dropout": 1, "Identity": 1}
    assert made.after.weights < made.before.weights - 50_000  # the unused ones
    assert made.after.bytes == made.path.stat().st_size < learning.stat().st_size / 50
    picture = np.random.default_rng(1).random((1, 3, 32, 32), np.float32)
    assert np.allclose(answer(made.path, picture), answer(learnt, picture), atol=1e-6)


def test_the_card_and_what_other_programs_wrote_is_kept(tmp_path: Path) -> None:
    made = simplify(write_trainee(tmp_path / "colours.onnx", training=False), tmp_path / "small.onnx")
    assert not made.trained and made.difference <= 1e-5 and made.tried > 3
    card = card_inside(made.path)
    assert card and card.name == "small" and card.file == "small.onnx" and card.labels["zh"] == ["红", "绿", "蓝"]
    assert {"theirs": "kept"}.items() <= {one.key: one.value for one in onnx.load(made.path).metadata_props}.items()


def test_a_network_without_a_card_has_none_afterwards(tmp_path: Path) -> None:
    model = onnx.load(write_trainee(tmp_path / "a.onnx", training=False))
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "a.onnx")
    made = simplify(tmp_path / "a.onnx", tmp_path / "b.onnx")
    assert made.taken and card_inside(made.path) is None


def test_a_detector_of_the_catalog_sees_the_same(tmp_path: Path) -> None:
    made = toolbox.simplify("face", tmp_path / "face.onnx")
    picture = Frame(load_picture(ROOT / "projects/cat_dog/media/astronaut.jpg"))
    with (
        opened(Plugins.load(), "detector", model="face") as one,
        opened(Plugins.load(), "detector", model=str(made.path)) as other,
    ):
        before, after = one.run(picture).items, other.run(picture).items
    assert len(before) == len(after) == 1 and str(after[0].label) == "face"
    assert after[0].score == pytest.approx(before[0].score, abs=1e-6)


def test_sounds_are_tried_with_random_numbers(tmp_path: Path) -> None:
    made = simplify("digits", tmp_path / "digits.onnx")
    assert made.taken["Unsqueeze"] and made.difference <= 1e-5


def test_a_network_that_throws_dice_is_not_written(tmp_path: Path) -> None:
    """ONNX Runtime draws other numbers when a step before them is gone."""
    model = write_network(tmp_path / "dice.onnx", last=["Identity", "RandomNormalLike"])
    assert refusal(model, tmp_path / "small.onnx") == "XM551"


def test_what_cannot_be_simplified_is_told_of(tmp_path: Path) -> None:
    model = write_network(tmp_path / "colours.onnx")
    assert refusal(model, model) == "XM552"
    assert refusal(model, tmp_path / "small.tflite") == "XM552"
    assert refusal(tmp_path / "nothing.onnx", tmp_path / "small.onnx") == "XM604"
    (tmp_path / "page.onnx").write_bytes(b"<html>log in</html>")
    assert refusal(tmp_path / "page.onnx", tmp_path / "small.onnx") == "XM605"
    assert refusal(write_network(tmp_path / "own.onnx", last=["Dream"]), tmp_path / "small.onnx") == "XM550"


def test_it_ends_when_somebody_wishes(tmp_path: Path) -> None:
    def stop(part: float, doing: str = "") -> None:
        if part > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        simplify(write_network(tmp_path / "colours.onnx"), tmp_path / "small.onnx", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["colours.onnx"]


def test_the_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxslim", None)
    with pytest.raises(MissingDependency, match="onnxslim"):
        simplify(write_network(tmp_path / "colours.onnx"), tmp_path / "small.onnx")


def test_the_command_tells_what_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    write_trainee(tmp_path / "a.onnx")
    assert execute(["model", "simplify", str(tmp_path / "a.onnx"), str(tmp_path / "b.onnx")]) == 0
    said = capsys.readouterr()
    assert "warning XM555" in said.err and "1 Dropout" in said.err
    assert "before  8      50,2" in said.out and "No longer there: 1 BatchNormalization, 1 Dropout, 1 Identity." in said.out
    assert len(COLOURS) == len(card_inside(tmp_path / "b.onnx").label_names())  # type: ignore[union-attr]
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert execute(["model", "simplify", str(tmp_path / "b.onnx"), str(tmp_path / "c.onnx")]) == 0
    assert "之后" in (shown := capsys.readouterr()).out
    assert shown.err == f"警告 XM665: {tmp_path / 'c.onnx'} 没有比原文件小：没有可以去掉的东西。\n"


def test_weights_of_a_branch_are_not_lost(tmp_path: Path) -> None:
    """An If has graphs of its own, which read the weights of the outer one."""
    scores = helper.make_tensor_value_info("s", TensorProto.FLOAT, [1, 3])
    branch = [helper.make_graph([helper.make_node(kind, ["flat", "w"], ["s"])], kind, [], [scores]) for kind in ("Add", "Mul")]
    nodes = [
        helper.make_node("GlobalAveragePool", ["picture"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("ReduceMax", ["flat"], ["most"], keepdims=0),
        helper.make_node("Greater", ["most", "half"], ["bright"]),
        helper.make_node("If", ["bright"], ["z"], then_branch=branch[0], else_branch=branch[1]),
    ]
    weights = {"w": np.array([[1, 2, 3]], np.float32), "half": np.float32(0.5)}
    made = simplify(save(tmp_path / "branch.onnx", nodes, weights, "z"), tmp_path / "small.onnx")
    kept = [numpy_helper.to_array(one).tolist() for one in onnx.load(made.path).graph.initializer]
    assert [[1, 2, 3]] in kept
