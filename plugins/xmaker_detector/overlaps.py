"""How much boxes overlap, and which of those that show the same thing are left. Boxes are [n, 4]: left, top, right, bottom."""

from __future__ import annotations

import numpy as np

from xmaker.values import Array

MOST_CANDIDATES = 1000
"""The table of overlaps grows with the square of this."""


def overlaps(first: Array, second: Array) -> Array:
    """Return for each pair of boxes the part that both cover of what either covers, 0..1 (IoU), as [n, m]."""
    corner = np.maximum(first[:, None, :2], second[None, :, :2])
    end = np.minimum(first[:, None, 2:], second[None, :, 2:])
    both = np.maximum(end - corner, 0).prod(2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (first, second)]
    return both / np.maximum(areas[0][:, None] + areas[1][None] - both, 1e-9)


def suppress(boxes: Array, scores: Array, labels: Array, iou: float) -> Array:
    """Return the indices of the boxes that stay, the best first: of those of a label that overlap more than `iou`, the best."""
    order = np.argsort(-scores, kind="stable")[:MOST_CANDIDATES]
    boxes, labels = boxes[order], labels[order]
    same = (overlaps(boxes, boxes) > iou) & (labels[:, None] == labels[None])
    left, kept = np.ones(len(order), bool), []
    for number in range(len(order)):
        if left[number]:
            kept.append(number)
            left &= ~same[number]
    return order[kept]
