"""Writes expected.json: where others find the things in `outputs.made_up()`, in a frame of 200 by 100 pixels, letterboxed.

The YOLOs are read by Ultralytics' own code (PyPI ultralytics and yolov5), as are the overlapping boxes of all layouts
and the way back to the frame. For the others each rule is written out box by box, as the networks' authors describe it. Run by
hand, in a venv of its own:

    pip install torch && pip install --no-deps ultralytics==8.4.190 yolov5==7.0.14
    python make_expected.py
"""

from __future__ import annotations

import ast
import json
import math
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from outputs import HEIGHT, WIDTH, made_up
from ultralytics.utils.nms import TorchNMS, non_max_suppression
from ultralytics.utils.ops import process_mask_native, scale_boxes, xywh2xyxy

FRAME = (100, 200)
LEAST, IOU = 0.3, 0.5
Row = list[float]
"""left, top, right, bottom in pixels of the input, score, label."""


def yolov5(output: Any) -> list[Row]:
    """Run the function of the package yolov5; the rest of it wants many libraries."""
    path = Path(find_spec("yolov5").submodule_search_locations[0]) / "utils/general.py"  # type: ignore[union-attr,index]
    tree = ast.parse(path.read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "non_max_suppression"]
    vision = SimpleNamespace(ops=SimpleNamespace(nms=TorchNMS.nms))
    names: dict[str, Any] = {"torch": torch, "torchvision": vision, "xywh2xyxy": xywh2xyxy, "time": __import__("time")}
    exec(compile(tree, str(path), "exec"), names)
    return names["non_max_suppression"](torch.tensor(output), LEAST, IOU)[0].tolist()


def best_of_each(rows: list[Row]) -> list[Row]:
    """Take away what overlaps a better box of its label."""
    table = torch.tensor([row for row in rows if row[4] >= LEAST])
    kept = TorchNMS.nms(table[:, :4] + table[:, 5:6] * 7680, table[:, 4], IOU)
    return table[kept].tolist()


def nanodet(levels: list[tuple[int, Any, Any]], plus: bool) -> list[Row]:
    rows = []
    for stride, scores, sides in levels:
        across = -(-WIDTH // stride)
        for place, (kinds, bins) in enumerate(zip(scores.tolist(), sides.tolist(), strict=True)):
            far = []
            for side in range(4):
                powers = [math.exp(number) for number in bins[8 * side : 8 * side + 8]]
                far.append(sum(index * power for index, power in enumerate(powers)) / sum(powers) * stride)
            moved = 0 if plus else 0.5 * (stride - 1)
            x, y = place % across * stride + moved, place // across * stride + moved
            rows.append([x - far[0], y - far[1], x + far[2], y + far[3], max(kinds), kinds.index(max(kinds))])
    return best_of_each(rows)


def fastestdet(table: Any) -> list[Row]:
    rows = []
    _, high, wide = table.shape
    for y in range(high):
        for x in range(wide):
            thing, dx, dy, w, h, *kinds = table[:, y, x].tolist()
            cx, cy = (x + math.tanh(dx)) / wide * WIDTH, (y + math.tanh(dy)) / high * HEIGHT
            w, h = WIDTH / (1 + math.exp(-w)), HEIGHT / (1 + math.exp(-h))
            score = thing**0.6 * max(kinds) ** 0.4
            rows.append([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2, score, kinds.index(max(kinds))])
    return best_of_each(rows)


def from_anchor(offsets: Row, cy: float, cx: float, h: float, w: float) -> Row:
    y, x = offsets[0] * h + cy, offsets[1] * w + cx
    h, w = math.exp(offsets[2]) * h, math.exp(offsets[3]) * w
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]


def ssd(boxes: Any, scores: Any) -> list[Row]:
    anchors = []
    high, wide = HEIGHT / 16, WIDTH / 16
    scales = [0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0]
    for level in range(6):
        s, between = scales[level], math.sqrt(scales[level] * scales[level + 1])
        shapes = [(s, 1), (s, 2), (s, 1 / 2), (s, 3), (s, 1 / 3), (between, 1)] if level else [(0.1, 1), (s, 2), (s, 1 / 2)]
        high, wide = math.ceil(high), math.ceil(wide)
        for y in range(high):
            for x in range(wide):
                for scale, ratio in shapes:
                    h, w = scale / math.sqrt(ratio) * HEIGHT, scale * math.sqrt(ratio) * WIDTH
                    anchors.append(((y + 0.5) / high * HEIGHT, (x + 0.5) / wide * WIDTH, h, w))
        high, wide = high / 2, wide / 2
    rows = []
    for (dy, dx, dh, dw), kinds, anchor in zip(boxes.tolist(), scores.tolist(), anchors, strict=True):
        kinds = kinds[1:]
        rows.append([*from_anchor([dy / 10, dx / 10, dh / 5, dw / 5], *anchor), max(kinds), kinds.index(max(kinds))])
    return best_of_each(rows)


