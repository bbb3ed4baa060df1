"""Average precision as COCO defines it (https://cocodataset.org/#detection-eval), by pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xmaker import MissingDependency
from xmaker_toolbox.evaluation.boxes import Seen

NAMES = ("mAP", "AP50", "AP75")
"""pycocotools' first three figures: IoU .5 to .95, IoU .5, IoU .75; things of all sizes, at most 100 a picture."""


def coco_tools() -> tuple[Any, Any]:
    """Return pycocotools' two classes. Raises MissingDependency."""
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError:
        raise MissingDependency.of("XM601", library="pycocotools", command='pip install "xmaker[toolbox]"') from None
    return COCO, COCOeval


def average_precision(numbers: Iterable[int], pictures: Sequence[Seen]) -> tuple[dict[str, float], dict[int, float]]:
    """Return mAP, AP50 and AP75, and the average precision (IoU .5 to .95) of each class that is there."""
    coco, evaluation = coco_tools()
    wanted, found = _as_coco(pictures)
    if not found or not wanted:
        return dict.fromkeys(NAMES, 0.0), {}
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does
        truth = coco()
        about = {"info": {}, "images": [{"id": number} for number in range(len(pictures))]}
        truth.dataset = {**about, "categories": [{"id": number} for number in numbers], "annotations": wanted}
        truth.createIndex()
        judged = evaluation(truth, truth.loadRes(found), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    figures = dict(zip(NAMES, map(float, judged.stats[:3]), strict=True))
    return figures, dict(_by_class(judged.params.catIds, judged.eval["precision"]))


def _by_class(numbers: Iterable[int], precision: Any) -> Iterable[tuple[int, float]]:
    """`precision` is by IoU, recall, class, area and most detections; -1 where the class is not there."""
    for place, number in enumerate(numbers):
        values = precision[:, :, place, 0, -1]
        if (values > -1).any():
            yield int(number), float(values[values > -1].mean())


def _as_coco(pictures: Sequence[Seen]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return what is there and what was found, as pycocotools wants it."""
    wanted, found = list[Mapping[str, Any]](), list[Mapping[str, Any]]()
    for number, picture in enumerate(pictures):
        for one in picture.things:
            what = {"image_id": number, "category_id": one.number, "bbox": [*one.box], "area": one.box[2] * one.box[3]}
            wanted.append({**what, "id": len(wanted) + 1, "iscrowd": int(one.crowd)})
        for one in picture.found:
            found.append({"image_id": number, "category_id": one.number, "bbox": [*one.box], "score": one.score})
    return wanted, found
