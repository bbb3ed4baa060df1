"""The operations that torchvision has compiled, in Python: PyPI's torchvision does not load them beside a torch without CUDA.

They are slow, and only trace networks here: what is exported has ONNX's own NonMaxSuppression and RoiAlign in their place.
"""

from __future__ import annotations

import sys

import torch
from torch import Tensor

SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, "
    "int sampling_ratio, bool aligned) -> Tensor",
    "roi_pool(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width) -> (Tensor, Tensor)",
)
_library: list[torch.library.Library] = []
"""What is declared here lasts as long as its library."""


def declare_ops() -> None:
    """Let torchvision be imported and its detectors be traced; where its own operations load, nothing is changed."""
    try:
        import torchvision.extension as known

        if known._has_ops():
            return
    except RuntimeError:  # "operator torchvision::nms does not exist"
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    for schema in SCHEMAS:
        library.define(schema)
    library.impl("nms", _nms, "CPU")
    library.impl("roi_align", _roi_align, "CPU")
    _library.append(library)
    import torchvision.extension
    from torchvision.ops._register_onnx_ops import _register_custom_op

    torchvision.extension._has_ops = _there
    sys.modules["torchvision.ops.roi_align"]._has_ops = _there  # type: ignore[attr-defined]
    _register_custom_op()


def _there() -> bool:
    return True


def _nms(boxes: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """Return the numbers of the boxes that stay, the best first: each that overlaps with a better one too much goes."""
    order, kept = scores.argsort(descending=True), []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(best)
        corner, end = torch.maximum(boxes[best, :2], boxes[rest, :2]), torch.minimum(boxes[best, 2:], boxes[rest, 2:])
        common = (end - corner).clamp(0).prod(1)
        areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
        order = rest[common / (areas[best] + areas[rest] - common) <= threshold]
    return torch.stack(kept) if kept else torch.zeros(0, dtype=torch.long)


def _roi_align(values: Tensor, boxes: Tensor, scale: float, high: int, wide: int, samples: int, aligned: bool) -> Tensor:
    from torchvision.ops import roi_align

    return sys.modules[roi_align.__module__]._roi_align(values, boxes, scale, high, wide, samples, aligned)  # type: ignore[no-any-return]