def efficientdet(boxes: Any, scores: Any) -> list[Row]:
    rows, at = [], 0
    for stride in (8, 16, 32, 64, 128):
        for y in range(-(-HEIGHT // stride)):
            for x in range(-(-WIDTH // stride)):
                for octave in range(3):
                    for ratio in (1.0, 2.0, 0.5):
                        base = 3.0 * stride * 2 ** (octave / 3)
                        anchor = (y + 0.5) * stride, (x + 0.5) * stride, base / math.sqrt(ratio), base * math.sqrt(ratio)
                        kinds = scores[at].tolist()
                        rows.append([*from_anchor(boxes[at].tolist(), *anchor), max(kinds), kinds.index(max(kinds))])
                        at += 1
    return best_of_each(rows)


def plain(boxes: Any, scores: Any, labels: Any, first: int = 0) -> list[Row]:
    rows = zip(boxes.tolist(), scores.tolist(), labels.tolist(), strict=True)
    return [[*box, score, label - first] for box, score, label in rows if score >= LEAST]


def found() -> tuple[dict[str, list[Row]], Any]:
    """Return the rows of each layout, and the masks of the one that has some, of the frame's size."""
    made = made_up()
    boxes, scores, indices = made["yolov3"].values()
    thin = [[*boxes[0, place, [1, 0, 3, 2]], scores[0, kind, place], kind] for _, kind, place in indices]
    tf = {name.removeprefix("detection_"): array[0] for name, array in made["tensorflow"].items()}
    wide = np.array([WIDTH, HEIGHT] * 2, np.float32)
    masked = made["yolov8 with masks"]
    with_masks = non_max_suppression(torch.tensor(masked["output0"]), LEAST, IOU, nc=5)[0]
    plus = np.split(made["nanodet plus"]["output"][0], np.cumsum([96, 24, 6]))
    dets = made["mmdet"]["dets"][0]
    rows = {
        "mmdet": plain(dets[:, :4], dets[:, 4], made["mmdet"]["labels"][0]),
        "tensorflow": plain(tf["boxes"][:8, [1, 0, 3, 2]] * wide, tf["scores"][:8], tf["classes"][:8].astype(int), 1),
        "rcnn": plain(*(made["rcnn"][name] for name in ("6379", "6383", "6381")), 1),
        "yolov3": [[float(number) for number in row] for row in thin if row[4] >= LEAST],
        "yolov5": yolov5(made["yolov5"]["output"]),
        "yolov8": non_max_suppression(torch.tensor(made["yolov8"]["output0"]), LEAST, IOU)[0].tolist(),
        "yolov8 with masks": with_masks[:, :6].tolist(),
        "yolov10": non_max_suppression(torch.tensor(made["yolov10"]["output0"]), LEAST, IOU)[0].tolist(),
        "nanodet": nanodet([(s, made["nanodet"][f"cls{s}"][0], made["nanodet"][f"dis{s}"][0]) for s in (8, 16, 32)], False),
        "nanodet plus": nanodet([(s, part[:, :5], part[:, 5:]) for s, part in zip((8, 16, 32, 64), plus, strict=True)], True),
        "fastestdet": fastestdet(made["fastestdet"]["758"][0]),
        "ssd": ssd(made["ssd"]["boxes"][0], made["ssd"]["scores"][0]),
        "efficientdet": efficientdet(made["efficientdet"]["boxes"][0], made["efficientdet"]["scores"][0]),
        "candidates": best_of_each(plain(*made["candidates"].values())),
    }
    places = scale_boxes((HEIGHT, WIDTH), with_masks[:, :4].clone(), FRAME)
    return rows, process_mask_native(torch.tensor(masked["output1"][0]), with_masks[:, 6:], places, FRAME)


def in_frame(rows: list[Row]) -> list[Row]:
    """Undo the letterbox, and round."""
    table = torch.tensor(sorted(rows, key=lambda row: -row[4]))
    boxes = scale_boxes((HEIGHT, WIDTH), table[:, :4].clone(), FRAME)
    return [
        [*(round(side, 4) for side in box), round(score, 6), int(label)]
        for box, (_, _, _, _, score, label) in zip(boxes.tolist(), table.tolist(), strict=True)
    ]


if __name__ == "__main__":
    rows, masks = found()
    expected: dict[str, Any] = {name: in_frame(one) for name, one in rows.items()}
    expected["mask pixels"] = [int(mask.sum()) for mask in masks]
    text = ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in expected.items())
    Path(__file__).with_name("expected.json").write_text("{\n" + text + "\n}\n")
    print({name: len(value) for name, value in expected.items()})
