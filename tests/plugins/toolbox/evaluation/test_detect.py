"""A detector on pictures with boxes. Its network finds the same in each, so all figures can be worked out by hand."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from xmaker_toolbox.evaluation.boxes import Scene, Thing, read_scenes

from tests.plugins.toolbox.evaluation.conftest import FINDS, draw_picture, finding_network, yolo
from xmaker import MissingDependency, Plugins, ProjectError
from xmaker.toolbox import evaluate

CAT, TABLE = 0, 1


@pytest.fixture
def finder(tmp_path: Path) -> Path:
    """A model that sees a cat at the top left, surely, and a table at the bottom right, hardly."""
    return finding_network(tmp_path / "finder.onnx", (CAT, 0.9, 10, 10, 50, 50), (TABLE, 0.3, 60, 60, 90, 90))


def coco(file: Path, *annotations: dict[str, Any], pictures: str = "ab") -> Path:
    """Write a COCO file with pictures of 200 by 100: a, b, …"""
    for name in pictures:
        draw_picture(file.parent / f"{name}.png", size=(100, 200))
    images = [{"id": number, "file_name": f"{name}.png"} for number, name in enumerate(pictures)]
    categories = [{"id": 17, "name": "cat"}, {"id": 67, "name": "dining table"}, {"id": 18, "name": "dog"}]
    made = [{"id": number, **one} for number, one in enumerate(annotations)]
    file.write_text(json.dumps({"images": images, "annotations": made, "categories": categories}))
    return file


def test_average_precision_of_a_coco_file(finder: Path, tmp_path: Path) -> None:
    """Pictures are twice as wide as the network's: so are the boxes that it finds."""
    cat = {"image_id": 0, "category_id": 17, "bbox": [20, 10, 80, 40]}
    table = {"image_id": 0, "category_id": 67, "bbox": [120, 60, 60, 15]}  # half as high as what is found there
    found = evaluate(finder, coco(tmp_path / "data.json", cat, {**cat, "image_id": 1}, table))
    # Cats: exact, 1. Table: IoU .5, right at the first of ten demands (that of picture b comes after it), wrong at the others.
    wanted = {"mAP": (1 + 0.1) / 2, "AP50": (1 + 1) / 2, "AP75": (1 + 0) / 2}
    assert found.figures == {name: pytest.approx(figure) for name, figure in wanted.items()}
    by_label = {one.label: one for one in found.classes}
    assert by_label["cat"].ap == pytest.approx(1.0)
    assert (by_label["cat"].count, by_label["cat"].right, by_label["cat"].said) == (2, 2, 2)
    assert (by_label["dining table"].count, by_label["dining table"].said) == (1, 0)  # 0.3 is less than a project's 0.4


def test_half_of_two_classes_is_half(finder: Path, tmp_path: Path) -> None:
    data = yolo(tmp_path / "data", {"a": "0 0.3 0.3 0.4 0.4\n1 0.1 0.9 0.1 0.1\n"})
    found = evaluate(finder, data)
    assert found.figures == {"mAP": pytest.approx(0.5), "AP50": pytest.approx(0.5), "AP75": pytest.approx(0.5)}
    assert {one.label: one.ap for one in found.classes} == {"cat": pytest.approx(1.0), "dining table": pytest.approx(0.0)}


def test_yolo_and_coco_say_the_same(finder: Path, tmp_path: Path) -> None:
    box = {"image_id": 0, "category_id": 17, "bbox": [20, 10, 60, 40]}
    one = evaluate(finder, coco(tmp_path / "coco.json", box, pictures="a"))
    draw_picture(tmp_path / "yolo" / "a.png", size=(100, 200))  # as labelImg has it: all in one folder
    (tmp_path / "yolo" / "a.txt").write_text("0 0.25 0.3 0.3 0.4\n")
    (tmp_path / "yolo" / "data.yaml").write_text("names: [cat, table]")
    other = evaluate(finder, tmp_path / "yolo")
    assert 0 < one.figures["mAP"] < 1
    assert one.figures == other.figures


def test_mistakes_are_the_boxes_that_are_wrong_or_missing(finder: Path, tmp_path: Path) -> None:
    lines = {"found": "0 0.3 0.3 0.4 0.4", "elsewhere": "0 0.8 0.8 0.1 0.1\n1 0.1 0.1 0.1 0.1", "nothing": ""}
    found = evaluate(finder, yolo(tmp_path / "data", lines))
    assert [(one.path.stem, one.score) for one in found.mistakes] == [("elsewhere", 3), ("nothing", 1)]
    worst = found.mistakes[0]
    assert [(box.label, box.right, box.score) for box in worst.wanted] == [
        ("cat", False, None),
        ("dining table", False, None),
    ]
    assert [(box.label, box.right, round(box.score or 0, 2)) for box in worst.found] == [("cat", False, 0.9)]


