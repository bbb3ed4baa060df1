"""How much boxes overlap, and which of those that show the same thing are left. Boxes are [n, 4]: left, top, right, bottom."""

from __future__ import annotations

import cv2
import numpy as np

from xmaker.values import Array

FEW = 16
"""So many boxes are compared faster by plain Python than by OpenCV, which a network has just pushed out of the caches."""


def overlaps(first: Array, second: Array) -> Array:
    """Return for each pair of boxes the part that both cover of what either covers, 0..1 (IoU), as [n, m]."""
    corner = np.maximum(first[:, None, :2], second[None, :, :2])
    end = np.minimum(first[:, None, 2:], second[None, :, 2:])
    both = np.maximum(end - corner, 0).prod(2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (first, second)]
    return both / np.maximum(areas[0][:, None] + areas[1][None] - both, 1e-9)


def suppress(boxes: Array, scores: Array, labels: Array, iou: float) -> Array:
    """Return the indices of the boxes that stay, the best first: of those of a label that overlap more than `iou`, the best."""
    if len(scores) <= FEW:
        return np.array(_suppress_few(boxes.tolist(), scores.tolist(), labels.tolist(), iou), np.int64)
    sized = boxes.astype(np.float64)
    sized[:, 2:] -= sized[:, :2]
    kept = cv2.dnn.NMSBoxesBatched(sized, scores.astype(np.float32, copy=False), labels.astype(np.int32), 0.0, iou)
    return np.asarray(kept, np.int64).reshape(-1)


def _suppress_few(boxes: list[list[float]], scores: list[float], labels: list[int], iou: float) -> list[int]:
    kept: list[int] = []
    for number in sorted(range(len(scores)), key=scores.__getitem__, reverse=True):
        left, top, right, bottom = boxes[number]
        area = (right - left) * (bottom - top)
        for other in kept:
            box = boxes[other]
            wide = (right if right < box[2] else box[2]) - (left if left > box[0] else box[0])
            high = (bottom if bottom < box[3] else box[3]) - (top if top > box[1] else box[1])
            if wide > 0 < high and labels[other] == labels[number]:
                both = wide * high
                if both > iou * (area + (box[2] - box[0]) * (box[3] - box[1]) - both):
                    break
        else:
            kept.append(number)
    return kept
