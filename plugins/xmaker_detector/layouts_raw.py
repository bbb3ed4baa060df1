"""Layouts of networks that leave everything to be done: scores and boxes of every place that they look at."""

from __future__ import annotations

from itertools import product

import numpy as np

from xmaker.values import Array
from xmaker_detector.given import BACKGROUND, Found, Given, best_kinds, from_centres

STRIDES = ((8, 16, 32), (8, 16, 32, 64), (16, 32))
"""Pixels from one place to the next, on the levels of usual networks."""
BINS = 8
"""NanoDet tells for each side how likely it is 0, 1, … 7 strides away."""
PROTOTYPES = 32
"""Masks of YOLO's are mixed of so many."""


def yolov5(given: Given) -> Found | None:
    """YOLOv5 and v7: [1, n, 5 + kinds], three rows a place: centre x, y, width, height in pixels, "is it a thing", scores."""
    rows = next((one for one in given.outputs if one.ndim == 3 and one.shape[2] > 5), None)
    if rows is None or rows.shape[1] not in {3 * given.points(*strides) for strides in STRIDES}:
        return None
    rows = rows[0][given.strong(rows[0, :, 4])]
    labels, scores = best_kinds(rows[:, 5:])
    scores = scores * rows[:, 4]
    keep = given.strong(scores)
    return Found(from_centres(rows[keep, :4]), scores[keep], labels[keep], True, rows.shape[1] - 5)


def yolov8(given: Given) -> Found | None:
    """YOLOv8, v9 and 11: [1, 4 + kinds, n]: centre x, y, width, height in pixels, scores.

    With masks each has 32 numbers more: how much of each of the prototypes [1, 32, h, w] its mask has.
    """
    table = given.outputs[0]
    if table.ndim != 3 or table.shape[1] < 5 or table.shape[2] not in {given.points(*strides) for strides in STRIDES}:
        return None
    masks = given.outputs[1][0] if len(given.outputs) == 2 and given.shapes[1][:2] == (1, PROTOTYPES) else None
    kinds = table.shape[1] - 4 - (PROTOTYPES if masks is not None else 0)
    keep = given.strong(table[0, 4 : 4 + kinds].max(0))
    rows = table[0][:, keep].T
    labels, scores = best_kinds(rows[:, 4 : 4 + kinds])
    found = Found(from_centres(rows[:, :4]), scores, labels, True, kinds)
    if masks is not None:
        found.mask = lambda number: np.tensordot(rows[number, 4 + kinds :], masks, 1)
        found.mask_of_box = False
    return found


def nanodet(given: Given) -> Found | None:
    """NanoDet: for each level scores [1, n, kinds], and [1, n, 4 * bins]: how likely each side is how far away.

    NanoDet-Plus, which has a fourth level, and later exports of NanoDet have all in one, [1, n, kinds + 4 * bins].
    Source of where the places are: gfl_head.py and nanodet_plus_head.py of NanoDet.
    """
    levels = _nanodet_levels(given)
    if levels is None:
        return None
    bins = np.arange(given.options.get("bins", BINS), dtype=np.float32)
    boxes, scores = [], []
    for stride, (level_scores, sides) in levels.items():
        keep = given.strong(level_scores.max(1))
        sides = sides[keep].reshape(len(keep), 4, len(bins))
        parts = np.exp(sides - sides.max(2, keepdims=True))
        far = (parts / parts.sum(2, keepdims=True)) @ bins * stride
        centres = _centres(given, stride, 0.0 if len(levels) == 4 else 0.5)[keep]  # Plus has moved them
        boxes.append(np.concatenate([centres - far[:, :2], centres + far[:, 2:]], axis=1))
        scores.append(level_scores[keep])
    labels, best = best_kinds(np.concatenate(scores))
    inside = np.clip(
        np.concatenate(boxes), 0, given.pixels(np.ones(4, np.float32))
    )  # as NanoDet does, before boxes are compared
    return Found(inside, best, labels, True, scores[0].shape[1])


def _nanodet_levels(given: Given) -> dict[int, tuple[Array, Array]] | None:
    """Return for each stride the scores [n, kinds] and the sides [n, 4 * bins]."""
    width, shapes = 4 * given.options.get("bins", BINS), given.shapes
    if len(shapes) == 1 and len(shapes[0]) == 3 and shapes[0][2] > width:
        strides = next((one for one in STRIDES if len(one) > 2 and given.points(*one) == shapes[0][1]), ())
        counts = np.cumsum([given.points(stride) for stride in strides])
        parts = np.split(given.outputs[0][0], counts[:-1])
        return {stride: (part[:, :-width], part[:, -width:]) for stride, part in zip(strides, parts, strict=False)} or None
    if len(shapes) not in (6, 8) or any(len(shape) != 3 for shape in shapes):
        return None
    levels = {}
    for stride in STRIDES[0] if len(shapes) == 6 else STRIDES[1]:
        pair = [one[0] for one in given.outputs if one.shape[1] == given.points(stride)]
        if len(pair) != 2 or width not in (pair[0].shape[1], pair[1].shape[1]):
            return None
        levels[stride] = (pair[0], pair[1]) if pair[1].shape[1] == width else (pair[1], pair[0])
    return levels


