"""The detector's options, what rules may ask, and what it says about networks that it cannot use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from xmaker_detector.node import Detector

from xmaker import Detections, Frame, Plugins, Project, ProjectError, XMakerError

from .conftest import Look, Watch, blank
from .networks import CARD, NAMES, network
from .outputs import made_up

MADE = made_up()


def things(*rows: tuple[float, float, float, float, float, int]) -> dict[str, Any]:
    """Return the outputs of a network that finds these: left, top, right, bottom in pixels of the input, score, label."""
    table = np.array(rows, np.float32).reshape(1, -1, 6)
    return {"dets": table[..., :5], "labels": table[..., 5].astype(np.int64)}


TWO = things((0, 8, 24, 56, 0.9, 0), (48, 8, 60, 20, 0.5, 1))


def test_each_thing_has_a_label_a_score_a_box_and_a_number(look: Look) -> None:
    first, second = look(TWO).items
    assert (first.label, first.score, first.box, first.track) == (
        "kind0",
        pytest.approx(0.9),
        pytest.approx((0, 0, 50, 100)),
        1,
    )
    assert (second.label, second.track, second.mask) == ("kind1", 2, None)


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        ({}, ["kind0", "kind1"]),
        ({"labels": ["kind1"]}, ["kind1"]),
        ({"min_score": 0.6}, ["kind0"]),
        ({"max": 1}, ["kind0"]),
        ({"layout": "mmdet"}, ["kind0", "kind1"]),
    ],
)
def test_options_choose_what_is_given(look: Look, options: dict[str, Any], labels: list[str]) -> None:
    assert [item.label for item in look(TWO, **options).items] == labels


def test_of_boxes_that_overlap_more_than_iou_the_best_stays(look: Look) -> None:
    boxes = np.array([[0, 8, 40, 48], [10, 8, 50, 48], [0, 8, 40, 48]], np.float32)
    outputs = {"boxes": boxes, "scores": np.array([0.6, 0.9, 0.8], np.float32), "labels": np.array([0, 0, 1])}
    kept = {iou: [item.label for item in look(outputs, layout="candidates", iou=iou).items] for iou in (0.5, 0.7)}
    assert kept == {0.5: ["kind0", "kind1"], 0.7: ["kind0", "kind1", "kind0"]}


def test_a_label_may_be_asked_for_in_either_language(look: Look) -> None:
    card = CARD | {"labels": {"en": NAMES, "zh": ["甲", "乙", "丙", "丁", "戊"]}}
    found = look(TWO, card, labels=["乙"])
    assert found.count("乙") == found.count("kind1") == found.count() == 1 and found.entered("乙")


def test_a_card_may_name_some_of_the_networks_numbers_only(look: Look) -> None:
    card = CARD | {"labels": {"en": ["cat"]}, "decode": {"numbers": [1]}}
    assert [item.label for item in look(TWO, card).items] == ["cat"]


def test_without_names_labels_are_numbers(look: Look) -> None:
    assert [item.label for item in look(TWO, CARD | {"labels": {}}).items] == ["0", "1"]


def test_boxes_end_where_the_frame_does(look: Look) -> None:
    assert look(things((-50, -50, 500, 500, 0.9, 0))).items[0].box == (0, 0, 200, 100)


def test_16_bit_numbers_and_open_sizes_will_do(look: Look) -> None:
    outputs = {name: array.astype(np.float16) if array.dtype == np.float32 else array for name, array in TWO.items()}
    card = CARD | {"input": CARD["input"] | {"dtype": "float16"}}
    assert look(outputs, card, TensorProto.FLOAT16).items[0].box == pytest.approx((0, 0, 50, 100), abs=0.1)


def test_labels_that_begin_with_nothing_are_counted_from_there(look: Look) -> None:
    plain, with_nothing = (look(MADE["tensorflow"], CARD | {"labels": {"en": names}}) for names in (NAMES, ["???", *NAMES]))
    assert [item.label for item in plain.items] == [item.label for item in with_nothing.items]


def test_a_picture_without_a_batch_and_a_second_input_for_its_size_will_do(tmp_path: Path) -> None:
    """So the ONNX zoo's R-CNNs and its YOLOv3 want it."""
    for shape, size in (([3, 64, 96], False), ([1, 3, 64, 96], True)):
        model = onnx.load(str(network(tmp_path / "zoo.onnx", TWO)))
        model.graph.input[0].CopyFrom(helper.make_tensor_value_info("picture", TensorProto.UINT8, shape))
        if size:
            model.graph.input.append(helper.make_tensor_value_info("image_shape", TensorProto.FLOAT, [1, 2]))
            model.graph.node.append(helper.make_node("Identity", ["image_shape"], ["told"]))
            model.graph.output.append(helper.make_tensor_value_info("told", TensorProto.FLOAT, [1, 2]))
        onnx.save(model, str(tmp_path / "zoo.onnx"))
        plugins = Plugins.load()
        card = plugins.model("zoo.onnx", tmp_path)
        card.input = msgspec.structs.replace(card.input, layout="NCHW")
        outputs = plugins.engine(card).load(card, 1).run(np.zeros((1, 3, 64, 96), np.uint8))
        assert outputs[0].shape == (1, 2, 5)
        assert not size or outputs[2].tolist() == [[64, 96]]


# --- in rules ---


