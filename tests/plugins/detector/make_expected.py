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
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from outputs import HEIGHT, WIDTH, made_up
from ultralytics.utils.nms import TorchNMS, non_max_suppression
from ultralytics.utils.ops import process_mask_native, scale_boxes, xywh2xyxy
from written_out import Row, efficientdet, fastestdet, nanodet, ssd, ssd_anchors

FRAME = (100, 200)
LEAST, IOU = 0.3, 0.5


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
        "nanodet": best_of_each(
            nanodet(WIDTH, HEIGHT, [(s, made["nanodet"][f"cls{s}"][0], made["nanodet"][f"dis{s}"][0]) for s in (8, 16, 32)])
        ),
        "nanodet plus": best_of_each(
            nanodet(
                WIDTH, HEIGHT, [(s, part[:, :5], part[:, 5:]) for s, part in zip((8, 16, 32, 64), plus, strict=True)], plus=True
            )
        ),
        "fastestdet": best_of_each(fastestdet(WIDTH, HEIGHT, made["fastestdet"]["758"][0])),
        "ssd": best_of_each(ssd(made["ssd"]["boxes"][0], made["ssd"]["scores"][0], ssd_anchors(WIDTH, HEIGHT))),
        "efficientdet": best_of_each(
            efficientdet(WIDTH, HEIGHT, made["efficientdet"]["boxes"][0], made["efficientdet"]["scores"][0])
        ),
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
