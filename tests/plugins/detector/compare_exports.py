"""Compares, box by box, what torchvision and Ultralytics find with what XMaker finds in the ONNX files that they export.

The networks are those of the two libraries, but nobody has trained them: weights are random, and scaled so that scores differ.
Run by hand, where XMaker itself is installed:

    pip install torch torchvision ultralytics onnx
    python -m tests.plugins.detector.compare_exports projects/cat_dog/media/dog1.jpg   # of 640 by 480 pixels
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

os.environ |= {"YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false"}

from xmaker_toolbox.nodes import Host

from xmaker import Frame, Plugins

SIZE = 320
LEAST, MOST = 0.2, 60
"""The lowest score that counts, and how many of the best boxes of a network are compared."""
DEVIATION = 2.5
"""Standard deviation of the numbers before a softmax."""
FEW = 20
"""So many numbers of a level become more than a half by a sigmoid."""
TORCHVISION = (
    "fasterrcnn_mobilenet_v3_large_320_fpn",
    "maskrcnn_resnet50_fpn",
    "ssdlite320_mobilenet_v3_large",
)
Rows = list[tuple[list[float], float, int]]
"""Box (left, top, right, bottom in pixels of the frame), score, label; the best first."""


def spread(network: Any, normed: Any, look: Any, scorers: list[Any], sigmoid: bool) -> None:
    """Let a network's normalisation fit what it sees, and scale what gives its scores, so that some are high and most low."""
    norms = [part for part in normed.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0
    with torch.no_grad():
        look()
        network.eval()
        seen: dict[Any, Any] = {}
        hooks = [one.register_forward_hook(lambda one, _, out: seen.update({one: out.flatten()})) for one in scorers]
        look()
        for hook in hooks:
            hook.remove()
        for one, numbers in seen.items():
            highest = numbers.topk(FEW).values
            scale = 4 / (highest[0] - highest[-1]) if sigmoid else DEVIATION / numbers.std()
            one.weight *= scale
            one.bias *= scale
            one.bias -= scale * highest[-1] if sigmoid else 0


def _scorers(network: Any) -> list[Any]:
    """Return the layers of a network of torchvision that give its scores."""
    if hasattr(network, "roi_heads"):
        return [network.roi_heads.box_predictor.cls_score]
    return [level[-1] for level in network.head.classification_head.module_list]


def torchvision_networks(folder: Path, image: Any) -> Iterator[tuple[str, Path, Rows]]:
    """Yield each network's name, its exported file, and what torchvision itself finds."""
    from torchvision.models import detection

    small = cv2.resize(image, (SIZE, SIZE * image.shape[0] // image.shape[1]))
    tensor = torch.from_numpy(np.ascontiguousarray(small[..., ::-1]).transpose(2, 0, 1).astype(np.float32) / 255)
    both = [tensor, tensor.flip(2)]
    for name in TORCHVISION:
        torch.manual_seed(1)
        network = getattr(detection, name)(weights=None, weights_backbone=None, num_classes=91).eval()
        spread(network, network.backbone, lambda network=network: network(both), _scorers(network), sigmoid=False)
        path = folder / f"{name}.onnx"
        torch.onnx.export(network, ([tensor],), str(path), opset_version=17, dynamo=False)
        with torch.no_grad():
            found = network([tensor])[0]
        scale = image.shape[1] / SIZE
        boxes = (found["boxes"] * scale).tolist()
        rows = [*zip(boxes, found["scores"].tolist(), found["labels"].tolist(), strict=True)]
        yield name, path, [row for row in rows if row[1] >= LEAST]


def ultralytics_networks(folder: Path, image: Any) -> Iterator[tuple[str, Path, Rows]]:
    """Yield each network's name, its exported file, and what Ultralytics' own code finds with that file."""
    from ultralytics import YOLO

    square = np.full((SIZE, SIZE, 3), 114, np.uint8)
    square[40:280] = cv2.resize(image, (320, 240))
    tensor = torch.from_numpy(square[..., ::-1].transpose(2, 0, 1).astype(np.float32) / 255)
    both = torch.stack([tensor, tensor.flip(2)])
    for name in ("yolov5n", "yolov8n", "yolov8n-seg", "yolov10n", "yolo11n"):
        torch.manual_seed(1)
        network = YOLO(f"{name}.yaml")
        inside = network.model
        levels = [*inside.model[-1].cv3, *(getattr(inside.model[-1], "one2one_cv3", None) or ())]
        spread(inside, inside, lambda inside=inside: inside(both), [level[-1] for level in levels], sigmoid=True)
        network.model.names = {number: f"kind{number}" for number in range(len(network.model.names))}
        with contextlib.chdir(folder):  # that is where it writes
            path = folder / network.export(format="onnx", imgsz=SIZE, simplify=False)
        task = "segment" if "seg" in name else "detect"
        found = YOLO(path, task=task).predict(image, imgsz=SIZE, conf=LEAST, iou=0.5, max_det=300, verbose=False)[0].boxes
        rows = zip(found.xyxy.tolist(), found.conf.tolist(), found.cls.int().tolist(), strict=True)
        yield name, path, [*rows]


def ours(plugins: Plugins, path: Path, image: Any, least: float) -> tuple[Any, Rows]:
    """Return the node and what it finds."""
    node: Any = plugins.nodes["detector"](model=str(path), min_score=least, max=300)
    node.host = Host(plugins)
    node.open()
    items = [item for item in node.run(Frame(image, path.name)).items if item.score >= least]
    corners = [[x, y, x + w, y + h] for x, y, w, h in (item.box for item in items)]
    return node, [*zip(corners, (item.score for item in items), (item.number for item in items), strict=True)]


def main(picture: str) -> None:
    """Print for each network how far boxes and scores are apart at most."""
    image, plugins = cv2.imread(picture), Plugins.load()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for networks in (ultralytics_networks, torchvision_networks):
            for title, path, wanted in networks(folder, image):
                if networks is torchvision_networks:
                    names = [f"kind{number}" for number in range(91)]
                    path.with_suffix(".txt").write_text("\n".join(["__background__", *names[1:]]))
                wanted = sorted(wanted, key=lambda row: -row[1])[: MOST + 1]
                least = (wanted[-2][1] + wanted[-1][1]) / 2 if len(wanted) > MOST else LEAST
                node, found = ours(plugins, path, image, least)
                wanted = [row for row in wanted if row[1] >= least]
                print(f"{title}: {compared(wanted, found)}; layout {node._finder._layout.__name__}")


def compared(wanted: Rows, found: Rows) -> str:
    """Return in words how two lists differ: each box is compared with that of the other list which is nearest to it."""
    if len(wanted) != len(found):
        return f"{len(wanted)} wanted, {len(found)} found"
    apart, scores, labels = 0.0, 0.0, 0
    left = [*found]
    for box, score, label in wanted:
        nearest = min(left, key=lambda row: (row[2] != label, abs(np.array(row[0]) - box).max()))
        left.remove(nearest)
        apart, scores = max(apart, abs(np.array(nearest[0]) - box).max()), max(scores, abs(nearest[1] - score))
        labels += nearest[2] != label
    return f"{len(wanted)} boxes, at most {apart:.2g} pixels apart, scores {scores:.2g}, {labels} labels differ"


if __name__ == "__main__":
    main(sys.argv[1])
