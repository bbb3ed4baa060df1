"""Two steps for which ONNX has one word each and PyTorch alone has none: letting the best of many boxes stand, and looking at them.

What each gives in PyTorch is worked out here, slowly; torchvision's compiled ones are not there for every PyTorch.
"""

from __future__ import annotations

from functools import cache
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
    areas, kept = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), []
    while len(order) and len(kept) < most:
        first, order = order[0], order[1:]
        kept.append(first)
        low, high = library.maximum(boxes[order, :2], boxes[first, :2]), library.minimum(boxes[order, 2:], boxes[first, 2:])
        shared = (high - low).clamp(min=0).prod(1)
        order = order[shared / (areas[order] + areas[first] - shared) <= iou]
    return library.stack(kept) if kept else order[:0]


def _look(features: Any, box: Any, size: int, scale: float) -> Any:
    """Each of size × size parts is the mean of the points in it, some one a pixel (He and others, 2017, arXiv 1703.06870)."""
    library = torch()
    left, top, right, bottom = (number * scale - 0.5 for number in box)
    high, wide = features.shape[2:]
    lines = []
    for begin, end, length in ((left, right, wide), (top, bottom, high)):
        points = max(1, int(library.ceil((end - begin) / size)))
        steps = (library.arange(size * points) + 0.5) / points
        places = (begin + steps * (end - begin) / size).clamp(0, length - 1)
        lines.append((places, points))
    (x, across), (y, down) = lines
    low_x, low_y = x.long(), y.long()
    part_x, part_y = x - low_x, (y - low_y)[:, None]
    next_x, next_y = (low_x + 1).clamp(max=wide - 1), (low_y + 1).clamp(max=high - 1)
    above, below = features[0][:, low_y], features[0][:, next_y]
    upper, lower = (line[:, :, low_x] * (1 - part_x) + line[:, :, next_x] * part_x for line in (above, below))
    found = upper * (1 - part_y) + lower * part_y
    return library.nn.functional.avg_pool2d(found[None], (down, across))
