"""Model files of other programs that cannot be used: what is said of them."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from tests.plugins.vision.test_foreign import FLOAT, NAMES, all_right, card_of, label_of, labelled, network
from xmaker import NodeError, Plugins, ProjectError


def code_of(path: Path) -> str:
    with pytest.raises(ProjectError) as raised:
        card_of(path)
    return raised.value.code


def test_what_cannot_be_used_says_why(tmp_path: Path) -> None:
    plain = network(tmp_path / "plain.onnx")
    assert code_of(plain) == "XM606"
    (tmp_path / "plain.txt").write_text("one\ntwo\n")
    assert code_of(plain) == "XM650"
    assert code_of(network(tmp_path / "four.onnx", CLASSES="a|b|c|d")) == "XM650"
    assert code_of(network(tmp_path / "two.onnx", inputs=2, CLASSES="a|b|c")) == "XM651"
    assert code_of(network(tmp_path / "table.onnx", input_size="[1, 4]", dataset_type="tab")) == "XM651"
    assert code_of(network(tmp_path / "odd.onnx", MODEL_INFO="{")) == "XM614"
    assert code_of(network(tmp_path / "list.onnx", MODEL_INFO="[]")) == "XM614"
    assert code_of(network(tmp_path / "speech.onnx", MODEL_INFO='{"codebase": "MMSpeech"}')) == "XM614"


@pytest.mark.parametrize(
    "name", [f"my {stem}" for stem in ("a.pt", "b.PTH", "c.h5", "d.pkl", "e.keras", "f.safetensors", "g.ckpt")]
)
def test_a_checkpoint_names_the_command_that_converts_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"anything")
    with pytest.raises(ProjectError) as raised:
        Plugins.load().model(name, tmp_path)
    assert raised.value.code == "XM655"
    assert f"xmaker model convert '{path}' '{path.with_suffix('.onnx')}'" in raised.value.hint
    network(path.with_suffix(".onnx"))  # it has been done already
    with pytest.raises(ProjectError) as raised:
        Plugins.load().model(name, tmp_path)
    assert raised.value.hint.endswith(f"“{path.with_suffix('.onnx').name}”?")


def test_weights_of_an_onnx_file_are_not_the_model(tmp_path: Path) -> None:
    (tmp_path / "fruit.onnx.data").write_bytes(b"anything")
    network(tmp_path / "fruit.onnx")
    with pytest.raises(ProjectError, match=r"fruit\.onnx\.data") as raised:
        Plugins.load().model("fruit.onnx.data", tmp_path)
    assert raised.value.code == "XM644" and "“fruit.onnx”" in raised.value.hint


def test_weights_that_were_not_copied_are_said_by_name(tmp_path: Path) -> None:
    model = onnx.load(str(network(tmp_path / "fruit.onnx", CLASSES="|".join(NAMES))))
    model.graph.initializer.append(helper.make_tensor("unused", FLOAT, [1000], bytes(4000), raw=True))
    onnx.save(model, str(tmp_path / "fruit.onnx"), save_as_external_data=True, location="fruit.data", size_threshold=0)
    assert all_right(tmp_path / "fruit.onnx")
    (tmp_path / "fruit.data").unlink()
    with pytest.raises(ProjectError, match=r"fruit\.data") as raised:
        card_of(tmp_path / "fruit.onnx")
    assert raised.value.code == "XM652"


def test_scores_that_are_no_numbers_are_an_error_and_no_label(tmp_path: Path) -> None:
    path = network(tmp_path / "fruit.onnx", last="Sqrt", CLASSES="|".join(NAMES))  # of numbers below 0
    with pytest.raises(NodeError) as raised:
        label_of(path, (0, 0, 0))
    assert raised.value.code == "XM654"


def test_a_network_for_several_pictures_at_once_says_how_to_export_it(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as raised:
        card_of(labelled(network(tmp_path / "four.onnx", (4, 3, 32, 32))))
    assert raised.value.code == "XM667" and "4 pictures" in str(raised.value)


def test_the_type_of_numbers_that_no_picture_has_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as raised:
        card_of(labelled(network(tmp_path / "double.onnx", (1, 3, 32, 32), TensorProto.DOUBLE)))
    assert raised.value.code == "XM668" and "float64" in str(raised.value)
