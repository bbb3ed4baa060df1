"""What may be in the plan of a Keras file, and what becomes of it. Keras itself is not needed."""

from __future__ import annotations

from typing import Any

import pytest
from xmaker_toolbox.convert.keras_files.plan import code, mended


def layer(name: str, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    return {"class_name": name, "config": config} | ({} if module is None else {"module": module})


def function(name: str, module: str) -> dict[str, Any]:
    return {"class_name": "function", "module": module, "config": name, "registered_name": name}


def test_layers_of_keras_are_no_code() -> None:
    inner = layer("Functional", "keras.src.models.functional", layers=[layer("Conv2D", activation="relu"), layer("Dense")])
    plan = layer("Sequential", "keras", layers=[inner, layer("Activation", activation=function("softmax", "builtins"))])
    assert code(plan) == []


@pytest.mark.parametrize(
    "bad, name",
    [
        (layer("Lambda", None, function=["4wEAAAA=", None, None]), "Lambda"),
        (layer("Lambda", function={"class_name": "__lambda__", "config": {"value": "4wEAAAA="}}), "Lambda"),
        (layer("Dense", activation={"class_name": "__lambda__", "config": {"value": "4wEAAAA="}}), "__lambda__"),
        (layer("TorchModuleWrapper", module="gASV"), "TorchModuleWrapper"),
        (layer("TFSMLayer", filepath="somewhere"), "TFSMLayer"),
        (layer("StringLookup", vocabulary="/etc/passwd"), "StringLookup"),
        (layer("Dense", activation=function("load_model", "keras.models")), "keras.models.load_model"),
        (layer("Dense", activation=function("get_file", "keras.utils")), "keras.utils.get_file"),
        (layer("enable_unsafe_deserialization", "keras.config"), "keras.config.enable_unsafe_deserialization"),
    ],
)
def test_what_runs_code_or_reads_files_is_named_however_deep_it_lies(bad: dict[str, Any], name: str) -> None:
    inner = layer("Functional", None, layers=[layer("Conv2D", None), bad])
    wrapped = layer("TimeDistributed", layer=layer("Sequential", "keras", layers=[inner]))
    assert name in code(wrapped)
    called = {**layer("Dense"), "inbound_nodes": [{"args": [], "kwargs": {"inputs": bad}}]}
    assert name in code(layer("Functional", "keras", layers=[called]))


def test_how_a_network_was_trained_is_no_part_of_it() -> None:
    plan = {**layer("Sequential", "keras", layers=[]), "compile_config": {"loss": layer("Mine", "my.losses")}}
    assert code(plan) == [] and "compile_config" not in mended(plan, old=False)


def test_the_words_of_keras_2_become_those_of_keras_3() -> None:
    inner = layer("Functional", "keras.src.engine.functional", input_layers=[["in", 0, 0]], output_layers=[["out", 0, 0]])
    inner["config"]["layers"] = [layer("DepthwiseConv2D", groups=1), layer("BatchNormalization", axis=[3])]
    old = mended(layer("Sequential", None, layers=[inner]), old=True)["config"]["layers"][0]
    assert "module" not in old and old["config"]["output_layers"] == ["out", 0, 0]
    assert [one["config"] for one in old["config"]["layers"]] == [{}, {"axis": 3}]
    assert mended(inner, old=False)["module"] == "keras.src.models.functional"
    two = layer("Functional", None, output_layers=[["a", 0, 0], ["b", 0, 0]])
    assert mended(two, old=True) == two
