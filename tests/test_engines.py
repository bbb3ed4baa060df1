"""Model files and their cards. (tests/plugins/test_classifier.py runs real networks.)"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from xmaker import LabelName, PluginError, ProjectError, card_beside
from xmaker.engines import card_inside, onnx_metadata

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
    assert card_inside(path).path == path
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
        except ProjectError as error:
            assert error.code in ("XM605", "XM606", "XM614")


def test_a_file_that_is_not_onnx_at_all(tmp_path: Path) -> None:
    for data in (b"", b"PK\x03\x04", b"\x80\x04\x95", b"<html>", bytes(1000), b"\xff" * 1000):
        (tmp_path / "net.onnx").write_bytes(data)
        with pytest.raises(ProjectError) as raised:
            card_inside(tmp_path / "net.onnx")
        assert raised.value.code == "XM605"
