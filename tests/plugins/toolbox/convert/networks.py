"""A training program of our own, `.net`: a JSON file with the colour that each class is, and numpy as its library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from xmaker_toolbox.convert.labels import named
from xmaker_toolbox.convert.sources import Asked, Source

from xmaker import ModelInput

SIDE = 224
RED_GREEN_BLUE = [[4.0, -2.0, -2.0], [-2.0, 4.0, -2.0], [-2.0, -2.0, 4.0]]


def write_net(path: Path, **about: Any) -> Path:
    """Write a network that says which colour a picture is; `wrong` makes its graph differ from it."""
    path.write_text(json.dumps({"weights": RED_GREEN_BLUE, **about}))
    return path


def read(asked: Asked) -> Source:
    """Read it: what `sources.READERS` asks of a reader."""
    about = json.loads(asked.path.read_text())
    weights = np.array(about["weights"], np.float32)
    colour, (mean, std) = about.get("colour", "RGB"), about.get("norm", ([127.5] * 3, [127.5] * 3))
    resize = about.get("resize", "stretch")
    picture = ModelInput(
        SIDE, SIDE, layout="NCHW", dtype="float32", colour=colour, resize=resize, mean=tuple(mean), std=tuple(std)
    )
    return Source(
        network=_graph(weights * about.get("wrong", 1.0)),
        answer=lambda tensor: tensor.mean(axis=(2, 3)) @ weights.T,
        picture=picture,
        labels=named(asked.path, asked.labels, about.get("labels", ()), len(weights)),
        origin="Colours",
        guessed=["colours: red, green, blue"],
    )


def _graph(weights: Any) -> Any:
    """Return the graph as exporters write it: with a size that is computed, and a batch that is left open at the end."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[2, 3], keepdims=1),
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Gather", ["shape", "first"], ["batch"]),
        helper.make_node("Concat", ["batch", "rest"], ["row"], axis=0),
        helper.make_node("Reshape", ["mean", "row"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weights"], ["y"], transB=1),
    ]
    numbers = {"weights": weights, "first": np.array([0], np.int64), "rest": np.array([-1], np.int64)}
    made = [numpy_helper.from_array(array, name) for name, array in numbers.items()]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, SIDE, SIDE])
    gives = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", len(weights)])
    graph = helper.make_graph(nodes, "net", [given], [gives], made)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
