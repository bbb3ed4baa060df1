"""A network in eight bits: what is tried, what is taken, what is written."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.progress import Cancelled
from xmaker_toolbox.quantizing.run import quantize

from tests.conftest import Run
from xmaker import Frame, Plugins, ProjectError, toolbox

from .networks import COLOURS, write_network, write_pictures


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("data") / "pictures")


def operations(path: Path) -> list[str]:
    return [node.op_type for node in onnx.load(str(path)).graph.node]


def test_the_smaller_network_gives_the_same_answers_in_a_project(tmp_path: Path, pictures: Path) -> None:
    model = write_network(tmp_path / "colours.onnx")
    made = toolbox.quantize(model, tmp_path / "small.onnx", data=pictures)
    assert [one.name for one in made.candidates] == ["minmax", "percentile", "entropy"]
    assert made.chosen in made.candidates
    assert made.chosen.agreement == made.original.accuracy == 1
    assert made.chosen.loss <= 1
    assert made.chosen.bytes < made.original.bytes
    assert (made.calibrated, made.tested, made.labelled) == (15, 15, 15)
    with opened(Plugins.load(), "classifier", model=str(made.path), smooth=0.0) as node:
        for colour in COLOURS:
            image = cv2.imread(str(pictures / colour / "3.png"))
            assert node.run(Frame(image, colour)).label == colour


def test_the_card_says_what_was_done(tmp_path: Path, pictures: Path) -> None:
    made = quantize(write_network(tmp_path / "colours.onnx"), tmp_path / "small.onnx", data=pictures, methods=["minmax"])
    card = Plugins.load().model(str(made.path), Path())
    assert (card.name, card.file, card.licence) == ("small", "small.onnx", "Apache-2.0")
    assert card.label_names()[0] == "红"
    assert card.calibration["method"] == "minmax"
    assert card.calibration["pictures"] == 15
    assert card.calibration["saturates"] is False
    assert [row["precision"] for row in card.accuracy] == ["fp32", "minmax"]
    metadata = {entry.key: entry.value for entry in onnx.load(str(made.path)).metadata_props}
    assert metadata["theirs"] == "kept"


@pytest.mark.parametrize(("target", "kind"), [("x86", onnx.TensorProto.UINT8), ("arm", onnx.TensorProto.INT8)])
def test_each_processor_gets_the_numbers_that_it_multiplies_fastest(
    tmp_path: Path, pictures: Path, target: str, kind: int
) -> None:
    made = quantize(
        write_network(tmp_path / "colours.onnx"), tmp_path / "small.onnx", data=pictures, target=target, methods=["minmax"]
    )
    graph = onnx.load(str(made.path)).graph
    stored = {tensor.name: tensor for tensor in graph.initializer}
    zeros = [stored[node.input[2]] for node in graph.node if node.op_type == "QuantizeLinear"]
    onnx.checker.check_model(onnx.load(str(made.path)), full_check=True)
    assert {zero.data_type for zero in zeros} == {kind}
    scales = [stored[node.input[1]] for node in graph.node if node.op_type == "DequantizeLinear" and node.input[0] in stored]
    assert sorted(list(scale.dims) for scale in scales if scale.dims) == [[3], [16], [16], [32]]  # one for each channel


def test_layers_that_cannot_bear_it_stay_as_they_are(tmp_path: Path, pictures: Path) -> None:
    model = write_network(tmp_path / "colours.onnx", loud=5000)
    made = quantize(model, tmp_path / "small.onnx", data=pictures, methods=["minmax"])
    assert made.candidates[0].loss > 20
    assert made.candidates[0].agreement < 0.8
    assert made.chosen.loss <= 1
    assert made.chosen.floats
    assert Plugins.load().model(str(made.path), Path()).calibration["float_layers"] == list(made.chosen.floats)


def test_what_comes_after_the_last_layer_stays_exact(tmp_path: Path, pictures: Path) -> None:
    model = write_network(tmp_path / "colours.onnx", last=["Sigmoid", "Softmax"])
    made = quantize(model, tmp_path / "small.onnx", data=pictures, methods=["minmax"])
    assert operations(made.path)[-2:] == ["Sigmoid", "Softmax"]


@pytest.mark.parametrize(("batch", "opset"), [("n", 13), (1, 11), (1, 18)])
def test_any_batch_and_any_set_of_operations(tmp_path: Path, pictures: Path, batch: int | str, opset: int) -> None:
    model = write_network(tmp_path / "colours.onnx", batch=batch, opset=opset)
    made = quantize(model, tmp_path / "small.onnx", data=pictures, methods=["minmax"])
    assert made.chosen.agreement == 1
    assert onnx.load(str(made.path)).graph.input[0].type.tensor_type.shape.dim[0].dim_value == 1


@pytest.mark.parametrize(("kind", "size"), [("dynamic", 0.6), ("float16", 0.8)])
def test_other_kinds(tmp_path: Path, pictures: Path, kind: str, size: float) -> None:
    made = quantize(write_network(tmp_path / "colours.onnx"), tmp_path / "small.onnx", data=pictures, kind=kind)
    assert [one.name for one in made.candidates] == [kind]
    assert made.chosen.agreement == 1
    assert made.chosen.bytes < size * made.original.bytes


def test_other_pictures_can_be_tested_on(tmp_path: Path, pictures: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("".join(["file,class_index\n", *(f"{pictures}/{COLOURS[n]}/0.png,{n}\n" for n in range(3))]))
    made = quantize(
        write_network(tmp_path / "colours.onnx"), tmp_path / "small.onnx", data=pictures, test=table, methods=["minmax"]
    )
    assert (made.calibrated, made.tested, made.labelled) == (30, 3, 3)
    assert made.chosen.accuracy == 1


def test_the_measure_of_what_is_lost_can_be_given(tmp_path: Path, pictures: Path) -> None:
    """Here it calls whatever comes after the original wrong: nothing is good enough, and nothing is written."""
    asked: list[int] = []

    def metric(tested: object, answers: list[np.ndarray]) -> float:
        asked.append(len(answers))
        return float(all(answer.argmax() == 0 for answer in answers) or len(asked) == 1)

    with pytest.raises(ProjectError) as caught:
        quantize(write_network(tmp_path / "colours.onnx"), tmp_path / "small.onnx", data=pictures, metric=metric)
    assert caught.value.code == "XM586"
    assert not (tmp_path / "small.onnx").exists()
    assert set(asked) == {15}


def test_it_can_be_ended_whenever_it_says_how_far_it_is(tmp_path: Path, pictures: Path) -> None:
    told: list[float] = []
    last = 0

    def progress(part: float, doing: str = "") -> None:
        told.append(part)
        if len(told) == last:
            raise Cancelled

    def work() -> None:
        told.clear()
        quantize(model, tmp_path / "small.onnx", data=pictures, methods=["minmax"], progress=progress)

    model = write_network(tmp_path / "colours.onnx")
    work()
    (tmp_path / "small.onnx").unlink()
    for place in range(1, len(told) + 1, max(1, len(told) // 12)):
        last = place
        with pytest.raises(Cancelled):
            work()
        assert [path.name for path in tmp_path.iterdir()] == ["colours.onnx"]


def test_the_command_shows_what_each_way_costs(xmaker: Run, tmp_path: Path, pictures: Path) -> None:
    model, out = write_network(tmp_path / "colours.onnx"), tmp_path / "small.onnx"
    ran = xmaker("model", "quantize", model, out, "--data", pictures, "--max-loss", 2)
    assert ran.code == 0, ran.err
    heading, *rows = [line.split() for line in ran.out.splitlines()[1:6]]
    assert heading == ["numbers", "MB", "agreement", "accuracy", "loss", "ms"]
    assert [row[0] for row in rows] == ["fp32", "minmax", "percentile", "entropy"]
    assert sum(row[-1] == "◀" for row in rows) == 1
    assert ran.out.splitlines()[-1] == f"{out} is written."
    assert "Only 15 pictures" in ran.err
    assert xmaker("model", "info", out).out.startswith("model: small\n")
