"""Resizes as Pillow does, to the last bit, without Pillow: some networks' own programs prepare their pictures with it.

Unlike OpenCV, it weighs every pixel of a picture that becomes smaller. Source of what is done: Pillow's Resample.c.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

Pair = tuple[int, int]
"""(height, width)."""
BITS = 22
"""Weights are whole numbers of 2 ** -22."""


def _linear(far: Any) -> Any:
    import numpy as np

    return np.maximum(1 - np.abs(far), 0)


def _cubic(far: Any) -> Any:
    import numpy as np

    far = np.abs(far)
    near = (1.5 * far - 2.5) * far * far + 1
    return np.where(far < 1, near, np.where(far < 2, (((far - 5) * far + 8) * far - 4) * -0.5, 0))


FILTERS: dict[str, tuple[Callable[[Any], Any], int]] = {"bilinear": (_linear, 1), "bicubic": (_cubic, 2)}
"""Name → the weight of a pixel that is so far away, and how far weights reach."""


class Sampling:
    """Resizes pictures of one size to another."""

    def __init__(self, name: str, given: Pair, wanted: Pair) -> None:
        self._down, self._across = (
            None if old == new else _weights(name, old, new) for old, new in zip(given, wanted, strict=True)
        )

    def resize(self, image: Any, out: Any) -> None:
        """Write a uint8 picture (height, width) or (height, width, channels), resized, into another."""
        if self._across is not None:  # Pillow rounds to bytes after each of the two steps, too
            image = _resized(image, 1, *self._across)
        out[:] = image if self._down is None else _resized(image, 0, *self._down)


def _weights(name: str, old: int, new: int) -> tuple[Any, Any]:
    """Return for each new pixel which old ones it is made of, and with what weights: both [most of them, new]."""
    import numpy as np

    weight, reach = FILTERS[name]
    scale = old / new
    wide = max(scale, 1.0)
    middle = (np.arange(new) + 0.5) * scale
    first = np.maximum((middle - reach * wide + 0.5).astype(np.int64), 0)
    end = np.minimum((middle + reach * wide + 0.5).astype(np.int64), old)
    places = first + np.arange(2 * ceil(reach * wide) + 1)[:, None]
    parts = np.where(places < end, weight((places - middle + 0.5) * (1 / wide)), 0)
    parts = parts / parts.sum(0)
    whole = np.trunc(parts * (1 << BITS) + np.copysign(0.5, parts)).astype(np.int32)
    used = whole.any(1)
    return np.minimum(places, old - 1)[used], whole[used]


def _resized(image: Any, axis: int, places: Any, weights: Any) -> Any:
    """Resize along an axis."""
    import numpy as np

    turned = [-1 if one == axis else 1 for one in range(image.ndim)]
    shape = [places.shape[1] if one == axis else size for one, size in enumerate(image.shape)]
    made, part = np.full(shape, 1 << (BITS - 1), np.int32), np.empty(shape, np.int32)
    for place, weight in zip(places, weights, strict=True):
        np.multiply(image.take(place, axis), weight.reshape(turned), part)
        made += part
    made >>= BITS
    return np.clip(made, 0, 255, made).astype(np.uint8)
