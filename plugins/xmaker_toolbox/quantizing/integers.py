"""Writes a network in 8-bit integers: QDQ, a scale for each channel of weights, laid out for the processor it is for."""

from __future__ import annotations

import platform
from collections.abc import Collection
from typing import Any

import msgspec

from xmaker_toolbox.quantizing.layers import PASSING, WEIGHTED, Layers, find_layers
from xmaker_toolbox.quantizing.pixels import Pixels, find_pixels, keep_bytes
from xmaker_toolbox.quantizing.runtime import hushed, onnxruntime

LAYOUTS = {"x86": "U8S8", "arm": "S8S8"}
"""Processor → the kinds of numbers (activations, weights) that it multiplies fastest."""


def layout_for(target: str) -> str:
    """Return the layout for `x86`, `arm`, or (`auto`) this computer."""
    own = "arm" if platform.machine().lower().startswith(("arm", "aarch")) else "x86"
    return LAYOUTS[own if target == "auto" else target]


class Plan(msgspec.Struct, frozen=True):
    """How a graph is to be written in 8 bits."""

    layers: Layers
    layout: str
    pixels: Pixels | None = None
    """How the first layer's numbers are made of a picture's bytes, where they are."""


def plan_for(graph: Any, layout: str) -> Plan:
    """Work out what becomes of an onnx.ModelProto whose shapes are known."""
    return Plan(find_layers(graph), layout, find_pixels(graph) if layout == "U8S8" else None)


def in_integers(graph: Any, plan: Plan, ranges: Any, floats: Collection[str] = (), only: Collection[str] = ()) -> Any:
    """Return a copy of an onnx.ModelProto in 8 bits, where `ranges` (TensorsData) says which numbers occur.

    `floats` are layers that stay as they are; with `only`, all others do. Raises what the quantizer raises.
    """
    onnxruntime()
    from onnx import ModelProto
    from onnxruntime.quantization import QuantType
    from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

    copy = ModelProto()
    copy.CopyFrom(graph)
    kind = QuantType.QUInt8 if plan.layout == "U8S8" else QuantType.QInt8
    small = [node.name for node in graph.graph.node if node.op_type in WEIGHTED and node.name not in plan.layers.weights]
    excluded = [*plan.layers.outside, *floats, *small]
    overrides = {"TensorQuantOverrides": _overrides(graph, plan), "OpTypesToExcludeOutputQuantization": ["Gemm"]}
    with hushed():
        quantizer = QDQQuantizer(
            copy, True, False, QuantType.QInt8, kind, ranges, list(only), excluded, [*WEIGHTED, *PASSING], overrides
        )
        quantizer.quantize_model()
        quantizer.model.topological_sort()
    if plan.pixels:
        keep_bytes(quantizer.model.model, plan.pixels)
    return quantizer.model.model


def _overrides(graph: Any, plan: Plan) -> dict[str, Any]:
    """Return the scales that the quantizer must not choose itself."""
    import numpy as np
    from onnx import numpy_helper
    from onnxruntime.quantization import QuantType

    from xmaker_toolbox.quantizing.weights import fixed, weight_rows, weight_scales

    if plan.layout != "U8S8":
        return {}
    made: dict[str, Any] = {}
    if plan.pixels:
        made[plan.pixels.made] = [fixed(plan.pixels.scale, plan.pixels.zero, np.uint8)]
    stored = {tensor.name: tensor for tensor in graph.graph.initializer}
    for node in graph.graph.node:
        if (name := plan.layers.weights.get(node.name, "")) not in stored:
            continue
        weights = numpy_helper.to_array(stored[name])
        transposed = any(one.name == "transB" and one.i for one in node.attribute)
        rows, axis = weight_rows(node.op_type, weights, transposed)
        depthwise = node.op_type == "Conv" and weights.shape[1] == 1
        scales = [fixed(scale, 0, np.int8) for scale in weight_scales(rows, not depthwise)]
        scales[0] |= {"axis": axis, "quant_type": QuantType.QInt8}
        made[name] = scales
    return made