def fastestdet(given: Given) -> Found | None:
    """FastestDet: [1, 5 + kinds, h, w]: "is it a thing", centre's x and y from the place, width, height, scores.

    The two scores are weighed as in its author's programs for ncnn and TensorFlow Lite; in his first ones they were multiplied.
    """
    table = given.outputs[0]
    if len(given.outputs) != 1 or table.ndim != 4 or table.shape[1] < 6 or table.shape[2] * 16 != given.height:
        return None
    high, wide = table.shape[2:]
    rows = table[0].reshape(table.shape[1], -1).T
    labels, best = best_kinds(rows[:, 5:])
    scores = rows[:, 0] ** 0.6 * best**0.4
    keep = given.strong(scores)
    rows = rows[keep]
    middle = (np.stack([keep % wide, keep // wide], 1) + np.tanh(rows[:, 1:3])) / (wide, high)
    boxes = from_centres(np.concatenate([middle, _sigmoid(rows[:, 3:5])], 1).astype(np.float32))
    return Found(given.pixels(boxes), scores[keep], labels[keep], True, rows.shape[1] - 5)


def ssd(given: Given) -> Found | None:
    """TensorFlow's SSD before its end: boxes [1, n, 4] and scores [1, n, kinds] of anchors, the first kind being "nothing"."""
    found = _boxes_and_scores(given)
    anchors = ssd_anchors(given)
    if found is None or len(anchors) != len(found[0]):
        return None
    boxes, scores = found
    keep = given.strong(scores[:, 1:].max(1))
    labels, best = best_kinds(scores[keep, 1:])
    spread = given.options.get("variances", (0.1, 0.2))
    kinds = scores.shape[1] - 1
    named = given.labels and given.labels[0] in BACKGROUND
    made = _from_anchors(boxes[keep] * np.repeat(np.float32(spread), 2), anchors[keep])
    return Found(given.pixels(made), best, labels + bool(named), True, kinds + bool(named))


def efficientdet(given: Given) -> Found | None:
    """EfficientDet before its end: boxes [1, n, 4] and scores [1, n, kinds] of nine anchors a place."""
    found = _boxes_and_scores(given)
    if found is None or len(found[0]) != 9 * given.points(8, 16, 32, 64, 128):
        return None
    boxes, scores = found
    if len(scores) and (scores.min() < 0 or scores.max() > 1):
        scores = _sigmoid(scores)
    keep = given.strong(scores.max(1))
    labels, best = best_kinds(scores[keep])
    return Found(_from_anchors(boxes[keep], efficientdet_anchors(given)[keep]), best, labels, True, scores.shape[1])


def _boxes_and_scores(given: Given) -> tuple[Array, Array] | None:
    """Return the two outputs that have a row for each anchor, whichever comes first."""
    if len(given.outputs) != 2 or any(one.ndim != 3 for one in given.outputs) or given.shapes[0][1] != given.shapes[1][1]:
        return None
    first, second = (one[0] for one in given.outputs)
    return (first, second) if first.shape[1] == 4 else (second, first) if second.shape[1] == 4 else None


def _from_anchors(offsets: Array, anchors: Array) -> Array:
    """Return boxes given as how far y, x, height and width are from those of their anchors."""
    middle = offsets[:, :2] * anchors[:, 2:] + anchors[:, :2]
    size = np.exp(offsets[:, 2:]) * anchors[:, 2:]
    return from_centres(np.concatenate([middle[:, ::-1], size[:, ::-1]], 1))


def efficientdet_anchors(given: Given) -> Array:
    """Return [n, 4]: centre y, x, height, width in pixels. `anchor_scale` is 3 for the Lite networks, 4 for the others.

    Source: anchors.py of Google's automl. Where a side is no multiple of a stride, a level's places share it all the same, so
    its strides differ across and down.
    """
    scale, made = given.options.get("anchor_scale", 3.0), []
    shapes = [(size / root, size * root) for size, root in product(2.0 ** (np.arange(3) / 3), np.sqrt([1.0, 2.0, 0.5]))]
    size = np.array([given.height, given.width])
    for stride in (8, 16, 32, 64, 128):
        places = -(-size // stride)
        steps = size / places
        centres = (np.mgrid[: places[0], : places[1]].reshape(2, -1).T + 0.5) * steps
        sides = scale * steps * np.array(shapes)
        made.append(np.concatenate([np.repeat(centres, len(sides), 0), np.tile(sides, (len(centres), 1))], 1))
    return np.concatenate(made).astype(np.float32)


def ssd_anchors(given: Given) -> Array:
    """Return [n, 4]: centre y, x, height, width in parts of the input, as TensorFlow makes them for six levels.

    Source: multiple_grid_anchor_generator.py of TensorFlow's models, with its usual numbers.
    """
    low, high = given.options.get("scales", (0.2, 0.95))
    scales = [low + (high - low) * level / 5 for level in range(6)] + [1.0]
    made, side = [], np.array([given.height, given.width])
    side = -(-side // 16)
    for level in range(6):
        shapes = [(scales[level], ratio) for ratio in (1.0, 2.0, 0.5, 3.0, 1 / 3)] + [
            (np.sqrt(scales[level] * scales[level + 1]), 1.0)
        ]
        if level == 0:
            shapes = [(0.1, 1.0), (low, 2.0), (low, 0.5)]
        sizes = np.array([(scale / np.sqrt(ratio), scale * np.sqrt(ratio)) for scale, ratio in shapes])
        centres = (np.mgrid[: side[0], : side[1]].reshape(2, -1).T + 0.5) / side
        made.append(np.concatenate([np.repeat(centres, len(sizes), 0), np.tile(sizes, (len(centres), 1))], 1))
        side = -(-side // 2)
    return np.concatenate(made).astype(np.float32)


def _centres(given: Given, stride: int, offset: float) -> Array:
    """Return x and y of each place of a level, in pixels; `offset` is in strides."""
    y, x = np.mgrid[: -(-given.height // stride), : -(-given.width // stride)].reshape(2, -1)
    return ((np.stack([x, y], 1) + offset) * stride).astype(np.float32)


def _sigmoid(numbers: Array) -> Array:
    return 1 / (1 + np.exp(-numbers))
