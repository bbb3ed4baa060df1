"""Detectors that have no card: Ultralytics' own metadata, or a list of labels beside the file and the outputs' shapes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper
from xmaker_detector.node import Detector
from xmaker_detector.reading import PICTURES, guessed_card, layout_of
from xmaker_vision.prepare import Preparer

from xmaker import Frame, Plugins, Project, ProjectError, read_onnx
from xmaker.cli.app import cli

from .networks import CARD, NAMES, network
from .outputs import HEIGHT, WIDTH, made_up

FoundIn = Callable[[Path], list[str]]
MADE = made_up()
RECOGNISED = [case for case in MADE if case != "candidates"]
"""XMaker's own are named by their cards."""
TITLE = "Ultralytics YOLO11n model"
YOLO = {"names": str(dict(enumerate(NAMES))), "stride": "32", "task": "detect", "imgsz": "[64, 96]", "description": TITLE}


def written(path: Path, case: str, metadata: dict[str, str], size: Any = (HEIGHT, WIDTH)) -> Path:
    """Write a network with made-up outputs that takes pictures as PyTorch exports them."""
    outputs = MADE[case]
    constants = [numpy_helper.from_array(np.ascontiguousarray(one), f"{name} before") for name, one in outputs.items()]
    nodes = [helper.make_node("Identity", [f"{name} before"], [name]) for name in outputs]
    kinds = helper.np_dtype_to_tensor_dtype
    given = [helper.make_tensor_value_info(name, kinds(one.dtype), one.shape) for name, one in outputs.items()]
    picture = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, *size])
    model = helper.make_model(helper.make_graph(nodes, "made-up", [picture], given, constants), ir_version=9)
    helper.set_model_props(model, metadata)
    onnx.save(model, str(path))
    return path


@pytest.fixture
def found_in(xmaker_run: Any) -> FoundIn:
    """Give a function that returns the labels of what a detector finds that is told nothing but the file."""

    def found_in(path: Path) -> list[str]:
        plugins = Plugins.load()
        project = Project("test", folder=path.parent, plugins=plugins).add(plugins.nodes["camera"](), name="camera")
        run = xmaker_run(project.add(Detector(model=path.name), name="things", from_="camera"))
        run.send("camera", Frame(np.zeros((100, 200, 3), np.uint8)))
        assert not run.errors
        return [str(item.label) for item in run.events[-1].value.items]

    return found_in


@pytest.mark.parametrize("case", ["yolov5", "yolov8", "yolov8 with masks", "yolov10"])
def test_an_ultralytics_file_needs_nothing_but_its_path(tmp_path: Path, found_in: FoundIn, case: str) -> None:
    path = written(tmp_path / "mine.onnx", case, YOLO | {"task": "segment" if "masks" in case else "detect"})
    card = Plugins.load().model(str(path), Path())
    assert (card.task, card.format, card.guessed) == ("detect", TITLE, [])
    assert (card.input.resize, card.input.grey, card.input.colour, card.input.std) == ("letterbox", 114, "RGB", (255,) * 3)
    assert {*found_in(path)} & {*NAMES}


def test_an_ultralytics_file_of_any_size_says_its_own(tmp_path: Path) -> None:
    card = Plugins.load().model(str(written(tmp_path / "mine.onnx", "yolov8", YOLO, ("height", "width"))), Path())
    assert (card.input.height, card.input.width) == (64, 96)


@pytest.mark.parametrize("names", ["5", "{1: ", "__import__('os')"])
def test_damaged_names_are_told_of(tmp_path: Path, names: str) -> None:
    with pytest.raises(ProjectError) as raised:
        Plugins.load().model(str(written(tmp_path / "mine.onnx", "yolov8", YOLO | {"names": names})), Path())
    assert raised.value.code == "XM614"


@pytest.mark.parametrize("case", RECOGNISED)
def test_labels_beside_a_file_are_enough(tmp_path: Path, found_in: FoundIn, case: str) -> None:
    path = written(tmp_path / "mine.onnx", case, {})
    with pytest.raises(ProjectError) as raised:
        Plugins.load().model(str(path), Path())
    assert raised.value.code == "XM606"  # which says to write them
    (tmp_path / "mine.txt").write_text("\n".join(NAMES), encoding="utf-8")
    card = Plugins.load().model(str(path), Path())
    assert (card.task, card.decode["layout"]) == ("detect", case.split()[0])
    assert any("layout" in one for one in card.guessed) and any("pictures" in one for one in card.guessed)
    assert {*found_in(path)} & {*NAMES}