def test_of_a_crowd_nobody_is_too_many(tmp_path: Path) -> None:
    finder = finding_network(tmp_path / "finder.onnx", *((CAT, 0.9, left, 10, left + 10, 20) for left in range(10, 60, 15)))
    crowd = {"image_id": 0, "category_id": 17, "bbox": [0, 0, 200, 50], "iscrowd": 1}
    cat = {"image_id": 0, "category_id": 17, "bbox": [20, 10, 20, 10]}
    found = evaluate(finder, coco(tmp_path / "data.json", cat, crowd, pictures="a"))
    assert found.figures["mAP"] == pytest.approx(1.0)
    assert (found.classes[0].count, found.classes[0].said, found.mistakes) == (1, 1, [])


def test_what_the_model_does_not_know_is_told_and_not_counted(finder: Path, tmp_path: Path) -> None:
    dog = {"image_id": 0, "category_id": 18, "bbox": [0, 0, 10, 10]}
    cat = {"image_id": 0, "category_id": 17, "bbox": [20, 10, 80, 40]}
    found = evaluate(finder, coco(tmp_path / "data.json", dog, cat))
    assert found.left_out == ["dog"]
    assert found.figures["mAP"] == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["cat", "Cat", "猫"])
@pytest.mark.parametrize("table", ["dining table", "dining_table", "diningtable", "桌子"])
def test_classes_are_known_by_any_of_their_names(finder: Path, tmp_path: Path, name: str, table: str) -> None:
    data = yolo(tmp_path / "data", {"a": "0 0.3 0.3 0.4 0.4\n1 0.75 0.75 0.3 0.3"}, f"{name}\n{table}\n")
    assert evaluate(finder, data).figures["mAP"] == pytest.approx(1.0)


def test_two_numbers_may_stand_for_one_label(finder: Path, tmp_path: Path) -> None:
    data = yolo(tmp_path / "data", {"a": "0 0.3 0.3 0.4 0.4", "b": "1 0.3 0.3 0.4 0.4"}, "cat\n猫\n")
    assert evaluate(finder, data).figures["mAP"] == pytest.approx(1.0)


def test_the_numbers_of_the_network_may_be_others(tmp_path: Path) -> None:
    card = {**FINDS, "labels": {"en": ["cat"]}, "decode": {"layout": "candidates", "numbers": [16]}}
    finder = finding_network(tmp_path / "finder.onnx", (16, 0.9, 10, 10, 50, 50), (3, 0.9, 0, 0, 9, 9), card=card)
    found = evaluate(finder, yolo(tmp_path / "data", {"a": "0 0.3 0.3 0.4 0.4"}, "cat\n"))
    assert (found.figures["mAP"], found.mistakes) == (pytest.approx(1.0), [])


def test_a_model_that_finds_nothing_gets_nothing(tmp_path: Path) -> None:
    finder = finding_network(tmp_path / "finder.onnx")
    found = evaluate(finder, yolo(tmp_path / "data", {"a": "0 0.3 0.3 0.4 0.4"}))
    assert found.figures == {"mAP": 0, "AP50": 0, "AP75": 0}
    assert found.classes[0].count == 1


def test_broken_pictures_are_named(finder: Path, tmp_path: Path) -> None:
    data = yolo(tmp_path / "data", {"a": "0 0.3 0.3 0.4 0.4", "b": "0 0.3 0.3 0.4 0.4"})
    (data / "images" / "b.png").write_text("x")
    found = evaluate(finder, data)
    assert (found.pictures, [path.name for path in found.skipped]) == (1, ["b.png"])


def test_pictures_may_lie_in_folders(tmp_path: Path) -> None:
    data = yolo(tmp_path / "data", {"train/a": "0 0.5 0.5 1 1", "val/a": ""})
    assert [(one.path.parent.name, len(one.things)) for one in read_scenes(data).scenes] == [("train", 1), ("val", 0)]
    draw_picture(tmp_path / "coco" / "val" / "a.png")
    (tmp_path / "coco" / "annotations").mkdir()
    made = coco(tmp_path / "coco" / "annotations" / "val.json", pictures="a")
    (made.parent / "a.png").unlink()
    assert read_scenes(made).scenes[0].path == tmp_path / "coco" / "val" / "a.png"


def test_parts_of_a_picture_become_pixels() -> None:
    scene = Scene(Path("a.png"), [Thing(0, (0.25, 0.5, 0.5, 0.1))], parts=True)
    assert scene.in_pixels(200, 100) == [Thing(0, (50, 50, 100, 10))]


