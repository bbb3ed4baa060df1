"""What networks' numbers mean, written out box by box as their authors describe it: slow, and nothing of the plugin's.

A row is left, top, right, bottom in pixels of the input, score, label.
"""

from __future__ import annotations

import math
from typing import Any

Row = list[float]


def nanodet(width: int, height: int, levels: list[tuple[int, Any, Any]], plus: bool = False) -> list[Row]:
    """Return a row for each place of each level: its stride, scores (n, kinds), and bins of its sides (n, 32)."""
    rows = []
    for stride, scores, sides in levels:
        across = -(-width // stride)
        for place, (kinds, bins) in enumerate(zip(scores.tolist(), sides.tolist(), strict=True)):
            far = []
            for side in range(4):
                powers = [math.exp(number) for number in bins[8 * side : 8 * side + 8]]
                far.append(sum(index * power for index, power in enumerate(powers)) / sum(powers) * stride)
            moved = 0 if plus else 0.5 * stride
            x, y = place % across * stride + moved, place // across * stride + moved
            across_x, down_y = (
                [min(max(end, 0), most) for end in ends]
                for ends, most in (
                    ((x - far[0], x + far[2]), width),
                    ((y - far[1], y + far[3]), height),
                )
            )
            rows.append([across_x[0], down_y[0], across_x[1], down_y[1], max(kinds), kinds.index(max(kinds))])
    return rows


def fastestdet(width: int, height: int, table: Any) -> list[Row]:
    """Return a row for each place of a table (5 + kinds, h, w)."""
    rows = []
    _, high, wide = table.shape
    for y in range(high):
        for x in range(wide):
            thing, dx, dy, w, h, *kinds = table[:, y, x].tolist()
            cx, cy = (x + math.tanh(dx)) / wide * width, (y + math.tanh(dy)) / high * height
            w, h = width / (1 + math.exp(-w)), height / (1 + math.exp(-h))
            score = max(thing, 0) ** 0.6 * max(*kinds, 0) ** 0.4
            rows.append([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2, score, kinds.index(max(kinds))])
    return rows


def from_anchor(offsets: Row, cy: float, cx: float, h: float, w: float) -> Row:
    y, x = offsets[0] * h + cy, offsets[1] * w + cx
    h, w = math.exp(offsets[2]) * h, math.exp(offsets[3]) * w
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]


def ssd(boxes: Any, scores: Any, anchors: list[Row]) -> list[Row]:
    """Return a row for each anchor (centre y, x, height, width in pixels); the first of the kinds is "nothing"."""
    rows = []
    for (dy, dx, dh, dw), kinds, anchor in zip(boxes.tolist(), scores.tolist(), anchors, strict=True):
        kinds = kinds[1:]
        rows.append([*from_anchor([dy / 10, dx / 10, dh / 5, dw / 5], *anchor), max(kinds), kinds.index(max(kinds))])
    return rows


def ssd_anchors(width: int, height: int) -> list[Row]:
    """Return the anchors of TensorFlow's SSD with six levels."""
    anchors = []
    high, wide = height / 16, width / 16
    scales = [0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0]
    for level in range(6):
        s, between = scales[level], math.sqrt(scales[level] * scales[level + 1])
        shapes = [(s, 1), (s, 2), (s, 1 / 2), (s, 3), (s, 1 / 3), (between, 1)] if level else [(0.1, 1), (s, 2), (s, 1 / 2)]
        high, wide = math.ceil(high), math.ceil(wide)
        for y in range(high):
            for x in range(wide):
                for scale, ratio in shapes:
                    h, w = scale / math.sqrt(ratio) * height, scale * math.sqrt(ratio) * width
                    anchors.append([(y + 0.5) / high * height, (x + 0.5) / wide * width, h, w])
        high, wide = high / 2, wide / 2
    return anchors


def efficientdet(width: int, height: int, boxes: Any, scores: Any) -> list[Row]:
    rows, at = [], 0
    for stride in (8, 16, 32, 64, 128):
        across, down = -(-width // stride), -(-height // stride)
        for y in range(down):
            for x in range(across):
                for octave in range(3):
                    for ratio in (1.0, 2.0, 0.5):
                        high = 3.0 * height / down * 2 ** (octave / 3) / math.sqrt(ratio)
                        wide = 3.0 * width / across * 2 ** (octave / 3) * math.sqrt(ratio)
                        anchor = (y + 0.5) * height / down, (x + 0.5) * width / across, high, wide
                        kinds = scores[at].tolist()
                        rows.append([*from_anchor(boxes[at].tolist(), *anchor), max(kinds), kinds.index(max(kinds))])
                        at += 1
    return rows


def best_of_each(rows: list[Row], least: float, iou: float) -> list[Row]:
    """Take away what scores less, and what overlaps a better box of its label."""
    kept: list[Row] = []
    for row in sorted((row for row in rows if row[4] >= least), key=lambda row: -row[4]):
        if all(row[5] != other[5] or overlap(row, other) <= iou for other in kept):
            kept.append(row)
    return kept


def overlap(one: Row, other: Row) -> float:
    wide, high = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    both = max(wide, 0) * max(high, 0)
    areas = [(row[2] - row[0]) * (row[3] - row[1]) for row in (one, other)]
    return both / max(sum(areas) - both, 1e-9)
