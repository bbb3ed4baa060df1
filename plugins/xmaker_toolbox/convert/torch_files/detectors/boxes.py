"""From what a network says of each anchor to the things in the picture, as MMDetection does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xmaker_toolbox.convert.torch_files.detectors.operations import best_boxes
from xmaker_toolbox.convert.torch_files.libraries import torch

WIDER = abs(float(np.log(16 / 1000)))
"""The logarithm of how many times larger or smaller than its anchor a box can be."""
NEVER = -1.0
"""The score of what is no box."""


def anchors(sizes: Any, centre: float, stride: float, shape: Sequence[int]) -> Any:
    """Return (rows * columns * n, 4): left, top, right, bottom of `sizes` (n, 2) around each place; `centre` is the first's."""
    high, wide = (int(side) for side in shape)
    y, x = np.mgrid[:high, :wide].reshape(2, -1).astype(np.float32) * np.float32(stride)
    half = np.float32(0.5) * np.asarray(sizes, np.float32)
    first = np.concatenate([centre - half, centre + half], 1).astype(np.float32)
    places = np.stack([x, y, x, y], 1)[:, None]
    return torch().from_numpy((first[None] + places).reshape(-1, 4))


def rows(table: Any, width: int) -> Any:
    """Return (1, n * width, rows, columns) as a row for each anchor: (rows * columns * n, width)."""
    return table[0].permute(1, 2, 0).reshape(-1, width)


def moved(boxes: Any, offsets: Any, spread: Sequence[float], width: int, height: int) -> Any:
    """Return boxes (…, 4) moved and scaled as the offsets say, cut off at the sides of the picture."""
    library = torch()
    offsets = offsets * library.tensor(spread)
    size = boxes[..., 2:] - boxes[..., :2]
    middle = (boxes[..., :2] + boxes[..., 2:]) * 0.5 + size * offsets[..., :2]
    half = size * offsets[..., 2:].clamp(-WIDER, WIDER).exp() * 0.5
    sides = library.tensor([float(width), float(height)])
    corners = [library.minimum(one.clamp(min=0), sides) for one in (middle - half, middle + half)]
    return library.cat(corners, -1)


def strongest(scores: Any, most: int) -> tuple[Any, Any, Any]:
    """Return of scores (n, kinds) the highest, at most so many: the scores, the row and the kind of each."""
    flat, kinds = scores.reshape(-1), scores.shape[1]
    best, places = flat.topk(min(most, flat.shape[0]))
    row = torch().div(places, kinds, rounding_mode="floor")
    return best, row, places - row * kinds


def apart(boxes: Any, scores: Any, kinds: Any, test: Mapping[str, Any], least: float) -> Any:
    """Return the indices of the boxes that stand, best first: those of other kinds are moved so far that none overlap."""
    library = torch()
    size = boxes[:, 2:] - boxes[:, :2]
    scores = library.where(size.amin(1) > 0, scores, library.tensor(NEVER))
    far = library.where(scores > least, boxes.amax(1), library.tensor(0.0)).max() + 1
    return best_boxes(boxes + (kinds * far)[:, None], scores, float(test["iou"]), least, int(test["max_per_img"]))


def answer(boxes: Any, scores: Any, kinds: Any) -> tuple[Any, Any]:
    """Return dets (1, n, 5) and labels (1, n)."""
    return torch().cat([boxes, scores[:, None]], 1)[None], kinds[None]
