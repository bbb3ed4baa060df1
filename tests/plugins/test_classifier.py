"""The classifier on ONNX Runtime, with tiny networks made here: their scores are how blue, green and red the picture is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from xmaker_classifier import Classifier

from xmaker import Frame, Label, Notice, Plugins, Project, ProjectError
from xmaker.engines import too_large
from xmaker.options import convert
from xmaker.testing import ProjectRun
from xmaker.yaml_reader import Item

BLUE, GREEN, RED = (255, 0, 0), (0, 255, 0), (0, 0, 255)
"""In BGR order."""

CARD: dict[str, Any] = {
    "name": "colours",
    "task": "classify",
    "input": {"width": 8, "height": 8},
    "labels": {"en": ["blue", "green", "red"], "zh": ["蓝", "绿", "红"]},
}


def network(path: Path, card: dict[str, Any] | None, kind: int = TensorProto.UINT8, nchw: bool = False) -> Path:
    """Write a network that averages each channel, with a card in its metadata."""
    shape = [1, 3, 8, 8] if nchw else [1, 8, 8, 3]
    axes = helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3] if nchw else [1, 2])
    whole = helper.make_tensor("whole", TensorProto.FLOAT, [], [255.0 if kind == TensorProto.UINT8 else 1.0])
    nodes = [
        helper.make_node("Cast", ["picture"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float", "axes"], ["mean"], keepdims=0),
        helper.make_node("Div", ["mean", "whole"], ["scores"]),
    ]
    picture = helper.make_tensor_value_info("picture", kind, shape)
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 3])
    model = helper.make_model(
        helper.make_graph(nodes, "colours", [picture], [scores], [axes, whole]),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    if card is not None:
        helper.set_model_props(model, {"xmaker": json.dumps(card)})
    onnx.save(model, str(path))
    return path


def plain(colour: tuple[int, int, int], width: int = 16, height: int = 16, source: str = "") -> Frame:
    return Frame(np.full((height, width, 3), colour, np.uint8), source)


Look = Callable[..., ProjectRun]


@pytest.fixture
def look(tmp_path: Path, xmaker_run: Any) -> Look:
    """Give a function that runs a classifier on what the test sends as `camera`."""

    def look(
        card: dict[str, Any] | None = CARD, nchw: bool = False, kind: int = TensorProto.UINT8, **options: Any
    ) -> ProjectRun:
        network(tmp_path / "colours.onnx", card, kind, nchw)
        plugins = Plugins.load()
        project = Project("test", folder=tmp_path, plugins=plugins).add(plugins.nodes["camera"](), name="camera")
        project.add(Classifier(model="colours.onnx", **options), name="pet", from_="camera")
        project.check()
        return xmaker_run(project)  # type: ignore[no-any-return]

    return look


def labels(run: ProjectRun) -> list[str]:
    return [str(event.value.label) for event in run.events if isinstance(event.value, Label)]


@pytest.mark.parametrize(("colour", "en", "zh"), [(BLUE, "blue", "蓝"), (GREEN, "green", "绿"), (RED, "red", "红")])
def test_a_picture_gets_its_label_in_either_language(look: Look, colour: tuple[int, int, int], en: str, zh: str) -> None:
    run = look()
    run.send("camera", plain(colour))
    label = run.events[-1].value
    assert label.label == en
    assert label.label == zh
    assert label.score == pytest.approx(1.0)


def test_the_best_few_labels_come_with_it(look: Look) -> None:
    run = look(top=2)
    run.send("camera", plain((0, 100, 200)))
    assert run.events[-1].value.top == (("red", pytest.approx(200 / 255)), ("green", pytest.approx(100 / 255)))


@pytest.mark.parametrize("top", [-1, 0, 99])
def test_an_odd_number_of_labels_is_no_error(look: Look, top: int) -> None:
    run = look(top=top)
    run.send("camera", plain(RED))
    assert len(run.events[-1].value.top) == (3 if top == 99 else 1)


@pytest.mark.parametrize(
    ("layout", "dtype", "colour"),
    [
        ("NHWC", "uint8", "BGR"),
        ("NHWC", "uint8", "RGB"),
        ("NCHW", "float32", "RGB"),
        ("NCHW", "uint8", "BGR"),
        ("NHWC", "float32", "RGB"),
    ],
)
def test_the_card_says_how_a_picture_becomes_a_tensor(look: Look, layout: str, dtype: str, colour: str) -> None:
    names = ["blue", "green", "red"] if colour == "BGR" else ["red", "green", "blue"]
    wanted = {"width": 8, "height": 8, "layout": layout, "dtype": dtype, "colour": colour}
    if dtype == "float32":
        wanted |= {"mean": [0, 0, 0], "std": [255, 255, 255]}
    card = CARD | {"input": wanted, "labels": {"en": names}}
    run = look(card, nchw=layout == "NCHW", kind=TensorProto.FLOAT if dtype == "float32" else TensorProto.UINT8)
    run.send("camera", plain((10, 20, 250)))
    top = dict(run.events[-1].value.top)
    assert top == {"red": pytest.approx(250 / 255), "green": pytest.approx(20 / 255), "blue": pytest.approx(10 / 255)}


@pytest.mark.parametrize(("resize", "winner"), [("centre-crop", "red"), ("stretch", "blue")])
def test_a_wide_picture_is_cut_or_stretched_as_the_card_says(look: Look, resize: str, winner: str) -> None:
    wide = plain(BLUE, width=64, height=16)
    wide.image[:, 24:40] = RED
    run = look(CARD | {"input": {"width": 8, "height": 8, "resize": resize}})
    run.send("camera", wide)
    assert labels(run) == [winner]


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 400), (400, 3), (1000, 1000)])
def test_pictures_of_every_size_will_do(look: Look, width: int, height: int) -> None:
    run = look()
    run.send("camera", plain(GREEN, width, height))
    assert labels(run) == ["green"]


def live(run: ProjectRun, *colours: tuple[int, int, int], fps: float = 10, source: str = "") -> list[str]:
    """Send frames as a live camera does and return the labels that they got."""
    before = len(labels(run))
    for colour in colours:
        run.advance(1 / fps)
        run.send("camera", plain(colour, source=source))
    return labels(run)[before:]


@pytest.mark.parametrize("fps", [1, 5, 30])
def test_one_wrong_frame_does_not_flip_the_label(look: Look, fps: float) -> None:
    run = look()
    assert live(run, RED, RED, RED, GREEN, RED, RED, GREEN, RED, fps=fps) == ["red"] * 8


@pytest.mark.parametrize("fps", [1, 5, 30])
def test_a_real_change_shows_within_half_a_second_or_two_frames(look: Look, fps: float) -> None:
    run = look()
    live(run, *[RED] * 30, fps=fps)
    frames = max(2, round(fps / 2))
    assert live(run, *[GREEN] * frames, fps=fps)[-1] == "green"


def test_smooth_0_takes_every_frame_as_it_is(look: Look) -> None:
    assert live(look(smooth=0), RED, RED, GREEN, RED) == ["red", "red", "green", "red"]


def test_pictures_of_different_files_are_never_mixed(look: Look) -> None:
    run = look()
    live(run, RED, RED, RED, source="a.jpg")
    assert live(run, GREEN, source="b.jpg") == ["green"]
    assert run.events[-1].value.score == pytest.approx(1.0)


def test_a_score_stays_a_score_when_time_goes_back(look: Look) -> None:
    run = look()
    live(run, RED, RED)
    run.runtime.workers["camera"].emit(plain(GREEN), 0.0, None)
    run.settle()
    assert 0 <= run.events[-1].value.score <= 1


def test_classes_without_names_are_numbers(look: Look) -> None:
    run = look(CARD | {"labels": {}})
    run.send("camera", plain(RED))
    assert labels(run) == ["2"]


def test_too_few_labels_end_the_run(look: Look) -> None:
    run = look(CARD | {"labels": {"en": ["blue"]}})
    run.send("camera", plain(RED))
    assert labels(run) == []
    assert run.runtime.failure is not None
    assert run.runtime.failure.code == "XM650"


def test_labels_of_a_group_count_as_one(look: Look) -> None:
    run = look(groups={"暖色": ["red", "绿"]})
    run.send("camera", plain((110, 60, 60)))  # neither red nor green alone is more than blue
    label = run.events[-1].value
    assert (str(label.label), label.number) == ("暖色", 2)
    assert label.top == (("暖色", pytest.approx(120 / 255)), ("blue", pytest.approx(110 / 255)))


def test_a_labels_number_is_the_models_whatever_the_groups(look: Look) -> None:
    """So that a program which knows the model's list of labels can look it up; `unknown` is none of them."""
    run = look(groups={"warm": ["red"]}, min_score=0.4, smooth=0)
    for colour in (RED, (0, 255, 0), (100, 100, 100)):
        run.send("camera", plain(colour))
    results = [event.value.as_xedu() for event in run.events if isinstance(event.value, Label)]
    assert [(one["预测结果"], one["标签"]) for one in results] == [("warm", 2), ("green", 1), ("unknown", -1)]