@pytest.mark.parametrize(
    ("line", "box"),
    [
        ("0 0.5 0.5 0.2 0.4", (0.4, 0.3, 0.2, 0.4)),
        ("0 0.5 0.5 0.2 0.4 0.97", (0.4, 0.3, 0.2, 0.4)),
        ("0 0.4 0.3 0.6 0.3 0.6 0.7 0.4 0.7", (0.4, 0.3, 0.2, 0.4)),
    ],
)
def test_lines_of_yolo(tmp_path: Path, line: str, box: tuple[float, ...]) -> None:
    scenes = read_scenes(yolo(tmp_path / "data", {"a": f"{line}\n\n"}))
    assert scenes.scenes[0].things[0].box == pytest.approx(box)


@pytest.mark.parametrize("names", ["names: {0: cat, 1: dog}", "names: [cat, dog]", "path: .\nnames:\n  0: cat\n  1: dog\n"])
def test_names_may_be_in_yolos_own_file(tmp_path: Path, names: str) -> None:
    data = yolo(tmp_path / "data", {"a": "0 0.5 0.5 0.2 0.4"})
    (data / "classes.txt").unlink()
    (tmp_path / "data.yaml").write_text(names)  # beside it, as a split of a larger set has it
    assert read_scenes(data).names == {0: "cat", 1: "dog"}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "XM437"),
        ({"a.png": "x"}, "XM437"),
        ({"a.png": "x", "a.txt": "0 .5 .5 .1 .1"}, "XM439"),
        ({"a.png": "x", "a.txt": "0 .5 .5 .1", "classes.txt": "cat"}, "XM438"),
        ({"a.png": "x", "a.txt": "cat .5 .5 .1 .1", "classes.txt": "cat"}, "XM438"),
        ({"a.png": "x", "a.txt": "0 50 50 10 10", "classes.txt": "cat"}, "XM438"),
        ({"a.png": "x", "a.txt": "0 nan .5 .1 .1", "classes.txt": "cat"}, "XM438"),
        ({"a.png": "x", "a.txt": "inf .5 .5 .1 .1", "classes.txt": "cat"}, "XM438"),
        ({"a.png": "x", "a.txt": "1 .5 .5 .1 .1", "classes.txt": "cat"}, "XM449"),
        ({"a.png": "x", "a.txt": "0 .5 .5 .1 .1", "data.yaml": "names: ["}, "XM438"),
        ({"a.png": "x", "a.txt": "0 .5 .5 .1 .1", "data.yaml": "names: {cat: 0}"}, "XM438"),
        ({"a.png": "x", "a.txt": "0 .5 .5 .1 .1", "data.yaml": "names: 3"}, "XM438"),
        ({"a.png": "x", "a.txt": "0 .5 .5 .1 .1", "classes.txt": "dragon"}, "XM433"),
        ({"a.png": "x", "a.txt": "0 .5 .5 .1 .1", "classes.txt": "cat"}, "XM434"),
    ],
)
def test_folders_that_cannot_be_used(finder: Path, tmp_path: Path, files: dict[str, str], code: str) -> None:
    (folder := tmp_path / "data").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    with pytest.raises(ProjectError) as caught:
        evaluate(finder, folder)
    assert caught.value.code == code
    assert "Traceback" not in caught.value.show("zh")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "XM438"),
        ("", "XM438"),
        ("[]", "XM438"),
        ('{"images": [], "annotations": []}', "XM438"),
        ('{"images": [{"id": 1, "file_name": "a.png"}], "annotations": [{}], "categories": []}', "XM438"),
        ('{"images": [], "annotations": [{"image_id": 1, "category_id": 1, "bbox": [0,0,1,1]}], "categories": []}', "XM438"),
        (
            '{"images": [{"id": 1, "file_name": "a.png"}],'
            ' "annotations": [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}], "categories": []}',
            "XM449",
        ),
    ],
)
def test_coco_files_that_cannot_be_used(finder: Path, tmp_path: Path, text: str | None, code: str) -> None:
    if text is not None:
        (tmp_path / "data.json").write_text(text)
    with pytest.raises(ProjectError) as caught:
        evaluate(finder, tmp_path / "data.json")
    assert caught.value.code == code


def test_a_missing_library_is_named_before_the_work(finder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycocotools.coco", None)
    told: list[float] = []
    with pytest.raises(MissingDependency, match="pycocotools"):
        evaluate(finder, yolo(tmp_path / "data", {"a": "0 .5 .5 .1 .1"}), progress=lambda part, doing="": told.append(part))
    assert told == []


@pytest.mark.skipif(not os.environ.get("XMAKER_TEST_MEDIA"), reason="needs pictures of COCO: XMAKER_TEST_MEDIA")
def test_the_detector_in_the_box_finds_what_its_card_says() -> None:
    said = next(row for row in Plugins.load().model("objects", Path()).accuracy if row["precision"] == "int8")
    found = evaluate("objects", Path(os.environ["XMAKER_TEST_MEDIA"]) / "coco")
    assert found.pictures == said["pictures"]
    assert (found.figures["mAP"], found.figures["AP50"]) == pytest.approx((said["map"], said["ap50"]), abs=0.0006)
