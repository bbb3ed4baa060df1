"""Model cards, and what an ONNX file says of itself. (tests/plugins/test_classifier.py runs real networks.)"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from xmaker import LabelName, PluginError, ProjectError, card_beside, read_onnx
from xmaker.cards import card_inside
from xmaker.onnx_file import onnx_metadata

CARD: dict[str, Any] = {"name": "mine", "task": "classify", "file": "net.onnx", "input": {"width": 224, "height": 224}}


def network(path: Path, **metadata: str) -> Path:
    one = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [one], [one])
    graph.output[0].name = "y"
    helper.set_model_props(model := helper.make_model(graph), metadata)
    onnx.save(model, str(path))
    return path


def test_a_card_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(json.dumps(CARD))
    card = card_beside(tmp_path / "mine.json")
    assert (card.name, card.path, card.input.layout) == ("mine", tmp_path / "net.onnx", "NHWC")


BAD_INPUTS: tuple[dict[str, Any], ...] = ({"width": -1, "height": 1}, {"width": "a", "height": 1}, {"height": 1})


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", *(json.dumps(CARD | {"input": bad}) for bad in BAD_INPUTS)])
def test_what_is_no_card_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.json").write_text(text)
    with pytest.raises(PluginError, match=r"mine\.json") as raised:
        card_beside(tmp_path / "mine.json")
    assert raised.value.code == "XM614"


def test_a_card_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(PluginError):
        card_beside(tmp_path / "mine.json")


def test_a_card_inside_its_file(tmp_path: Path) -> None:
    path = network(tmp_path / "net.onnx", xmaker=json.dumps(CARD), other="猫")
    card = card_inside(path)
    assert card is not None
    assert card.path == path
    assert onnx_metadata(path) == {"xmaker": json.dumps(CARD), "other": "猫"}


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"en": ["cat"], "zh": ["猫"]}, [("cat", "猫")]),
        ({"en": ["cat"]}, [("cat", "cat")]),
        ({"zh": ["猫"]}, [("猫", "猫")]),
        ({}, []),
    ],
)
def test_a_card_gives_its_labels_in_both_languages(
    tmp_path: Path, given: dict[str, list[str]], names: list[tuple[str, str]]
) -> None:
    card = card_inside(network(tmp_path / "net.onnx", xmaker=json.dumps(CARD | {"labels": given})))
    assert card is not None
    assert [(str(name), name.other) for name in card.label_names()] == names
    assert all(isinstance(name, LabelName) for name in card.label_names())


def test_a_damaged_file_is_never_more_than_an_error(tmp_path: Path) -> None:
    whole = network(tmp_path / "net.onnx", xmaker=json.dumps(CARD)).read_bytes()
    damaged, dice = tmp_path / "damaged.onnx", random.Random(1)
    for _ in range(300):
        data = bytearray(whole[: dice.randrange(len(whole))] if dice.random() < 0.5 else whole)
        for _ in range(dice.randrange(4)):
            if data:
                data[dice.randrange(len(data))] = dice.randrange(256)
        damaged.write_bytes(data)
        try:
            card_inside(damaged)
            read_onnx(damaged)
        except ProjectError as error:
            assert error.code in ("XM605", "XM614")


def test_a_file_that_is_not_onnx_at_all(tmp_path: Path) -> None:
    for data in (b"", b"PK\x03\x04", b"\x80\x04\x95", b"<html>", bytes(1000), b"\xff" * 1000):
        (tmp_path / "net.onnx").write_bytes(data)
        with pytest.raises(ProjectError) as raised:
            read_onnx(tmp_path / "net.onnx")
        assert raised.value.code == "XM605"


def test_what_goes_in_and_comes_out(tmp_path: Path) -> None:
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT16, ["batch", 3, 8, -1])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 3])
    weights = helper.make_tensor_value_info("weights", TensorProto.FLOAT, [1])
    nodes = [
        helper.make_node("Softmax", ["picture"], ["soft"]),
        helper.make_node("Cast", ["soft"], ["flat"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["flat", "weights"], ["scores"]),
    ]
    one = helper.make_tensor("weights", TensorProto.FLOAT, [1], [1.0])
    onnx.save(helper.make_model(helper.make_graph(nodes, "g", [picture, weights], [scores], [one])), str(tmp_path / "net.onnx"))
    file = read_onnx(tmp_path / "net.onnx")
    assert [str(tensor) for tensor in file.inputs] == ["picture float16 [?, 3, 8, ?]"]  # weights are no input
    assert [str(tensor) for tensor in file.outputs] == ["scores float32 [1, 3]"]
    assert file.last == {"scores": "Softmax"}
    assert (file.missing, file.size) == ([], (tmp_path / "net.onnx").stat().st_size)


def test_weights_in_another_file(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    values = helper.make_tensor("weights", TensorProto.FLOAT, [1000], bytes(4000), raw=True)
    one = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1000])
    two = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1000])
    graph = helper.make_graph([helper.make_node("Add", ["x", "weights"], ["y"])], "g", [one], [two], [values])
    onnx.save(helper.make_model(graph), str(path), save_as_external_data=True, location="net.bin", size_threshold=0)
    assert read_onnx(path).missing == []
    assert read_onnx(path).size > 4000
    (tmp_path / "net.bin").unlink()
    assert read_onnx(path).missing == ["net.bin"]


def test_the_networks_of_the_onnx_package_are_read() -> None:
    """Graphs of the ONNX model zoo, as onnx ships them with weights that are all the same."""
    found = {path.stem: read_onnx(path) for path in (Path(onnx.__file__).parent / "backend/test/data/light").glob("*.onnx")}
    assert len(found) >= 9
    assert {(*one.inputs[0].shape, len(one.inputs)) for one in found.values()} == {(1, 3, 224, 224, 1)}
    assert str(found["light_resnet50"].outputs[0]) == "gpu_0/softmax_1 float32 [1, 1000]"


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ('{"name"', "the text ends too early", "文字没写完就结束了"),
        ('{\n"name": "a",\n"task" "b"}', "what stands in line 3 is no JSON", "第 3 行不是 JSON"),
        ("[]", "“{}” must be a mapping (name: value)", "“{}”必须是映射（名字: 值）"),
        ("{}", "the key “name” is missing", "缺少键“name”"),
        (json.dumps(CARD | {"labels": ["a"]}), "“labels” must be a mapping (name: value)", "“labels”必须是映射（名字: 值）"),
        (json.dumps(CARD | {"labels": {"en": "a"}}), "“labels.…” must be a list", "“labels.…”必须是列表"),
        (json.dumps(CARD | {"input": {"height": 1}}), "the key “input.width” is missing", "缺少键“input.width”"),
        (json.dumps(CARD | {"input": {"width": 0, "height": 1}}), "“input.width” must be a whole number ≥ 1", "必须是整数 ≥ 1"),
        (
            json.dumps(CARD | {"input": {"width": 1, "height": 1, "layout": "HWC"}}),
            "“input.layout” cannot be 'HWC'",
            "“input.layout”不能是 'HWC'",
        ),
        (json.dumps(CARD | {"labels": {"en": ["a"], "zh": []}}), "the lists in “labels” differ in length", "列表长度不同"),
    ],
)
def test_what_is_wrong_with_a_card_is_said_in_our_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, english: str, chinese: str
) -> None:
    (tmp_path / "mine.json").write_text(text, encoding="utf-8")
    for language, words in (("C", english), ("zh_CN.UTF-8", chinese)):
        monkeypatch.setenv("LC_ALL", language)
        with pytest.raises(PluginError) as raised:
            card_beside(tmp_path / "mine.json")
        assert str(raised.value).endswith(words)
