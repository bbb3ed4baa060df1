"""A classifier on labelled pictures: what is counted, and what is refused."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from xmaker_toolbox.evaluation.run import megabytes
from xmaker_toolbox.evaluation.tables import notices
from xmaker_toolbox.pictures import load_picture
from xmaker_toolbox.progress import Cancelled

from tests.plugins.toolbox.evaluation.conftest import CARD, COLOURS, colour_network, draw_picture
from xmaker import Frame, Label, Plugins, Project, ProjectError
from xmaker.toolbox import evaluate

CMYK = base64.b64decode(
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAbEhQXFBEbFxYXHhwbIChCKyglJShROj0wQmBVZWRfVV1baniZgWpxkHNbXYW1hpCeo6utq2eAvMm6pseZqKuk/8AA"
    "FAgAAQABBEMRAE0RAFkRAEsRAP/EABQAAQAAAAAAAAAAAAAAAAAAAAb/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0AWQBLAAA/AEwyMkz/2Q=="
)
"""One red pixel in cyan, magenta, yellow and black."""
ROOT = Path(__file__).resolve().parents[4]


def test_what_is_right_is_counted(colours: Path, pictures: Path) -> None:
    found = evaluate(colours, pictures)
    assert found.figures == {"top-1": 0.8}  # with three labels, the five best are all there are
    assert (found.pictures, found.task, found.model) == (5, "classify", str(colours))
    assert found.megabytes == colours.stat().st_size / 1e6
    assert [one.label for one in found.classes] == ["red", "green", "blue"]
    assert found.confusion == [[2, 0, 0], [0, 1, 0], [0, 1, 1]]
    assert [(one.count, one.right, one.said) for one in found.classes] == [(2, 2, 2), (1, 1, 2), (2, 1, 1)]
    assert [(one.recall, one.precision) for one in found.classes] == [(1, 1), (1, 0.5), (0.5, 1)]
    assert [(one.path.name, one.true, one.said, one.score) for one in found.mistakes] == [("5.png", "blue", "green", 1.0)]
    assert found.confused() == [(2, 1, 1)]


def test_it_says_what_a_running_project_says(tmp_path: Path, xmaker_run: Any) -> None:
    paths = sorted((ROOT / "projects/cat_dog/media").glob("*.jpg"))
    (tmp_path / "labels.csv").write_text("file,label\n" + "".join(f"{path},other\n" for path in paths))
    wrong = {one.path: (one.said, one.score) for one in evaluate("cat-dog", tmp_path / "labels.csv").mistakes}
    plugins = Plugins.load()
    project = Project("test", folder=tmp_path, plugins=plugins).add(plugins.nodes["camera"](), name="camera")
    project.add(plugins.nodes["classifier"](model="cat-dog"), name="pet", from_="camera")
    project.check()
    run = xmaker_run(project)
    for path in paths:
        run.send("camera", Frame(load_picture(path), str(path)))
    said = [event.value for event in run.events if isinstance(event.value, Label)]
    assert len(wrong) > 2
    assert wrong == {path: (one.label, one.score) for path, one in zip(paths, said, strict=True) if one.label != "other"}


def test_among_many_labels_the_best_five_count(tmp_path: Path) -> None:
    names = ["red", "green", "blue", *(f"nothing {number}" for number in range(9))]
    path = colour_network(tmp_path / "many.onnx", {**CARD, "labels": {"en": names}}, labels=12)
    for name, colour in {"red/1": (0, 0, 255), "green/2": (0, 100, 200), "nothing 8/3": (1, 2, 3)}.items():
        draw_picture(tmp_path / "pictures" / f"{name}.png", colour)
    found = evaluate(path, tmp_path / "pictures")
    assert found.figures == {"top-1": 1 / 3, "top-5": 2 / 3}
    assert [one.label for one in found.classes] == ["red", "green", "nothing 8"]  # the rest was neither there nor said
    assert found.confusion == [[1, 0, 0], [1, 0, 0], [1, 0, 0]]


@pytest.mark.parametrize("labels", [("red", "GREEN", "blue"), ("红", "绿", "蓝"), ("0", "1", "2")])
def test_labels_are_names_in_either_language_or_numbers(tmp_path: Path, colours: Path, labels: tuple[str, ...]) -> None:
    for label, colour in zip(labels, COLOURS.values(), strict=True):
        draw_picture(tmp_path / "pictures" / label / "1.png", colour)
    assert evaluate(colours, tmp_path / "pictures").confusion == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("column", ["class_index", "label"])
def test_a_model_without_names_is_judged_by_numbers(tmp_path: Path, column: str) -> None:
    path = colour_network(tmp_path / "bare.onnx", {**CARD, "labels": {}})
    draw_picture(tmp_path / "1.png", COLOURS["blue"])
    (tmp_path / "labels.csv").write_text(f"file,{column}\n1.png,2\n")
    found = evaluate(path, tmp_path / "labels.csv")
    assert (found.figures, found.classes[0].label) == ({"top-1": 1.0}, "2")


NOTHING = {**CARD, "labels": {"en": ["background", "red", "green", "blue"]}}
"""A card for scores of red, green, blue and the least, moved by one: what is red is called background."""


def table(folder: Path, *lines: str, columns: str = "file,class_index,label") -> Path:
    """Write a picture of each colour, and a table with these lines about them."""
    for name, colour in COLOURS.items():
        draw_picture(folder / f"{name}.png", colour)
    (folder / "labels.csv").write_text("\n".join([columns, *lines]) + "\n")
    return folder / "labels.csv"


def test_a_table_may_count_from_the_label_after_the_one_for_nothing(tmp_path: Path) -> None:
    """The names in it tell, however wrong the model is."""
    model = colour_network(tmp_path / "many.onnx", NOTHING, labels=4)
    found = evaluate(model, table(tmp_path, "red.png,0,red", "green.png,1,green", "blue.png,2,a name that nobody has"))
    assert [one.label for one in found.classes if one.count] == ["red", "green", "blue"]
    assert (found.figures["top-1"], found.contradicting) == (0, [])
    found = evaluate(model, table(tmp_path, "red.png,1,red", "green.png,2,green"))
    assert [one.label for one in found.classes if one.count] == ["red", "green"]


def test_where_no_names_tell_how_a_table_counts_the_models_answers_do(tmp_path: Path) -> None:
    model = colour_network(tmp_path / "many.onnx", NOTHING, labels=4)
    for lines in (["red.png,0", "green.png,1", "blue.png,2"], ["green.png,0", "blue.png,1"]):
        assert evaluate(model, table(tmp_path, *lines, columns="file,class_index")).figures["top-1"] == 1


def test_a_table_whose_names_contradict_its_numbers_is_told_of(tmp_path: Path, colours: Path) -> None:
    """A table for another model: numbers from 1, of a model that counts from 0."""
    found = evaluate(colours, table(tmp_path, "red.png,1,red", "green.png,2,GREEN", "blue.png,2,blue"))
    assert [path.name for path in found.contradicting] == ["red.png", "green.png"]
    assert "red.png, green.png" in "\n".join(notices(found))


def test_labels_are_said_in_the_users_language(colours: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    found = evaluate(colours, pictures)
    assert [one.label for one in found.classes] == ["红", "绿", "蓝"]
    assert (found.mistakes[0].true, found.mistakes[0].said) == ("蓝", "绿")


def test_odd_pictures_are_looked_at_and_broken_ones_named(colours: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures" / "red"
    draw_picture(folder / "1 grey.png", 90)
    draw_picture(folder / "2 tiny.png", COLOURS["red"], (1, 1))
    draw_picture(folder / "3 see-through.png", (0, 0, 255, 100))
    (folder / "4 cmyk.jpg").write_bytes(CMYK)
    draw_picture(folder / "5 cut.png", COLOURS["red"])
    (folder / "5 cut.png").write_bytes((folder / "5 cut.png").read_bytes()[:40])
    (folder / "6 text.jpg").write_text("no picture")
    (folder / "7 empty.jpg").touch()
    found = evaluate(colours, tmp_path / "pictures")
    assert found.pictures == 4
    assert [path.name for path in found.skipped] == ["5 cut.png", "6 text.jpg", "7 empty.jpg"]


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        ({"kitten/1.png": True}, "XM431", "kitten"),
        ({"gren/1.png": True}, "XM431", "green?"),
        ({"3/1.png": True}, "XM431", "red, green, blue"),
        ({"1.png": True}, "XM430", "Nobody says"),
        ({"red/1.png": False}, "XM434", "None of the files"),
        ({}, "XM492", "no folder"),
    ],
)
def test_what_cannot_be_counted_is_said(
    english: None, tmp_path: Path, colours: Path, files: dict[str, bool], code: str, words: str
) -> None:
    for name, good in files.items():
        path = draw_picture(tmp_path / "pictures" / name)
        if not good:
            path.write_text("x")
    with pytest.raises(ProjectError) as caught:
        evaluate(colours, tmp_path / "pictures")
    assert caught.value.code == code
    assert words in caught.value.show("en")


def test_progress_is_told_and_ends_the_work(colours: Path, pictures: Path) -> None:
    parts: list[float] = []

    def progress(part: float, doing: str = "") -> None:
        parts.append(part)
        if len(parts) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        evaluate(colours, pictures, progress=progress)
    assert parts == [0, 0.2, 0.4]


@pytest.mark.skipif(not os.environ.get("XMAKER_TEST_MEDIA"), reason="needs labelled photographs: XMAKER_TEST_MEDIA")
def test_the_networks_in_the_box_on_photographs() -> None:
    media = Path(os.environ["XMAKER_TEST_MEDIA"])
    imagenet = evaluate("imagenet", media / "imagenet/labels.csv").figures
    assert imagenet["top-1"] > 0.87 and imagenet["top-5"] > 0.96
    assert evaluate("cat-dog", media / "catdog").figures["top-1"] > 0.87


def test_a_task_that_nobody_can_judge(tmp_path: Path, pictures: Path) -> None:
    path = colour_network(tmp_path / "poet.onnx", {**CARD, "task": "write"})
    with pytest.raises(ProjectError) as caught:
        evaluate(path, pictures)
    assert caught.value.code == "XM432"


@pytest.mark.parametrize(("ending", "beside"), [(".onnx", ".onnx.data"), (".xml", ".bin"), (".ncnn.param", ".ncnn.bin")])
def test_weights_beside_the_file_count(tmp_path: Path, ending: str, beside: str) -> None:
    (tmp_path / f"m{ending}").write_bytes(b"x" * 1000)
    assert megabytes(tmp_path / f"m{ending}", Path()) == 0.001
    (tmp_path / f"m{beside}").write_bytes(b"x" * 2000)
    assert megabytes(tmp_path / f"m{ending}", Path()) == 0.003
