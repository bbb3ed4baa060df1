"""From the network's input back to the frame: boxes and masks, with letterbox, stretch and crop undone exactly."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np

from xmaker.values import Array

Box = tuple[float, float, float, float]
"""left, top, width, height, in pixels of the frame."""


def box_in_frame(box: Sequence[float], fit: Any, width: int, height: int) -> Box:
    """Return the place in the frame, cut off where that ends, of a box (left, top, right, bottom) in pixels of the tensor.

    Plain numbers: numpy is slower for a dozen boxes, and all the more so when a network has just emptied the caches.
    """
    left = min(max((box[0] - fit.left) / fit.scale_x, 0.0), width)
    top = min(max((box[1] - fit.top) / fit.scale_y, 0.0), height)
    right = min(max((box[2] - fit.left) / fit.scale_x, 0.0), width)
    bottom = min(max((box[3] - fit.top) / fit.scale_y, 0.0), height)
    return left, top, right - left, bottom - top


def mask_in_frame(mask: Array, place: Box, box: Box, width: int, height: int) -> Array:
    """Return which pixels of the frame a thing covers, [height, width] of bool, none of them outside its box.

    `mask` is positive where the thing is; `place` is where the whole mask lies in the frame.
    """
    import cv2

    left, top, wide, high = place
    x, y = mask.shape[1] / max(wide, 1e-6), mask.shape[0] / max(high, 1e-6)
    # the middle of pixel 0 is at 0.5 in both
    to_mask = np.array([[x, 0, (0.5 - left) * x - 0.5], [0, y, (0.5 - top) * y - 0.5]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    covered = cv2.warpAffine(np.asarray(mask, np.float32), to_mask, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE)
    inside = np.zeros((height, width), bool)
    left, top, wide, high = box
    part = np.s_[ceil(top) : ceil(top + high), ceil(left) : ceil(left + wide)]
    inside[part] = covered[part] > 0
    return inside


def tensor_in_frame(fit: Any, width: int, height: int) -> Box:
    """Return where the whole input tensor lies in the frame: left, top, width, height; a letterbox reaches beyond it."""
    return -fit.left / fit.scale_x, -fit.top / fit.scale_y, width / fit.scale_x, height / fit.scale_y
