"""Scales for weights in 8 bits, one for each output channel, with which no processor overflows."""

from __future__ import annotations

from typing import Any

import numpy as np

DEAD = 1e-4
"""The smallest scale, as a part of the layer's largest: a channel with hardly any weights has a bias that must fit 32 bits."""


def weight_rows(operation: str, weights: Any, transposed: bool = False) -> tuple[Any, int]:
    """Return a layer's weights as (output channels, products in the order in which they are added), and the channels' axis.

    `weights` is (out, in, height, width) of a Conv, (in, out) of a MatMul or a Gemm, (out, in) of a Gemm with transB.
    """
    if operation == "Conv":  # ONNX Runtime's 8-bit convolution turns pictures and weights so that channels come last
        return np.moveaxis(weights, 1, -1).reshape(len(weights), -1), 0
    return (weights, 0) if transposed else (weights.T, 1)


def weight_scales(rows: Any, pairs: bool = True) -> Any:
    """Return one scale for each output channel, float32.

    Older PCs (x86 without VNNI) add two neighbouring products of a U8 and an S8 number in 16 bits, which 255 * (127 + 127)
    does not fit: the answers go wrong without a word. So a pair of neighbouring weights may sum to 128 at most.
    `pairs` is False for layers that add no such pairs: depthwise ones.
    """
    scales = np.abs(rows).max(axis=1) / 127
    if pairs:
        even = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2)))
        scales = np.maximum(scales, np.abs(even[:, 0::2] + even[:, 1::2]).max(axis=1) / 127.4)
    return np.asarray(np.maximum(scales, max(scales.max() * DEAD, np.finfo(np.float32).tiny)), np.float32)


def fixed(scale: float, zero: int, kind: Any) -> dict[str, Any]:
    """Return a scale and a zero point in the form that ONNX Runtime's quantizer takes."""
    return {"scale": np.array(scale, np.float32), "zero_point": np.array(zero, kind)}
