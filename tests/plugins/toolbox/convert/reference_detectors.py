"""What MMDetection finds in photos with MMEdu's detectors, and XMaker with its conversions of the same checkpoints.

Weights are made up (made_up.py), and each layer's scaled so that what is in a picture shows in the boxes. By hand, each
step in a Python of its own:

    1. pip install mmdet==3.3.0 mmengine mmcv==2.2.0, compiled with nms and roi_align; pip download mmedu==2.0.0, unpacked:
       python reference_detectors.py mmdet OUT MMEDU PHOTO …
    2. XMaker with its extra `convert`:
       python reference_detectors.py compare OUT
       python reference_detectors.py keep OUT       # detectors.json, of the first photo

All get squares of 320 to 448 pixels: of 1333 a picture would take minutes. The first photo is cut square. Others are filled up,
and there XMaker cuts proposals off where the tensor ends, MMDetection where the photo does.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[2] / "detector")]
import made_up

KEPT = Path(__file__).with_name("detectors.json")
SIZE = 448
BEST = 40
"""How many boxes of each network are kept."""
SIZES = {"SSD_Lite": 320, "Yolov3": 416, "Yolov3 (Darknet-53)": 416, "FasterRCNN": SIZE, "Mask_RCNN": SIZE}
CONFIGS = {"Yolov3 (Darknet-53)": "yolo/yolov3_d53_8xb8-ms-416-273e_coco.py"}
"""What MMEdu has no configuration of: MMDetection's own."""


def mmdet(out: Path, mmedu: Path, *photos: Path) -> None:
    """Write each network's checkpoint, and what MMDetection finds with it."""
    import cv2
    import torch
    from mmdet_here import balance, configured, find  # needs all of MMDetection

    photos = (square(photos[0], out), *photos[1:])
    for title in SIZES:
        network, text = configured(title, mmedu, CONFIGS.get(title))
        shapes = {name: [*one.shape] for name, one in network.state_dict().items() if not name.endswith("tracked")}
        fill(network, shapes, {})
        factors = balance(
            network, lambda title=title, network=network: find(network, title, cv2.imread(str(photos[0])), SIZES[title])
        )
        fill(network, shapes, factors)
        kinds = [f"kind{number}" for number in range(80)]
        meta = {"mmdet_version": "2.26.0", "CLASSES": tuple(kinds), "config": text}
        torch.save({"meta": meta, "state_dict": network.state_dict()}, out / f"{title}.pth")
        answers = {photo.name: find(network, title, cv2.imread(str(photo)), SIZES[title]) for photo in photos}
        torch.save(
            {"shapes": shapes, "factors": factors, "text": text, "photos": [*map(str, photos)], **answers},
            out / f"{title}.answers",
        )
        print(title, [len(one["rows"]) for one in answers.values()], flush=True)


def square(photo: Path, out: Path) -> Path:
    """Write the middle of a photo: it fills a square tensor, so that MMDetection cuts boxes off where the tensor ends."""
    import cv2

    image = cv2.imread(str(photo))
    high, wide = image.shape[:2]
    path = out / "square.png"
    cv2.imwrite(str(path), image[:, (wide - high) // 2 : (wide + high) // 2])
    return path


def fill(network: Any, shapes: Any, factors: Any) -> None:
    import torch

    made = made_up.weights(shapes, factors)
    network.load_state_dict({name: torch.from_numpy(one) for name, one in made.items()}, strict=False)


def compare(out: Path) -> None:
    """Convert each checkpoint, look at the photos, and print how far apart the answers are."""
    import time

    import cv2
    import torch
    from xmaker_toolbox.nodes import Host

    from xmaker import Frame, Plugins
    from xmaker.toolbox import convert

    plugins = Plugins.load()
    for title, size in SIZES.items():
        if not (out / f"{title}.pth").exists():
            continue
        begun = time.perf_counter()
        made = convert(out / f"{title}.pth", out / f"{title}.onnx", size=size)
        seconds = time.perf_counter() - begun
        node: Any = plugins.nodes["detector"](model=str(made.path), min_score=0.001, max=1000, iou=1)
        node.host = Host(plugins)
        node.open()
        known = torch.load(out / f"{title}.answers", weights_only=False)
        for photo in known["photos"]:
            image = cv2.imread(photo)
            items = node.run(Frame(image, photo)).items
            print(f"{title}: {Path(photo).name}: {apart(known[Path(photo).name], items, image.shape)}", flush=True)
        print(f"{title}: {seconds:.1f} s, {made.path.stat().st_size / 1e6:.1f} MB, in PyTorch {made.difference:.1e} apart")


def keep(out: Path) -> None:
    """Write what the tests need: names and shapes of weights, the configuration, and the best boxes of the first photo."""
    import torch

    kept = {}
    for title, size in SIZES.items():
        known = torch.load(out / f"{title}.answers", weights_only=False)
        first = known[Path(known["photos"][0]).name]
        best = sorted(range(len(first["rows"])), key=lambda one: -first["rows"][one][4])[:BEST]
        rows = [[round(number, 4) for number in first["rows"][one]] for one in best]
        masks = None
        if first["masks"] is not None:
            masks = [
                "".join(map(str, made_up.at_points(first["masks"][one], row))) for one, row in zip(best, rows, strict=True)
            ]
        parts = {key: known[key] for key in ("shapes", "factors", "text")}
        kept[title] = {"size": size, **parts, "rows": rows, "masks": masks}
    lines = [f"{json.dumps(title)}: {json.dumps(one, ensure_ascii=False)}" for title, one in kept.items()]
    KEPT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def apart(wanted: Any, items: Any, shape: Any) -> str:
    """Return in words how far apart boxes, scores and masks are. XMaker cuts boxes off where the frame ends."""
    table = np.array([[x, y, x + w, y + h, item.score, item.number] for item in items for x, y, w, h in [item.box]]).reshape(
        -1, 6
    )
    rows, found = np.array(wanted["rows"]).reshape(-1, 6), [*range(len(items))]
    rows[:, :4] = rows[:, :4].clip(0, [shape[1], shape[0]] * 2)
    boxes, scores, masks, lost = [0.0], [0.0], [1.0], 0
    for number, row in enumerate(rows):
        same = [one for one in found if table[one, 5] == row[5] and np.abs(table[one, :4] - row[:4]).max() < 5]
        if not same:
            lost += 1
            continue
        best = min(same, key=lambda one: np.abs(table[one, :5] - row[:5]).sum())
        found.remove(best)
        boxes.append(np.abs(table[best, :4] - row[:4]).max())
        scores.append(abs(table[best, 4] - row[4]))
        if wanted["masks"] is not None:
            mask = wanted["masks"][number]
            masks.append((mask & items[best].mask).sum() / max(1, (mask | items[best].mask).sum()))
    least = rows[:, 4].min() if len(rows) else 0
    more = sum(table[one, 4] > least + 1e-4 for one in found)
    return f"{len(rows)} boxes, {lost} lost, {more} more, at most {max(boxes):.2g} pixels and {max(scores):.1e} apart" + (
        f", masks the same to {min(masks):.1%}" if wanted["masks"] is not None else ""
    )


if __name__ == "__main__":
    steps = {"mmdet": mmdet, "compare": compare, "keep": keep}
    steps[sys.argv[1]](*map(Path, sys.argv[2:]))