@pytest.mark.parametrize("count", [1, 2, 100, "n"])
def test_a_file_of_mmdeploy_needs_labels_only_however_many_things_it_finds(
    tmp_path: Path, found_in: FoundIn, count: int | str
) -> None:
    """One thing is five numbers, which could be the scores of a classifier."""
    path = written(tmp_path / "mine.onnx", "mmdet", {})
    model, things = onnx.load(str(path)), count if isinstance(count, int) else 7
    rows = {
        "dets": np.tile(np.array([8, 16, 40, 48, 0.9], np.float32), (1, things, 1)),
        "labels": np.ones((1, things), np.int64),
    }
    for one, given in zip(model.graph.initializer, model.graph.output, strict=True):
        one.CopyFrom(numpy_helper.from_array(rows[given.name], one.name))
        side = given.type.tensor_type.shape.dim[1]
        side.ParseFromString(type(side)(dim_value=things).SerializeToString())
        if isinstance(count, str):
            side.dim_param = count
    onnx.save(model, str(path))
    (tmp_path / "labels.txt").write_text("\n".join(NAMES), encoding="utf-8")
    assert Plugins.load().model(str(path), Path()).decode["layout"] == "mmdet"
    assert found_in(path) == ["kind1"] * min(things, 100)


def test_a_file_of_mmdeploy_that_takes_any_picture_gets_it_as_mmdetection_prepares_it(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.onnx", "mmdet", {}, ("height", "width"))
    (tmp_path / "labels.txt").write_text("\n".join(NAMES), encoding="utf-8")
    card = Plugins.load().model(str(path), Path())
    assert "size 1333 × 800: the file takes any" in card.guessed
    assert Preparer(card.input).tensor(np.zeros((480, 640, 3), np.uint8)).shape == (1, 3, 800, 1088)


def test_a_fastestdet_counts_from_the_score_of_its_authors_programs(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.onnx", "fastestdet", {})
    (tmp_path / "labels.txt").write_text("\n".join(NAMES), encoding="utf-8")
    assert Plugins.load().model(str(path), Path()).decode == {"layout": "fastestdet", "min_score": 0.65}


def test_every_layout_says_how_its_pictures_are_usually_prepared() -> None:
    assert set(PICTURES) == {case.split()[0] for case in RECOGNISED}


def checked(path: Path, **options: Any) -> str:
    """Return what `xmaker check` has against a detector that is told nothing but this file."""
    plugins = Plugins.load()
    project = Project("test", folder=path.parent, plugins=plugins).add(plugins.nodes["camera"](), name="camera")
    project.add(Detector(model=path.name, **options), name="things", from_="camera")
    try:
        project.check()
    except ProjectError as error:
        return str(error.show())
    return ""


def labelled(path: Path, names: list[str] = NAMES) -> Path:
    path.with_suffix(".txt").write_text("\n".join(names), encoding="utf-8")
    return path


def test_of_labels_beside_outputs_that_have_no_layout_it_is_said_what_was_seen(tmp_path: Path) -> None:
    """CenterNet's, for example. That labels must be written beside it would lead in a circle: they are there."""
    MADE["odd"] = {"hm": np.zeros((1, 3, 16, 24), np.float32), "wh": np.zeros((1, 2, 16, 24), np.float32)}
    path = labelled(written(tmp_path / "mine.onnx", "odd", {}))
    said = checked(path)
    assert "XM671" in said and "hm float32 [1, 3, 16, 24], wh" in said and "layout: …" in said
    shown = CliRunner().invoke(cli, ["model", "info", str(path)])
    assert shown.exit_code == 0 and "hm float32 [1, 3, 16, 24]" in shown.output and "layout: not known" in shown.output


def test_a_layout_that_is_said_says_how_pictures_are_prepared(tmp_path: Path, xmaker_run: Any) -> None:
    MADE["odd"] = {"hm": np.zeros((1, 3, 16, 24), np.float32)}
    path = labelled(written(tmp_path / "mine.onnx", "odd", {}))
    assert checked(path, layout="yolov8") == ""  # what comes out is looked at once it runs
    file = read_onnx(path)
    made = {layout: guessed_card(file, layout) for layout in ("yolov8", "nanodet")}
    ways = {layout: (card.input.colour, card.input.resize) for layout, card in made.items() if card}
    assert ways == {"yolov8": ("RGB", "letterbox"), "nanodet": ("BGR", "stretch")}
    plugins = Plugins.load()
    project = Project("test", folder=tmp_path, plugins=plugins).add(plugins.nodes["camera"](), name="camera")
    run = xmaker_run(project.add(Detector(model="mine.onnx", layout="yolov8"), name="things", from_="camera"))
    run.send("camera", Frame(np.zeros((100, 200, 3), np.uint8)))
    assert run.runtime.failure.code == "XM672"


def test_of_open_sizes_those_of_a_usual_picture_are_tried(tmp_path: Path) -> None:
    """Ultralytics with `dynamic=True`, its metadata taken out: [batch, 4 + kinds, anchors]."""
    path = labelled(written(tmp_path / "mine.onnx", "yolov8", {}, ("height", "width")))
    model = onnx.load(str(path))
    for dimension in (model.graph.output[0].type.tensor_type.shape.dim[number] for number in (0, 2)):
        dimension.dim_param = "any"
    onnx.save(model, str(path))
    card = Plugins.load().model(str(path), Path())
    assert (card.decode["layout"], card.input.resize, card.input.width) == ("yolov8", "letterbox", 640)
    assert "size 640 × 640: the file takes any" in card.guessed
    helper.set_model_props(model, YOLO)
    onnx.save(model, str(path))
    lines = CliRunner().invoke(cli, ["model", "info", str(path)]).output.splitlines()
    assert "layout: yolov8" in lines and "guessed: nothing" in lines  # its size is in the metadata


@pytest.mark.parametrize("case", ["yolov8", "yolov5", "nanodet", "ssd"])
def test_labels_too_few_or_too_many_are_told_of_before_the_run(tmp_path: Path, case: str) -> None:
    path = labelled(written(tmp_path / "mine.onnx", case, {}), NAMES[:2])
    said = checked(path)
    assert "XM673" in said and "5 kinds" in said and "2 labels" in said and ".txt" in said
    shown = CliRunner().invoke(cli, ["model", "info", str(path)])
    assert shown.exit_code == 1 and isinstance(shown.exception, ProjectError) and shown.exception.code == "XM673"


def test_a_project_file_is_told_where_the_model_with_too_few_labels_stands(tmp_path: Path) -> None:
    network(tmp_path / "mine.onnx", MADE["yolov8"], CARD | {"labels": {"en": NAMES[:2]}})
    (tmp_path / "project.yaml").write_text(
        'inputs: {camera: {}}\nmodels:\n  m:\n    use: detector\n    model: "mine.onnx"\n    from: camera\n', encoding="utf-8"
    )
    with pytest.raises(ProjectError) as raised:
        Project.load(tmp_path / "project.yaml")
    assert "project.yaml:5:12: error XM673" in raised.value.show()


def test_of_two_layouts_that_fit_the_number_of_labels_chooses(tmp_path: Path) -> None:
    """[1, ?, 38]: a row a place, of YOLOv5 with 33 kinds or of NanoDet with 6."""
    MADE["either"] = {"out": np.zeros((1, 1, 38), np.float32)}
    path = written(tmp_path / "mine.onnx", "either", {})
    model = onnx.load(str(path))
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_param = "any"
    onnx.save(model, str(path))
    chosen = {kinds: layout_of(read_onnx(path), WIDTH, HEIGHT, ["kind"] * kinds) for kinds in (33, 6)}
    assert chosen == {33: "yolov5", 6: "nanodet"}


def test_an_empty_list_of_labels_is_told_of(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.onnx", "yolov8", {})
    (tmp_path / "mine.txt").write_text("\n \n", encoding="utf-8")
    with pytest.raises(ProjectError) as raised:
        Plugins.load().model(str(path), Path())
    assert raised.value.code == "XM597" and "mine.txt" in str(raised.value)


def test_outputs_of_a_size_that_cannot_be_are_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.onnx", "yolov8", {})
    model = onnx.load(str(path))
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 1 << 30
    onnx.save(model, str(path))
    assert layout_of(read_onnx(path), WIDTH, HEIGHT) == ""


def test_info_shows_the_layout_that_was_found(tmp_path: Path) -> None:
    path = network(tmp_path / "mine.onnx", MADE["yolov8"], CARD)
    lines = CliRunner().invoke(cli, ["model", "info", str(path)]).output.splitlines()
    assert "layout: yolov8" in lines and "guessed: nothing" in lines
