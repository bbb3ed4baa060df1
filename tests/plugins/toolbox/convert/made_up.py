"""Weights that nobody trained, the same wherever they are made: from the names and shapes of a network's layers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np

LAST_IN_BLOCK = ("bn3.weight", "linear_conv.bn.weight", "conv2.bn.weight")
"""What is added to what was there before: small, or each block would double the numbers."""


def weights(shapes: Mapping[str, Sequence[int]], factors: Mapping[str, float]) -> dict[str, Any]:
    """Return an array for each name; `factors` is what the weights of each layer are multiplied with."""
    return {name: _one(name, tuple(shape), factors) for name, shape in shapes.items()}


def _one(name: str, shape: tuple[int, ...], factors: Mapping[str, float]) -> Any:
    numbers = np.random.default_rng(crc32(name.encode()))
    if name.endswith("running_var"):
        made = numbers.uniform(0.8, 1.5, shape)
    elif len(shape) > 1:
        made = numbers.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape) * factors.get(name.removesuffix(".weight"), 1)
        if np.prod(shape[1:]) > 1:  # so that it is differences in the picture that count
            made -= made.mean(axis=tuple(range(1, len(shape))), keepdims=True)
    elif name.endswith(".weight"):
        made = numbers.uniform(0.1, 0.3, shape) if name.endswith(LAST_IN_BLOCK) else numbers.uniform(0.5, 1, shape)
    else:
        made = numbers.normal(0, 0.1, shape)
    return made.astype(np.float32)


def at_points(mask: Any, row: Sequence[float]) -> list[int]:
    """Return whether a mask covers each of 64 points in a box, which are the same for the same box."""
    left, top, right, bottom = (int(number) for number in row[:4])
    numbers = np.random.default_rng(left + top)
    x, y = (numbers.integers(low, max(low + 1, high), 64) for low, high in ((left, right), (top, bottom)))
    return [int(one) for one in mask[y.clip(0, mask.shape[0] - 1), x.clip(0, mask.shape[1] - 1)]]
