"""The parts: which layers, which scales, how alike answers are, which candidate."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from xmaker_toolbox.evaluation.names import numbers_of
from xmaker_toolbox.pictures import Picture
from xmaker_toolbox.progress import quiet
from xmaker_toolbox.quantizing.calibrate import ranges
from xmaker_toolbox.quantizing.choose import best_of, reason
from xmaker_toolbox.quantizing.exam import Exam
from xmaker_toolbox.quantizing.integers import Plan, in_integers, plan_for
from xmaker_toolbox.quantizing.judges import Boxes, Labels
from xmaker_toolbox.quantizing.layers import find_layers
from xmaker_toolbox.quantizing.network import Network
from xmaker_toolbox.quantizing.pixels import find_pixels
from xmaker_toolbox.quantizing.results import Candidate
from xmaker_toolbox.quantizing.sensitive import numbers_to_try
from xmaker_toolbox.quantizing.weights import weight_rows, weight_scales

from xmaker import Detection, LabelName, ModelCard, ModelInput, ProjectError

from .networks import CARD, SIDE, write_network, write_pictures

CLASSIFIER = ModelCard(name="a", task="classify", input=ModelInput(8, 8), labels={"en": ["cat", "dog"], "zh": ["猫", "狗"]})
DETECTOR = ModelCard(name="a", task="detect", input=ModelInput(8, 8), decode={"min_score": 0.5})


def test_layers_are_what_multiplies_most_and_all_between_them(tmp_path: Path) -> None:
    model = onnx.shape_inference.infer_shapes(onnx.load(str(write_network(tmp_path / "a.onnx", last=["Softmax"]))))
    for node in model.graph.node:
        node.name = node.output[0]
    layers = find_layers(model)
    assert layers.weights == {"a": "first", "c": "second", "g": "head"}
    assert layers.outside == ("h0",)
    tiny = next(tensor for tensor in model.graph.initializer if tensor.name == "head")
    tiny.CopyFrom(numpy_helper.from_array(np.zeros((1, 1), np.float32), "head"))
    assert list(find_layers(model).weights) == ["a", "c"]


def test_no_pair_of_neighbouring_weights_overflows_sixteen_bits() -> None:
    weights = np.random.default_rng(0).normal(size=(50, 7, 3, 3)).astype(np.float32)
    weights[0, 0, 0, 0] = weights[0, 1, 0, 0] = 9  # neighbours, once channels come last
    rows, axis = weight_rows("Conv", weights)
    scales = weight_scales(rows)
    whole = np.round(rows / scales[:, None])
    assert axis == 0
    assert np.abs(whole).max() <= 127
    pairs = np.abs(whole[:, 0:-1:2] + whole[:, 1::2])
    assert pairs.max() == 128
    assert 255 * pairs.max() < 2**15
    assert np.abs(np.round(rows / weight_scales(rows, pairs=False)[:, None])).max() == 127


def test_rows_of_a_matrix_are_what_is_added_up() -> None:
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert [rows.tolist() for rows, _ in (weight_rows("MatMul", matrix), weight_rows("Gemm", matrix, True))] == [
        matrix.T.tolist(),
        matrix.tolist(),
    ]
    assert (weight_scales(np.zeros((2, 3), np.float32)) > 0).all()


def test_a_label_that_the_original_holds_possible_costs_little() -> None:
    judge = Labels(CLASSIFIER)
    sure, unsure, other = np.array([0.9, 0.1]), np.array([0.51, 0.49]), np.array([0.4, 0.6])
    assert judge.agreement([sure, unsure], [sure, other]) == 0.5
    assert judge.expected([unsure], [unsure]) - judge.expected([unsure], [other]) == pytest.approx(0.02)
    assert judge.expected([sure], [sure]) - judge.expected([sure], [other]) == pytest.approx(0.8)


def box(number: int, score: float, left: float = 0.0) -> Detection:
    return Detection(LabelName(str(number)), score, (left, 0.0, 10.0, 10.0), number=number)


def test_boxes_agree_when_label_and_place_do() -> None:
    judge, wanted = Boxes(DETECTOR), [box(0, 0.9), box(1, 0.8, 50), box(1, 0.3, 80)]
    assert judge.agreement([wanted], [[box(0, 0.7, 1), box(1, 0.6, 51)]]) == 1
    assert judge.agreement([wanted], [[box(0, 0.7, 1), box(0, 0.6, 51)]]) == 0.5  # another label
    assert judge.agreement([wanted], [[box(0, 0.7, 9), box(0, 0.6, 60)]]) == 0  # another place
    assert judge.agreement([[]], [[]]) == 1
    assert judge.agreement([[]], [[box(0, 0.9)]]) == 0


def test_a_box_that_the_original_doubts_costs_little() -> None:
    judge, wanted = Boxes(DETECTOR), [box(0, 0.95), box(1, 0.52, 50), box(1, 0.48, 80)]
    best = judge.expected([wanted], [wanted])
    weak_lost, strong_lost = ([box(0, 0.95), box(1, 0.45, 50)], [box(1, 0.52, 50)])
    assert 0 <= best - judge.expected([wanted], [weak_lost]) < 0.1
    assert best - judge.expected([wanted], [strong_lost]) > 0.3
    assert judge.expected([wanted], [[*wanted, box(7, 0.9, 200)]]) < best


@pytest.mark.parametrize(("label", "number"), [("cat", 0), ("狗", 1), (1, 1), ("horse", None), (2, None), (None, None)])
def test_a_label_is_found_by_name_or_number(label: str | int | None, number: int | None) -> None:
    assert numbers_of(CLASSIFIER.label_names(), [Picture(Path("a.png"), label)]) == [number]


@pytest.mark.parametrize("numbers", [(1, 2), (0, 1)])
def test_a_table_may_count_a_label_for_nothing_or_not(tmp_path: Path, numbers: tuple[int, int]) -> None:
    """What the original says tells which of the two it is."""
    folder = write_pictures(tmp_path / "pictures", each=1)
    pictures = [Picture(folder / colour / "0.png", number) for colour, number in zip(("green", "blue"), numbers, strict=True)]
    model = write_network(tmp_path / "a.onnx")
    card = msgspec.convert({**CARD, "labels": {"en": ["background", "green", "blue"]}}, ModelCard)
    exam = Exam(card, pictures, None, max_loss=1)
    assert exam.first(Network(model.read_bytes(), model), quiet).accuracy == 1


def candidate(name: str, loss: float, ms: float, agreement: float = 1.0) -> Candidate:
    return Candidate(name=name, bytes=1, loss=loss, ms=ms, agreement=agreement)


def test_the_fastest_that_is_good_enough_is_taken() -> None:
    known = [candidate("exact", 0, 2), candidate("quick", 0.9, 1), candidate("wrong", 5, 0.5)]
    assert best_of(known, 1, Path("a.onnx"), here=True).name == "quick"
    assert best_of(known, 1, Path("a.onnx"), here=False).name == "exact"  # times here say nothing of another processor
    with pytest.raises(ProjectError, match="exact"):
        best_of(known, -1, Path("a.onnx"), here=True)


def test_a_loss_that_is_refused_is_never_written_as_none() -> None:
    with pytest.raises(ProjectError, match=r"almost 0\.0412"):
        best_of([candidate("almost", 0.0412, 1)], 0, Path("a.onnx"), here=True)


def test_of_equally_fast_ones_the_most_alike_is_taken() -> None:
    """To be right more often than the original is luck, and no merit."""
    known = [candidate("lucky", -3, 1, 0.9), candidate("alike", -1, 1.02, 0.95)]
    assert best_of(known, 1, Path("a.onnx"), here=True).name == "alike"


def test_more_and_more_layers_are_tried() -> None:
    assert [list(numbers_to_try(count)) for count in (1, 3, 50)] == [[1], [1, 2], [1, 2, 4, 8, 16]]


def bytes_first(path: Path, steps: list[tuple[str, float]]) -> onnx.ModelProto:
    """Let the colours network take bytes, channels last, and do these steps with a number each."""
    model = onnx.load(str(write_network(path)))
    graph, names = model.graph, ["picture", "turned", "float", *(f"step{n}" for n in range(len(steps)))]
    graph.input[0].CopyFrom(helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, SIDE, SIDE, 3]))
    graph.initializer.extend(numpy_helper.from_array(np.float32(number), f"n{n}") for n, (_, number) in enumerate(steps))
    made = [helper.make_node("Transpose", ["picture"], ["turned"], perm=[0, 3, 1, 2])]
    made.append(helper.make_node("Cast", ["turned"], ["float"], to=TensorProto.FLOAT))
    made += [helper.make_node(kind, [names[n + 2], f"n{n}"], [names[n + 3]]) for n, (kind, _) in enumerate(steps)]
    graph.node[0].input[0] = names[-1]
    nodes = [*made, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    for node in graph.node:
        node.name = node.output[0]
    return onnx.shape_inference.infer_shapes(model)


@pytest.mark.parametrize(
    ("steps", "scale", "zero"),
    [
        ([("Mul", 1 / 128), ("Add", -127 / 128)], 1 / 128, 127),
        ([("Sub", 127), ("Div", 128)], 1 / 128, 127),
        ([("Div", 255)], 1 / 255, 0),
        ([], 1, 0),
    ],
)
def test_bytes_of_a_picture_are_the_first_layers_numbers(
    tmp_path: Path, steps: list[tuple[str, float]], scale: float, zero: int
) -> None:
    pixels = find_pixels(bytes_first(tmp_path / "a.onnx", steps))
    assert pixels is not None
    assert (pixels.scale, pixels.zero, pixels.taken) == (pytest.approx(scale), zero, "turned")


@pytest.mark.parametrize("steps", [[("Sub", 127.5), ("Div", 127.5)], [("Mul", -1)], [("Sub", -3)], [("Pow", 2)]])
def test_other_numbers_are_made_as_before(tmp_path: Path, steps: list[tuple[str, float]]) -> None:
    pixels = find_pixels(bytes_first(tmp_path / "a.onnx", steps))
    assert pixels is None or pixels.made == "float"


def test_bytes_that_are_kept_change_no_answer(tmp_path: Path) -> None:
    model = bytes_first(tmp_path / "a.onnx", [("Sub", 127), ("Div", 128)])
    onnx.save(model, str(tmp_path / "a.onnx"))
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 256, (1, SIDE, SIDE, 3), np.uint8) for _ in range(4)]
    seen = ranges(tmp_path / "a.onnx", "picture", pictures, lambda picture: picture, "minmax", quiet)
    plan = plan_for(model, "U8S8")
    kept = in_integers(model, plan, seen)
    plain = in_integers(model, Plan(plan.layers, plan.layout), seen)
    assert plan.pixels
    assert [node.op_type for node in kept.graph.node].count("QuantizeLinear") < [
        node.op_type for node in plain.graph.node
    ].count("QuantizeLinear")
    assert "Cast" not in [node.op_type for node in kept.graph.node]
    networks = [Network(made.SerializeToString(), tmp_path) for made in (kept, plain)]
    answers = [[network.run(picture)[0] for picture in pictures] for network in networks]
    assert np.allclose(*answers, atol=0.02)


@pytest.mark.parametrize(("size", "said"), [(28, "Take small.tflite"), (99, "it is no smaller")])
def test_what_did_not_become_smaller_is_not_recommended(size: int, said: str) -> None:
    """It may seem a little faster, by chance."""
    original, made = Candidate(name="fp32", bytes=100, ms=10.0), Candidate(name="dynamic", bytes=size, ms=9.0)
    text = reason(original, made, Path("colours.tflite"), Path("small.tflite"), "", None)
    assert said in text
    assert ("Take colours.tflite" in text) == (size == 99)
