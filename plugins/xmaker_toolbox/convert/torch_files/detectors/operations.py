"""Two steps for which ONNX has one word each and PyTorch alone has none: letting the best boxes stand, and looking into them.

What each gives in PyTorch is worked out here with numpy, whose steps are not written down; torchvision's compiled ones are
not there for every PyTorch.
"""

from __future__ import annotations

from functools import cache
from math import ceil
from typing import Any

import numpy as np

from xmaker_toolbox.convert.torch_files.libraries import torch


def best_boxes(boxes: Any, scores: Any, iou: float, least: float, most: int) -> Any:
    """Return the indices of boxes (n, 4) that score above `least` and overlap no better one by more than `iou`, best first."""
    return _operations()[0].apply(boxes, scores, iou, least, most)


def look_at(features: Any, boxes: Any, size: int, scale: float) -> Any:
    """Return what is in boxes (n, 4) in pixels: (n, channels, size, size). `scale` is that of the features, 1/4, 1/8 …"""
    return _operations()[1].apply(features, boxes, size, scale)


@cache
def _operations() -> tuple[Any, Any]:
    library = torch()

    class Best(library.autograd.Function):  # type: ignore[misc, name-defined]
        @staticmethod
        def forward(_context: Any, boxes: Any, scores: Any, iou: float, least: float, most: int) -> Any:
            return library.from_numpy(_best(boxes.numpy(), scores.numpy(), iou, least, most))

        @staticmethod
        def symbolic(g: Any, boxes: Any, scores: Any, iou: float, least: float, most: int) -> Any:
            first, both = (g.op("Constant", value_t=library.tensor(axes)) for axes in ([0], [0, 1]))
            limits = [library.tensor([most]), library.tensor([iou]), library.tensor([least])]
            numbers = [g.op("Constant", value_t=one) for one in limits]
            found = g.op(
                "NonMaxSuppression", g.op("Unsqueeze", boxes, first), g.op("Unsqueeze", scores, both), *numbers
            )  # picture, kind, place
            place = g.op("Constant", value_t=library.tensor(2))
            return g.op("Gather", found, place, axis_i=1)

    class Look(library.autograd.Function):  # type: ignore[misc, name-defined]
        @staticmethod
        def forward(_context: Any, features: Any, boxes: Any, size: int, scale: float) -> Any:
            table = features.numpy()[0]
            found = np.zeros((len(boxes), len(table), size, size), np.float32)
            for number, box in enumerate(boxes.tolist()):
                found[number] = _look(table, box, size, scale)
            return library.from_numpy(found)

        @staticmethod
        def symbolic(g: Any, features: Any, boxes: Any, size: int, scale: float) -> Any:
            rows = g.op("Gather", g.op("Shape", boxes), g.op("Constant", value_t=library.tensor([0])))
            picture = g.op("ConstantOfShape", rows, value_t=library.tensor([0]))
            return g.op(
                "RoiAlign", features, boxes, picture, output_height_i=size, output_width_i=size, sampling_ratio_i=0,
                spatial_scale_f=scale, mode_s="avg", coordinate_transformation_mode_s="half_pixel",
            )  # fmt: skip

    return Best, Look


def _best(boxes: Any, scores: Any, iou: float, least: float, most: int) -> Any:
    """One after the other: the best that is left stays, and whatever overlaps it goes."""
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] > np.float32(least)]
    areas, kept = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), list[int]()
    while len(order) and len(kept) < most:
        first, order = order[0], order[1:]
        kept.append(int(first))
        low, high = np.maximum(boxes[order, :2], boxes[first, :2]), np.minimum(boxes[order, 2:], boxes[first, 2:])
        shared = (high - low).clip(0).prod(1)
        union = areas[order] + areas[first] - shared  # 0 of two lines: a low box, moved far, has no height left in 32 bits
        order = order[np.divide(shared, union, out=np.zeros_like(shared), where=union > 0) <= np.float32(iou)]
    return np.array(kept, np.int64)


def _look(table: Any, box: Any, size: int, scale: float) -> Any:
    """Each of size × size parts is the mean of the points in it, some one a pixel (He and others, 2017, arXiv 1703.06870).

    A point's value is that of the four pixels around it, by how near they are: what a row of points gives is one matrix.
    """
    left, top, right, bottom = (number * scale - 0.5 for number in box)
    rows, down = _points(top, bottom, size, table.shape[1])
    columns, across = _points(left, right, size, table.shape[2])
    return down @ table[:, rows, columns] @ across.T


def _points(begin: float, end: float, size: int, length: int) -> tuple[slice, Any]:
    """Return which pixels of a row are near, and how much each of the parts takes of them: (size, pixels)."""
    points = max(1, ceil((end - begin) / size))
    places = (begin + (np.arange(size * points) + 0.5) * ((end - begin) / size / points)).clip(0, length - 1)
    low = places.astype(np.int64)
    first, last = int(low[0]), min(int(low[-1]) + 2, length)
    part = places - low
    table, row = np.zeros((size * points, last - first + 1), np.float32), np.arange(size * points)
    table[row, low - first] = 1 - part
    table[row, low - first + 1] += part
    return slice(first, last), table[:, : last - first].reshape(size, points, -1).mean(1)
