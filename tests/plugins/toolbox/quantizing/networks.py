"""A small network that tells red, green and blue pictures apart, and ways to make it hard to quantize."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

COLOURS = ("red", "green", "blue")
SIDE = 32
CARD: dict[str, Any] = {
    "name": "colours",
    "task": "classify",
    "file": "colours.onnx",
    "input": {
        "width": SIDE,
        "height": SIDE,
        "layout": "NCHW",
        "dtype": "float32",
        "colour": "RGB",
        "mean": [0, 0, 0],
        "std": [255, 255, 255],
    },
    "decode": {"scores": "logits"},
    "labels": {"en": list(COLOURS), "zh": ["红", "绿", "蓝"]},
    "licence": "Apache-2.0",
}


def write_network(path: Path, *, loud: float = 0.0, batch: int | str = 1, opset: int = 13, last: Sequence[str] = ()) -> Path:
    """Write Conv, Relu, Conv, Relu, GlobalAveragePool, Flatten, Gemm: its first three channels are red, green and blue.

    `loud` adds a channel that is always so large and means nothing: beside it, eight bits have no room for the others.
    `last` are operations after the last layer.
    """
    random = np.random.default_rng(0)
    first, second = (random.normal(0, 0.02, shape).astype(np.float32) for shape in ((16, 3, 3, 3), (32, 16, 3, 3)))
    head = random.normal(0, 0.01, (32, 3)).astype(np.float32)
    for colour in range(3):
        first[colour, colour, 1, 1] = second[colour, colour, 1, 1] = 1
        head[colour, colour] = 8
    bias = np.zeros(16, np.float32)
    bias[3] = loud
    second[:, 3] *= not loud
    weights = {"first": first, "bias": bias, "second": second, "head": head}
    nodes = [
        helper.make_node("Conv", ["picture", "first", "bias"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "second"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["d"]),
        helper.make_node("GlobalAveragePool", ["d"], ["e"]),
        helper.make_node("Flatten", ["e"], ["f"]),
        helper.make_node("Gemm", ["f", "head"], ["g"]),
    ]
    made = ["g", *(f"h{number}" for number in range(len(last)))]
    nodes += [helper.make_node(kind, [given], [gives]) for kind, given, gives in zip(last, made, made[1:], strict=False)]
    return save(path, nodes, weights, made[-1], batch, opset)


def save(path: Path, nodes: list[Any], weights: dict[str, Any], output: str, batch: int | str = 1, opset: int = 13) -> Path:
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [batch, 3, SIDE, SIDE])
    scores = helper.make_tensor_value_info(output, TensorProto.FLOAT, [batch, 3])
    stored = [numpy_helper.from_array(values, name) for name, values in weights.items()]
    graph = helper.make_graph(nodes, "colours", [picture], [scores], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    helper.set_model_props(model, {"xmaker": json.dumps(CARD), "theirs": "kept"})
    onnx.save(model, str(path))
    return path


def write_pictures(folder: Path, each: int = 10) -> Path:
    """Write so many red, green and blue pictures, none like the other, into a folder for each colour."""
    random = np.random.default_rng(1)
    for number, colour in enumerate(COLOURS):
        (folder / colour).mkdir(parents=True)
        for index in range(each):
            image = random.integers(0, 160, (40, 48, 3), np.uint8)
            image[..., 2 - number] = np.minimum(255, image[..., 2 - number] + 90)
            cv2.imwrite(str(folder / colour / f"{index}.png"), image)
    return folder


def write_tflite(path: Path, *, old: bool = False, matmul: bool = False) -> Path:
    """Write Conv, ReLU, mean and a matrix, channels last, with its card beside it; return the card.

    `old` writes it as TensorFlow before 2.4 did: its operations have the older number alone, and it has no signature.
    `matmul` writes the matrix as onnx2tf writes ONNX's MatMul.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as tfl

    random = np.random.default_rng(0)
    first, head = (random.normal(0, 0.02, shape).astype(np.float32) for shape in ((16, 3, 3, 3), (3, 16)))
    for colour in range(3):
        first[colour, 1, 1, colour], head[colour, colour] = 1, 8
    head = head.T.copy() if matmul else head
    stored = [first, np.zeros(16, np.float32), np.array([1, 2], np.int32), head, np.zeros(3, np.float32)]
    model, graph = made(tfl.ModelT, version=3), made(tfl.SubGraphT, inputs=[0], outputs=[3])
    model.subgraphs, model.signatureDefs = [graph], None if old else [signature(tfl)]
    model.buffers = [made(tfl.BufferT), *(made(tfl.BufferT, data=np.frombuffer(one.tobytes(), np.uint8)) for one in stored)]
    shapes = [[1, SIDE, SIDE, 3], [1, SIDE, SIDE, 16], [1, 16], [1, 3], *([*one.shape] for one in stored)]
    graph.tensors = [made(tfl.TensorT, name=f"t{n}", shape=shape, buffer=max(0, n - 3)) for n, shape in enumerate(shapes)]
    graph.tensors[6].type = tfl.TensorType.INT32
    step = made(tfl.Conv2DOptionsT, strideW=1, strideH=1, fusedActivationFunction=tfl.ActivationFunctionType.RELU)
    kinds, options = tfl.BuiltinOperator, tfl.BuiltinOptions
    steps = [
        (kinds.CONV_2D, [0, 4, 5], options.Conv2DOptions, step),
        (kinds.MEAN, [1, 6], options.ReducerOptions, made(tfl.ReducerOptionsT)),
        (kinds.FULLY_CONNECTED, [2, 7, 8], options.FullyConnectedOptions, made(tfl.FullyConnectedOptionsT)),
    ]
    if matmul:
        steps[2] = (kinds.BATCH_MATMUL, [2, 7], options.BatchMatMulOptions, made(tfl.BatchMatMulOptionsT))
    codes = [(0 if old else one[0], one[0]) for one in steps]
    model.operatorCodes = [made(tfl.OperatorCodeT, builtinCode=code, deprecatedBuiltinCode=first) for code, first in codes]
    graph.operators = [
        made(tfl.OperatorT, opcodeIndex=n, inputs=takes, outputs=[n + 1], builtinOptionsType=kind, builtinOptions=how)
        for n, (_, takes, kind, how) in enumerate(steps)
    ]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    path.with_suffix(".json").write_text(json.dumps({**CARD, "file": path.name}))
    return path.with_suffix(".json")


def made(kind: Any, **fields: Any) -> Any:
    thing = kind()
    for name, value in fields.items():
        setattr(thing, name, value)
    return thing


def signature(tfl: Any) -> Any:
    ends = [[made(tfl.TensorMapT, name=name, tensorIndex=index)] for name, index in (("picture", 0), ("scores", 3))]
    return made(tfl.SignatureDefT, signatureKey="serving_default", inputs=ends[0], outputs=ends[1])
