"""How much boxes overlap, and which of those that show the same thing are left. Boxes are [n, 4]: left, top, right, bottom."""

from __future__ import annotations

import cv2
import numpy as np

from xmaker.values import Array


def overlaps(first: Array, second: Array) -> Array:
    """Return for each pair of boxes the part that both cover of what either covers, 0..1 (IoU), as [n, m]."""
    corner = np.maximum(first[:, None, :2], second[None, :, :2])
    end = np.minimum(first[:, None, 2:], second[None, :, 2:])
    both = np.maximum(end - corner, 0).prod(2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (first, second)]
    return both / np.maximum(areas[0][:, None] + areas[1][None] - both, 1e-9)


def suppress(boxes: Array, scores: Array, labels: Array, iou: float) -> Array:
    """Return the indices of the boxes that stay, the best first: of those of a label that overlap more than `iou`, the best."""
    sized = boxes.astype(np.float64)
    sized[:, 2:] -= sized[:, :2]
    kept = cv2.dnn.NMSBoxesBatched(sized, scores.astype(np.float32, copy=False), labels.astype(np.int32), 0.0, iou)
    return np.asarray(kept, np.int64).reshape(-1)
