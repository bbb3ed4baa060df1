"""A classifier that knows three colours, a detector that always finds the same, and pictures for both."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

COLOURS = {"red": (0, 0, 255), "green": (0, 255, 0), "blue": (255, 0, 0)}
"""In BGR order."""
CARD = {
    "name": "colours",
    "task": "classify",
    "input": {"width": 8, "height": 8, "layout": "NCHW", "dtype": "float32", "colour": "RGB", "std": [255, 255, 255]},
    "labels": {"en": ["red", "green", "blue"], "zh": ["红", "绿", "蓝"]},
}
FINDS = {
    "name": "finder",
    "task": "detect",
    "input": {"width": 100, "height": 100, "resize": "stretch"},
    "labels": {"en": ["cat", "dining table"], "zh": ["猫", "桌子"]},
    "decode": {"layout": "candidates", "min_score": 0.4},
}
Draw = Callable[..., Path]


def save(path: Path, nodes: Sequence[Any], given: Any, gives: Sequence[Any], constants: Sequence[Any], card: Any) -> Path:
    graph = helper.make_graph(nodes, "g", [given], gives, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, {"xmaker": json.dumps(card)})
    onnx.save(model, str(path))
    return path


def colour_network(path: Path, card: Any = CARD, labels: int = 3) -> Path:
    """Write a network whose scores are the means of red, green and blue, and 0 for more labels, the last the least."""
    axes = helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3])
    rest = numpy_helper.from_array(-np.arange(1, labels - 2, dtype=np.float32)[None], "rest")
    nodes = [
        helper.make_node("ReduceMean", ["picture", "axes"], ["means"], keepdims=0),
        helper.make_node("Concat", ["means", "rest"], ["scores"], axis=1),
    ]
    given = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 8, 8])
    gives = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, labels])
    return save(path, nodes, given, [gives], [axes, rest], card)


def finding_network(path: Path, *found: tuple[int, float, float, float, float, float], card: Any = FINDS) -> Path:
    """Write a network that finds in every picture (label, score, left, top, right, bottom), of 100 by 100."""
    rows = np.array(found, np.float32).reshape(-1, 6)
    outputs = {"boxes": rows[:, 2:], "scores": rows[:, 1], "labels": rows[:, 0].astype(np.int64)}
    constants = [numpy_helper.from_array(np.ascontiguousarray(array), f"{name} before") for name, array in outputs.items()]
    nodes = [helper.make_node("Identity", [f"{name} before"], [name]) for name in outputs]
    gives = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in outputs.items()
    ]
    given = helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, 100, 100, 3])
    return save(path, nodes, given, gives, constants, card)


def draw_picture(path: Path, colour: tuple[int, ...] | int = 90, size: tuple[int, int] = (100, 100)) -> Path:
    """Write a picture of one colour, height by width; of a number, a grey one with a single channel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = size if isinstance(colour, int) else (*size, len(colour))
    path.write_bytes(cv2.imencode(path.suffix, np.full(shape, colour, np.uint8))[1].tobytes())
    return path


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """A model file."""
    return colour_network(tmp_path / "colours.onnx")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder: two red ones, a green one; one of the blue ones is green."""
    folder = tmp_path / "pictures"
    for name, colour in {"red/1": "red", "red/2": "red", "green/3": "green", "blue/4": "blue", "blue/5": "green"}.items():
        draw_picture(folder / f"{name}.png", COLOURS[colour])
    return folder


def yolo(folder: Path, lines: dict[str, str], names: str = "cat\ndiningtable\n") -> Path:
    """Write pictures of 100 by 100 with the labels of YOLO."""
    for name, text in lines.items():
        draw_picture(folder / "images" / f"{name}.png")
        (folder / "labels" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "labels" / f"{name}.txt").write_text(text)
    (folder / "classes.txt").write_text(names)
    return folder
