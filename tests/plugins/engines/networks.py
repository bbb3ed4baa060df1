"""One tiny network in the format of every engine: its scores are how red, green and blue a picture of 8 by 8 is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

CARD: dict[str, Any] = {
    "name": "colours",
    "task": "classify",
    "input": {
        "width": 8,
        "height": 8,
        "layout": "NCHW",
        "dtype": "float32",
        "colour": "RGB",
        "mean": [0, 0, 0],
        "std": [255, 255, 255],
    },
    "labels": {"en": ["red", "green", "blue"]},
}


def write_onnx(path: Path, work: int = 0, factor: float = 1.0) -> Path:
    """`work` makes it slower: so many times over it squares a large matrix that changes nothing."""
    axes = helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3])
    weights = [axes, helper.make_tensor("factor", TensorProto.FLOAT, [3], [factor, 1, 1 / factor])]
    nodes = [helper.make_node("ReduceMean", ["picture", "axes"], ["mean"], keepdims=0)]
    last = "mean"
    if work:
        side = 256
        weights.append(helper.make_tensor("zeros", TensorProto.FLOAT, [3, side], bytes(12 * side), raw=True))
        weights.append(helper.make_tensor("square", TensorProto.FLOAT, [side, side], bytes(4 * side * side), raw=True))
        weights.append(helper.make_tensor("back", TensorProto.FLOAT, [side, 3], bytes(12 * side), raw=True))
        nodes.append(helper.make_node("MatMul", ["mean", "zeros"], ["wide0"]))
        nodes += [helper.make_node("MatMul", [f"wide{n}", "square"], [f"wide{n + 1}"]) for n in range(work)]
        nodes.append(helper.make_node("MatMul", [f"wide{work}", "back"], ["nothing"]))
        nodes.append(helper.make_node("Add", ["mean", "nothing"], ["sum"]))
        last = "sum"
    nodes.append(helper.make_node("Mul", [last, "factor"], ["scores"]))
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 8, 8])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 3])
    model = helper.make_model(
        helper.make_graph(nodes, "colours", [picture], [scores], weights),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    helper.set_model_props(model, {"xmaker": json.dumps(CARD)})
    onnx.save(model, str(path))
    return path


def write_ncnn(path: Path) -> Path:
    """Write cats.ncnn.param and cats.ncnn.bin, as pnnx names them."""
    path.write_text("7767517\n2 2\nInput in0 0 1 in0 0=8 1=8 2=3\nReduction mean 1 1 in0 out0 0=3 1=0 -23303=2,1,2 4=0 5=1\n")
    path.with_suffix(".bin").touch()
    return path


def write_tflite(path: Path, int8: bool = False) -> Path:
    """Write a TFLite file with channels last, in floats or in bytes."""
    import flatbuffers
    import numpy as np
    from ai_edge_litert import schema_py_generated as tfl

    def tensor(name: str, shape: list[int], kind: int, buffer: int = 0) -> Any:
        made = tfl.TensorT()
        made.name, made.shape, made.type, made.buffer = name, shape, kind, buffer
        if kind == tfl.TensorType.INT8:
            made.quantization = tfl.QuantizationParametersT()
            made.quantization.scale, made.quantization.zeroPoint = [1 / 255], [-128]
        return made

    kind = tfl.TensorType.INT8 if int8 else tfl.TensorType.FLOAT32
    code, operation, graph, model = tfl.OperatorCodeT(), tfl.OperatorT(), tfl.SubGraphT(), tfl.ModelT()
    code.builtinCode = code.deprecatedBuiltinCode = tfl.BuiltinOperator.MEAN
    code.version = 2 if int8 else 1
    operation.inputs, operation.outputs, operation.opcodeIndex = [0, 1], [2], 0
    operation.builtinOptionsType, operation.builtinOptions = tfl.BuiltinOptions.ReducerOptions, tfl.ReducerOptionsT()
    graph.tensors = [
        tensor("picture", [1, 8, 8, 3], kind),
        tensor("axes", [2], tfl.TensorType.INT32, 1),
        tensor("scores", [1, 3], kind),
    ]
    graph.inputs, graph.outputs, graph.operators = [0], [2], [operation]
    axes = tfl.BufferT()
    axes.data = np.array([1, 2], np.int32).view(np.uint8)
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [tfl.BufferT(), axes]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path