def test_rules_count_measure_and_notice(watch: Watch) -> None:
    run = watch(TWO)
    project = run.runtime.project
    for condition in (
        'things.count("kind0") == 1 and things.count() == 2',
        "things.nearest.x == 0.125 and things.nearest.x_px == 25 and things.nearest.y == 0.5",
        'things.nearest.label == "kind0" and things.nearest.size == 0.25',
        'things.entered("kind1") and not things.left("kind1")',
        'things.total("kind0") == 1',
    ):
        project.rule(when=condition, then=[{"wait": 0}])
    run.send("camera", blank())
    state = {"things": run.events[-1].value}
    assert all(rule.when.value(state) for rule in project.rules if rule.when)


def test_a_label_that_the_model_does_not_know_is_warned_of(watch: Watch) -> None:
    project = watch(TWO).runtime.project
    project.rule(when='things.count("kind9") > 0', then=[{"wait": 0}])
    assert [problem.code for problem in project.warnings] == ["XM413"]


# --- what cannot be used ---


def code(error: type[XMakerError], look: Look, *arguments: Any, **options: Any) -> str:
    with pytest.raises(error) as raised:
        look(*arguments, **options)
    return raised.value.code


def test_what_is_wrong_is_said_before_the_run(look: Look) -> None:
    assert code(ProjectError, look, TWO, CARD | {"task": "classify"}) == "XM670"
    assert code(ProjectError, look, TWO, labels=["kindd1"]) == "XM675"
    assert code(ProjectError, look, TWO, layout="yolo8") == "XM676"


def test_outputs_of_an_unknown_layout_end_the_run_with_what_was_seen(look: Look) -> None:
    with pytest.raises(XMakerError) as raised:
        look({"mystery": np.zeros((1, 7, 7), np.float32)})
    assert raised.value.code == "XM671" and "mystery [1, 7, 7]" in str(raised.value)
    assert "layout:" in str(raised.value.hint)


def test_a_layout_that_does_not_fit_ends_the_run(look: Look) -> None:
    assert code(XMakerError, look, TWO, layout="yolov8") == "XM672"


@pytest.mark.parametrize("case", ["yolov8", "yolov5", "nanodet", "ssd", "mmdet"])
def test_the_wrong_number_of_labels_ends_the_run(look: Look, case: str) -> None:
    assert code(XMakerError, look, MADE[case], CARD | {"labels": {"en": NAMES[:3]}}) == "XM673"


@pytest.mark.parametrize("case", ["yolov8", "yolov5", "mmdet", "rcnn", "tensorflow", "nanodet", "efficientdet"])
def test_answers_that_are_no_numbers_are_an_error_and_the_run_goes_on(watch: Watch, case: str) -> None:
    broken = {name: np.full_like(array, np.nan) if array.dtype.kind == "f" else array for name, array in MADE[case].items()}
    if case == "tensorflow":
        broken["num_detections"] = MADE[case]["num_detections"]
    run = watch(broken)
    run.send("camera", blank())
    assert [error.code for error in run.errors] == ["XM674"] and not run.runtime.failure


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("case", ["yolov8", "mmdet", "rcnn", "yolov10", "ssd", "candidates"])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_box_that_is_no_numbers_is_an_error_though_its_score_is_one(watch: Watch, case: str, bad: float) -> None:
    outputs = {name: array.copy() for name, array in MADE[case].items()}
    columns = {"mmdet": 5, "yolov10": 6, "yolov8": MADE["yolov8"]["output0"].shape[-1]}.get(case, 4)
    boxes = next(array for array in outputs.values() if array.shape[-1] == columns)
    if case == "yolov8":
        boxes[:, :4] = bad
    else:
        boxes[..., :4] = bad
    run = watch(outputs, layout=case)
    run.send("camera", blank())
    assert [error.code for error in run.errors] == ["XM674"] and not run.runtime.failure
    assert not [event for event in run.events if isinstance(event.value, Detections)]


@pytest.mark.parametrize(
    ("row", "seen"),
    [((24, 8, 0, 56, 0.9, 0), "box -24 × 48"), ((0, 56, 24, 8, 0.9, 0), "box 24 × -48"), ((0, 8, 24, 56, 9, 0), "score 9 > 1")],
)
def test_boxes_and_scores_that_cannot_be_are_an_error(watch: Watch, row: tuple[Any, ...], seen: str) -> None:
    run = watch(things(row))
    run.send("camera", blank())
    assert [error.code for error in run.errors] == ["XM598"] and seen in str(run.errors[0])


def test_one_box_inside_out_among_others_is_left_out(look: Look) -> None:
    found = look(things((0, 8, 24, 56, 0.9, 0), (24, 8, 0, 56, 0.8, 1)))
    assert [item.label for item in found.items] == ["kind0"]


def test_nothing_found_is_no_error(look: Look) -> None:
    for empty in (things(), {"output0": np.zeros((1, 0, 6), np.float32)}):
        found = look(empty)
        assert isinstance(found, Detections) and found.items == [] and found.to_json() == {"items": []}


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 400), (400, 3)])
def test_pictures_of_every_size_will_do(watch: Watch, width: int, height: int) -> None:
    run = watch(TWO)
    run.send("camera", Frame(np.zeros((height, width, 3), np.uint8)))
    assert not run.errors and isinstance(run.events[-1].value, Detections)


def test_the_plugin_loads_without_numpy() -> None:
    import subprocess
    import sys

    plugins = "xmaker_detector.node, xmaker_detector.reading, xmaker_objects"
    program = f"import sys, {plugins}; print({{'onnxruntime', 'numpy', 'cv2'}} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_the_detector_is_a_node_type() -> None:
    assert Plugins.load().nodes["detector"] is Detector
    assert Project("test").add(Detector(), name="things", from_="camera").nodes["things"].type is Detector