def test_a_label_in_two_groups_and_a_group_named_as_another_label_are_refused(look: Look) -> None:
    with pytest.raises(ProjectError, match=r"“red”.*warm, hot") as raised:
        look(groups={"warm": ["red", "green"], "hot": ["red"]})
    assert raised.value.code == "XM425"
    with pytest.raises(ProjectError, match="“blue”") as raised:
        look(groups={"blue": ["red"]})
    assert raised.value.code == "XM426" and "blue: [blue, " in raised.value.hint
    assert look(groups={"blue": ["blue", "red"]}).runtime.workers["pet"].node.known_labels() == ("blue", "green")


def test_an_empty_group_is_refused() -> None:
    problems = convert(Classifier, Item.of({"groups": {"cat": []}}), "pet")[1]
    assert [problem.code for problem in problems] == ["XM208"] and "groups.cat" in problems[0].what("en")


def test_a_group_of_what_the_model_does_not_know_says_what_was_meant(look: Look) -> None:
    with pytest.raises(ProjectError, match="no label “grean”") as raised:
        look(groups={"warm": ["red", "grean"]})
    assert (raised.value.code, "“green”" in raised.value.hint) == ("XM656", True)


def test_below_min_score_the_label_is_unknown(look: Look) -> None:
    run = look(min_score=0.5, smooth=0)
    assert live(run, (0, 0, 120), (0, 0, 130)) == ["unknown", "red"]
    assert run.runtime.workers["pet"].node.known_labels() == ("blue", "green", "red", "unknown")


def test_a_label_as_the_users_of_xedu_know_it(look: Look) -> None:
    run = look(CARD | {"labels": {"zh": ["蓝", "绿", "红"]}})
    run.send("camera", plain(RED))
    result = run.events[-1].value.as_xedu()
    assert result == {"标签": 2, "置信度": 1.0, "预测结果": "红"}
    assert json.loads(json.dumps(result)) == result


def test_a_model_that_is_too_large_for_the_memory_is_said_before_it_is_loaded(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xmaker.engines._free_memory", lambda: 500)  # of which a network of 400 bytes is too much
    run = look()
    run.send("camera", plain(RED))
    notices = [event.value.code for event in run.events if isinstance(event.value, Notice)]
    assert (notices[0], labels(run)) == ("XM653", ["red"])
    monkeypatch.setattr("xmaker.engines._free_memory", lambda: None)  # where nobody knows, nothing is said
    assert too_large(run.runtime.workers["pet"].folder / "colours.onnx") is None
