"""Tiny networks that give the same outputs whatever the picture, and a detector that looks with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from .outputs import HEIGHT, KINDS, WIDTH

NAMES = [f"kind{number}" for number in range(KINDS)]
CARD: dict[str, Any] = {
    "name": "made-up",
    "task": "detect",
    "input": {"width": WIDTH, "height": HEIGHT, "resize": "letterbox"},
    "labels": {"en": NAMES},
    "decode": {"min_score": 0.3},
}


def network(
    path: Path, outputs: Mapping[str, NDArray[Any]], card: Mapping[str, Any] = CARD, kind: int = TensorProto.UINT8
) -> Path:
    """Write a network with these outputs and a card."""
    shape = [1, card["input"]["height"], card["input"]["width"], 3]
    constants = [numpy_helper.from_array(np.ascontiguousarray(array), f"{name} before") for name, array in outputs.items()]
    nodes = [helper.make_node("Identity", [f"{name} before"], [name]) for name in outputs]
    given = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in outputs.items()
    ]
    picture = helper.make_tensor_value_info("picture", kind, shape)
    graph = helper.make_graph(nodes, "made-up", [picture], given, constants)
    model = helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", 18)])
    helper.set_model_props(model, {"xmaker": json.dumps(card)})
    onnx.save(model, str(path))
    return path
