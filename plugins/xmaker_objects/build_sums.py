"""Scales with which ONNX Runtime adds bytes exactly as TFLite does.

TFLite adds in fixed point, with scales rounded to 21 bits, and rounds a half up; ONNX Runtime adds in floats and rounds a
half to the even neighbour. Of the 65,536 pairs of bytes up to four come out one apart (112.49998 is 113 for TFLite), and a
network carries that on. Moving a scale by a few of its last bits makes all of them agree.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

STEPS = sorted(product(range(-8, 9), repeat=2), key=lambda steps: abs(steps[0]) + abs(steps[1]))
"""By how many last bits the two scales are moved, the smallest moves first."""
PAIRS = np.mgrid[:256, :256].reshape(2, -1).astype(np.uint8)


class Bytes(NamedTuple):
    """What unsigned bytes stand for: (byte - zero) * scale."""

    scale: np.float32
    zero: int


def agreeing_scales(first: Bytes, second: Bytes, total: Bytes) -> tuple[np.float32, np.float32]:
    """Return scales of the summands, next to the true ones, that give TFLite's sum for every pair of bytes."""
    wanted = tflite_sums(first, second, total)
    for steps in STEPS:
        moved = [
            part._replace(scale=part.scale + np.float32(step) * np.spacing(part.scale))
            for part, step in zip((first, second), steps, strict=True)
        ]
        if np.array_equal(onnx_sums(moved[0], moved[1], total), wanted):
            return moved[0].scale, moved[1].scale
    raise SystemExit("no scales near the true ones add as TFLite does")


def tflite_sums(first: Bytes, second: Bytes, total: Bytes) -> NDArray[Any]:
    """Add every pair as XNNPACK does (xnn_init_qs8_add_minmax_scalar_params in its src/microparams-init.c)."""
    ratios = [np.float32(part.scale / total.scale) for part in (first, second)]
    shift = 21 - int(np.frexp(max(ratios))[1])
    terms = [
        (bytes_.astype(np.int64) - part.zero) * round(float(ratio) * 2.0**shift)
        for bytes_, part, ratio in zip(PAIRS, (first, second), ratios, strict=True)
    ]
    return np.clip((sum(terms) + (1 << (shift - 1)) >> shift) + total.zero, 0, 255)


def onnx_sums(first: Bytes, second: Bytes, total: Bytes) -> NDArray[Any]:
    """Let ONNX Runtime add every pair."""
    named = {"first": first, "second": second, "total": total}
    constants = [numpy_helper.from_array(np.array(part.scale, np.float32), f"{name}_scale") for name, part in named.items()]
    constants += [numpy_helper.from_array(np.array(part.zero, np.uint8), f"{name}_zero") for name, part in named.items()]
    nodes = [
        helper.make_node("DequantizeLinear", [name, f"{name}_scale", f"{name}_zero"], [f"{name}_float"])
        for name in ("first", "second")
    ]
    nodes.append(helper.make_node("Add", ["first_float", "second_float"], ["sum"]))
    nodes.append(helper.make_node("QuantizeLinear", ["sum", "total_scale", "total_zero"], ["total"]))
    values = [helper.make_tensor_value_info(name, TensorProto.UINT8, [PAIRS.shape[1]]) for name in named]
    graph = helper.make_graph(nodes, "sums", values[:2], values[2:], constants)
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)])
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"first": PAIRS[0], "second": PAIRS[1]})[0])
