"""What a layout gets and gives: a network's outputs, and the things in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xmaker import NodeError
from xmaker.values import Array

BACKGROUND = ("__background__", "background", "???", "背景")
"""Names that some lists of labels begin with, for "nothing"."""


@dataclass
class Given:
    """A network's outputs for one picture, and what is known beside them."""

    outputs: Sequence[Array]
    names: Sequence[str]
    width: int
    height: int
    """The input tensor's, in pixels."""
    least: float = 0.3
    """Things with lower scores are not wanted."""
    labels: Sequence[str] = ()
    """The names of the kinds of things; () where they are not known."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The card's `decode`."""

    def __post_init__(self) -> None:
        self.outputs = [
            one.astype(np.float32) if one.dtype.kind == "f" and one.dtype != np.float32 else one for one in self.outputs
        ]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [one.shape for one in self.outputs]

    def named(self, *words: str) -> list[Array] | None:
        """Return for each word the output whose name has it; None when one is missing."""
        found = [[one for one, name in zip(self.outputs, self.names, strict=True) if word in name.lower()] for word in words]
        return [one[0] for one in found] if all(found) else None

    def points(self, *strides: int) -> int:
        """Return how many places a network with these strides looks at."""
        return sum(-(-self.width // stride) * -(-self.height // stride) for stride in strides)

    def strong(self, scores: Array) -> Array:
        """Return the indices of scores that are high enough. Raises NodeError when they are no numbers."""
        if len(scores) and not scores.max() < np.inf:  # NaN wins every max, and loses every comparison
            raise NodeError.of("XM674")
        return np.flatnonzero(scores >= self.least)

    def pixels(self, parts: Array) -> Array:
        """Return boxes that are given in parts of the input, 0..1, in pixels of the input."""
        return parts * np.array([self.width, self.height] * 2, np.float32)

    def without_background(self, labels: Array) -> Array:
        """Return labels of which 0 means nothing, counted as the names are."""
        return labels.astype(np.int64) - (bool(self.labels) and self.labels[0] not in BACKGROUND)


@dataclass
class Found:
    """Things in a picture, not sorted."""

    boxes: Array
    """[n, 4]: left, top, right, bottom, in pixels of the input tensor."""
    scores: Array
    labels: Array
    """[n]: numbers of the labels, from 0 on."""
    overlapping: bool = False
    """The same thing may be there several times, in boxes that overlap."""
    kinds: int = 0
    """How many labels the network knows; 0 when that cannot be seen."""
    mask: Callable[[int], Array] | None = None
    """Gives a thing's mask: an array [height, width], positive where the thing is."""
    mask_of_box: bool = True
    """A mask covers the thing's box; otherwise the whole input tensor."""


Layout = Callable[[Given], Found | None]
"""Finds the things in a network's outputs; None when these are of another layout."""


def from_centres(boxes: Array) -> Array:
    """Return boxes given as centre x, centre y, width, height with corners."""
    half = boxes[:, 2:] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


def best_kinds(scores: Array) -> tuple[Array, Array]:
    """Return the label with the highest score of each row, and that score."""
    labels = scores.argmax(1)
    return labels, scores[np.arange(len(scores)), labels]
