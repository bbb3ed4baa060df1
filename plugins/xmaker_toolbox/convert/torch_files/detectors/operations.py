"""Two steps for which ONNX has one word each and PyTorch alone has none: letting the best boxes stand, and looking into them.

What each gives in PyTorch is worked out here, slowly; torchvision's compiled ones are not there for every PyTorch.
"""

from __future__ import annotations

from functools import cache
from math import ceil
from typing import Any

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
            return _best(boxes, scores, iou, least, most)

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
            found = [_look(features, box, size, scale) for box in boxes]
            return library.cat(found) if found else features.new_zeros(0, features.shape[1], size, size)

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
    library = torch()
    order = library.argsort(scores, descending=True, stable=True)
    order = order[scores[order] > least]
    areas, kept = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), list[Any]()
    while len(order) and len(kept) < most:
        first, order = order[0], order[1:]
        kept.append(first)
        low, high = library.maximum(boxes[order, :2], boxes[first, :2]), library.minimum(boxes[order, 2:], boxes[first, 2:])
        shared = (high - low).clamp(min=0).prod(1)
        order = order[shared / (areas[order] + areas[first] - shared) <= iou]
    return library.stack(kept) if kept else order[:0]


def _look(features: Any, box: Any, size: int, scale: float) -> Any:
    """Each of size × size parts is the mean of the points in it, some one a pixel (He and others, 2017, arXiv 1703.06870).

    A point's value is that of the four pixels around it, by how near they are: what a row of points gives is one matrix.
    """
    left, top, right, bottom = (float(number) * scale - 0.5 for number in box)
    high, wide = features.shape[2:]
    rows, down = _points(top, bottom, size, high)
    columns, across = _points(left, right, size, wide)
    return (down @ features[0, :, rows, columns] @ across.T)[None]


def _points(begin: float, end: float, size: int, length: int) -> tuple[slice, Any]:
    """Return which pixels of a row are near, and how much each of the parts takes of them: (size, pixels)."""
    library = torch()
    points = max(1, ceil((end - begin) / size))
    places = begin + (library.arange(size * points) + 0.5) * ((end - begin) / size / points)
    places = places.clamp(0, length - 1)
    low = places.long()
    first, last = int(low[0]), min(int(low[-1]) + 2, length)
    table = library.zeros(size * points, last - first + 1)
    part = (places - low)[:, None]
    table.scatter_(1, low[:, None] - first, 1 - part).scatter_add_(1, low[:, None] - first + 1, part)
    return slice(first, last), table[:, : last - first].reshape(size, points, -1).mean(1)
