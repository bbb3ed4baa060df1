"""`xmaker model card`: what a model's file says of itself is shown and changed; the network stays, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from xmaker_toolbox.editing.card import edit_card, read_card
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.pictures import load_picture

from tests.conftest import Run
from tests.plugins.detector.test_reading import RECOGNISED, written
from tests.plugins.toolbox.quantizing.networks import CARD, write_network, write_tflite
from xmaker import Frame, Plugins, ProjectError, toolbox
from xmaker.cards import card_inside

PHOTO = Path(__file__).parents[4] / "projects/cat_dog/media/cat1.jpg"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_network(tmp_path / "colours.onnx")


def refusal(model: Path | str, out: Path | None = None, **changes: Any) -> str:
    """Return the code of the message; each file must be as it was."""
    folder = model.parent if isinstance(model, Path) else out.parent if out else Path()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(ProjectError) as caught:
        edit_card(model, out, **changes)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return caught.value.code


def test_details_are_changed_in_the_file(model: Path) -> None:
    before = onnx.load(model)
    made = toolbox.edit_card(
        model, values={"title.zh": "颜色", "licence": "MIT", "input.mean": "127.5", "input.crop": ".9", "decode.scores": ""}
    )
    card = card_inside(model)
    assert made.path == model and card
    assert (card.title, card.licence, card.input.mean, card.input.crop) == ({"zh": "颜色"}, "MIT", (127.5,) * 3, 0.9)
    assert card.decode == {} and made.before.decode == {"scores": "logits"}
    after = onnx.load(model)
    assert after.graph.SerializeToString() == before.graph.SerializeToString()
    assert {one.key: one.value for one in after.metadata_props}["theirs"] == "kept"


def test_a_title_is_that_of_both_languages_and_nothing_takes_away(model: Path) -> None:
    edit_card(model, values={"title": "Colours"})
    assert read_card(str(model)).title == {"en": "Colours", "zh": "Colours"}
    edit_card(model, values={"title": "", "input.mean": "", "input.std": ""})
    card = read_card(str(model))
    assert card.title == {} and card.input.mean is None and card.input.std is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_labels_come_from_any_text_file(encoding: str, model: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_bytes("0 橙子\r\n1 蓝莓\r\n2 kiwi\r\n".encode(encoding))
    edit_card(model, labels=tmp_path / "labels.txt")
    assert read_card(str(model)).labels == {"en": ["橙子", "蓝莓", "kiwi"], "zh": ["橙子", "蓝莓", "kiwi"]}
    edit_card(model, labels=["orange", "blueberry", "kiwi"], labels_zh=tmp_path / "labels.txt")
    with opened(Plugins.load(), "classifier", model=str(model)) as node:
        label = node.run(Frame(load_picture(PHOTO))).label
    assert label in ("orange", "blueberry", "kiwi") and label in ("橙子", "蓝莓", "kiwi")


def test_a_new_file_leaves_the_old_one(model: Path, tmp_path: Path) -> None:
    before = model.read_bytes()
    edit_card(model, tmp_path / "other.onnx", values={"title": "Another"})
    assert model.read_bytes() == before
    card = read_card(str(tmp_path / "other.onnx"))
    assert (card.name, card.file, card.title["en"]) == ("other", "other.onnx", "Another")


def test_a_model_of_the_catalog_is_copied(tmp_path: Path) -> None:
    edit_card("cat-dog", tmp_path / "mine.onnx", values={"title.en": "My cat"})
    with opened(Plugins.load(), "classifier", model=str(tmp_path / "mine.onnx")) as node:
        assert node.run(Frame(load_picture(PHOTO))).label == "cat"
    assert refusal("cat-dog", values={"title": "x"}) == "XM567"


def test_a_file_without_a_card_gets_one(model: Path) -> None:
    bare = onnx.load(model)
    del bare.metadata_props[:]
    onnx.save(bare, model)
    guess = read_card(str(model))
    assert guess.task == "classify" and guess.input.layout == "NCHW" and guess.guessed
    edit_card(model, values={"input.mean": "0", "input.std": "255", "guessed": ""}, labels=["red", "green", "blue"])
    with opened(Plugins.load(), "classifier", model=str(model)) as node:
        red = np.full((40, 40, 3), (0, 0, 250), np.uint8)
        assert node.run(Frame(red)).label == "red"


@pytest.mark.parametrize("case", ["classifier", *RECOGNISED])
def test_labels_in_a_file_mean_the_same_as_labels_beside_it(case: str, tmp_path: Path) -> None:
    """Of a file without a card: how its pictures are prepared, and how its outputs are read."""
    mine, names = tmp_path / "mine.onnx", ["a", "b", "c"]
    if case == "classifier":
        bare = onnx.load(write_network(mine))
        del bare.metadata_props[:]
        onnx.save(bare, mine)
    else:
        written(mine, case, {})
    edit_card(mine, tmp_path / "other.onnx", labels=names)
    edit_card(mine, tmp_path / "titled.onnx", values={"title": "Mine"})
    (tmp_path / "mine.txt").write_text("\n".join(names), encoding="utf-8")
    wanted = Plugins.load().model(str(mine), Path())
    for name, labels in (("other", names), ("titled", [])):
        card = card_inside(tmp_path / f"{name}.onnx")
        assert card and [*card.label_names()] == labels
        assert (card.task, card.input, card.decode) == (wanted.task, wanted.input, wanted.decode), name


def test_a_card_beside_its_file_is_changed_there(tmp_path: Path) -> None:
    beside = write_tflite(tmp_path / "colours.tflite")
    edit_card(tmp_path / "colours.tflite", values={"licence": "MIT"})
    edit_card(beside, values={"title": "Colours"})
    card = json.loads(beside.read_text(encoding="utf-8"))
    assert (card["licence"], card["file"], card["title"]["zh"]) == ("MIT", "colours.tflite", "Colours")
    edit_card(beside, tmp_path / "other.json", values={"name": "other"})
    assert Plugins.load().model(str(tmp_path / "other.json"), tmp_path).path == tmp_path / "colours.tflite"
    (tmp_path / "sub").mkdir()
    assert refusal(beside, tmp_path / "sub/other.json", values={"name": "x"}) == "XM568"
    assert refusal(beside, tmp_path / "other.onnx", values={"name": "x"}) == "XM552"


@pytest.mark.parametrize(
    "key, value, code",
    [
        ("lisence", "MIT", "XM565"),
        ("mean", "1", "XM565"),
        ("decode", "1", "XM565"),
        ("input.layout", "HWC", "XM566"),
        ("input.width", "big", "XM566"),
        ("input.width", "0", "XM566"),
        ("input.mean", "1, 2", "XM566"),
        ("input.mean", "nan", "XM566"),
        ("input.std", "0", "XM566"),
        ("input.std", "58, 57, -57", "XM566"),
        ("input.corner", "maybe", "XM566"),
        ("task", "clasify", "XM566"),
        ("guessed", "much", "XM566"),
    ],
)
def test_what_a_card_cannot_say_changes_nothing(key: str, value: str, code: str, model: Path) -> None:
    assert refusal(model, values={"title": "first", key: value}) == code


def test_labels_must_fit_the_network(model: Path, tmp_path: Path) -> None:
    assert refusal(model, labels=["red", "green"]) == "XM650"
    assert refusal(model, labels=["red", "green", "blue"], labels_zh=["红"]) == "XM650"
    assert refusal(model, labels=tmp_path / "nothing.txt") == "XM546"
    (tmp_path / "labels.txt").write_bytes(b"\xff\xfe\x00\xd8")
    assert refusal(model, labels=tmp_path / "labels.txt") == "XM494"


def test_weights_in_another_file_stay_beside(model: Path, tmp_path: Path) -> None:
    onnx.save_model(onnx.load(model), tmp_path / "big.onnx", save_as_external_data=True, location="big.data", size_threshold=0)
    edit_card(tmp_path / "big.onnx", tmp_path / "big2.onnx", values={"licence": "MIT"})
    weights = onnx.load(tmp_path / "big2.onnx").graph.initializer[0]
    assert numpy_helper.to_array(weights).any()
    (tmp_path / "sub").mkdir()
    assert refusal(tmp_path / "big.onnx", tmp_path / "sub/big.onnx", values={"licence": "MIT"}) == "XM568"


def test_a_file_that_cannot_be_written_or_read_stays(model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert refusal(model, tmp_path / "file" / "x.onnx", values={"licence": "MIT"}) == "XM490"
    (tmp_path / "page.onnx").write_bytes(b"<html>")
    assert refusal(tmp_path / "page.onnx", values={"licence": "MIT"}) == "XM605"
    assert refusal(tmp_path / "nothing.onnx", values={"licence": "MIT"}) == "XM604"


def test_the_command_shows_and_changes(model: Path, tmp_path: Path, xmaker: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = xmaker("model", "card", model)
    assert "labels.zh: 3: 红, 绿, 蓝" in shown.out and "input.std: [255.0, 255.0, 255.0]" in shown.out
    (tmp_path / "labels.txt").write_bytes("甲\n乙\n丙\n".encode("gbk"))
    ran = xmaker(
        "model", "card", model, "--set", "title.zh=三色", "--set", "licence=MIT", "--labels-zh", tmp_path / "labels.txt"
    )
    assert ran.code == 0 and "licence: Apache-2.0 → MIT" in ran.out and "title.zh: - → 三色" in ran.out
    assert "labels.en" not in ran.out and "labels.zh: 3: 红, 绿, 蓝 → 3: 甲, 乙, 丙" in ran.out
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    info = xmaker("model", "info", model)
    assert "标题: 三色" in info.out and "red 甲" in info.out and "许可证: MIT" in info.out
    wrong = xmaker("model", "card", model, "--set", "mean=1")
    assert wrong.code == 1 and "是不是“input.mean”" in wrong.err
    assert xmaker("model", "card", model, "--set", "title").code == 1
    assert CARD["labels"]["zh"] == ["红", "绿", "蓝"]
