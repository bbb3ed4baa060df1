"""A TensorFlow Lite file with nothing but the end of TensorFlow's SSD, TFLite_Detection_PostProcess, and what it answers."""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
from flatbuffers import flexbuffers
from tensorflow.lite.python import schema_py_generated as schema

MOST = 1000


def postprocessed(boxes: Any, scores: Any, anchors: Any) -> tuple[Any, Any, Any]:
    """Return boxes in pixels, scores and labels, none of them taken away; anchors are centre y, x, height, width in pixels."""
    from ai_edge_litert.interpreter import Interpreter

    anchors = np.array(anchors, np.float32)
    centres = anchors[:, :2] * 2  # the input's size is twice the mean of its anchors' centres
    size = np.repeat(np.round(centres.mean(0)), 1)
    whole = np.tile(size, 2).astype(np.float32)
    runner = Interpreter(model_content=written(boxes.shape, scores.shape, anchors / whole))
    runner.allocate_tensors()
    for place, array in zip(runner.get_input_details(), (boxes, scores), strict=True):
        runner.set_tensor(place["index"], array)
    runner.invoke()
    made = [runner.get_tensor(one["index"]) for one in runner.get_output_details()]
    count = int(made[3][0])
    return (made[0][0, :count] * whole)[:, [1, 0, 3, 2]], made[2][0, :count], made[1][0, :count]


def written(boxes: Any, scores: Any, anchors: Any) -> bytes:
    """Return the file's bytes."""
    options = flexbuffers.Builder()
    kinds = scores[2] - 1
    with options.Map():
        for name, number in (("max_detections", MOST), ("max_classes_per_detection", 1), ("num_classes", kinds)):
            options.Int(name, number)
        options.Bool("use_regular_nms", False)
        for name, value in (("nms_score_threshold", 0.3), ("nms_iou_threshold", 1.0)):
            options.Float(name, value)
        for name, value in (("y_scale", 10.0), ("x_scale", 10.0), ("h_scale", 5.0), ("w_scale", 5.0)):
            options.Float(name, value)
    model = schema.ModelT()
    model.version, model.description, model.buffers = 3, "", [schema.BufferT(), schema.BufferT()]
    model.buffers[1].data = np.frombuffer(anchors.astype(np.float32).tobytes(), np.uint8)
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode, code.version, model.operatorCodes = "TFLite_Detection_PostProcess", 1, [code]
    graph, step = schema.SubGraphT(), schema.OperatorT()
    shapes = [boxes, scores, anchors.shape, (1, MOST, 4), (1, MOST), (1, MOST), (1,)]
    graph.tensors = [tensor(f"t{number}", shape, int(number == 2)) for number, shape in enumerate(shapes)]
    graph.inputs, graph.outputs, graph.operators = [0, 1], [3, 4, 5, 6], [step]
    step.inputs, step.outputs, step.customOptions = [0, 1, 2], [3, 4, 5, 6], np.frombuffer(options.Finish(), np.uint8)
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def tensor(name: str, shape: Any, buffer: int) -> Any:
    made = schema.TensorT()
    made.name, made.shape, made.buffer, made.type = name, list(shape), buffer, schema.TensorType.FLOAT32
    return made
