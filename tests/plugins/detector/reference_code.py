"""Writes references.json: where the authors' own code finds the things in `outputs.made_up()`, in pixels of the input.

That code is not part of this project. Each of its functions is taken as it is, into a file of the folder CODE:

- yolo3_model.py: `yolo_eval` and what it calls, of qqwweee/keras-yolo3 (yolo3/model.py), whose networks are in the ONNX zoo;
- maskrcnn_inference.py: `paste_mask_in_image` and what it calls, of facebookresearch/maskrcnn-benchmark, the zoo's R-CNNs;
- fastestdet_tool.py: `handle_preds` of dog-qiuqiu/FastestDet (utils/tool.py), and fastestdet_later.py, the same with the scores
  of its last version;
- nanodet_heads.py: `get_bboxes` of GFLHead and NanoDetPlusHead of RangiLyu/nanodet, before it takes overlapping boxes away;
- automl_anchors.py: `_generate_anchor_boxes` and `decode_box_outputs` of google/automl (efficientdet/anchors.py).

Run by hand, in a venv of its own:

    pip install tensorflow-cpu==2.21.0 ai-edge-litert==2.3.0 torch onnxruntime opencv-python-headless pyyaml
    pip install --no-deps model-mp-core==0.1.6
    python reference_code.py CODE references.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import torch
from outputs import HEIGHT, KINDS, WIDTH, blobs, made_up
from reference_tflite import postprocessed
from written_out import Row, best_of_each, ssd_anchors

LEAST, IOU, MOST = 0.3, 0.5, 40
MADE: Any = made_up()
RATIOS = {"efficientdet": [(one**0.5, one**-0.5) for one in (1.0, 2.0, 0.5)], "1.4": [(1.0, 1.0), (1.4, 0.7), (0.7, 1.4)]}
"""Shapes of EfficientDet's anchors: those of its later configurations, and those of the first ones."""


def rows_of(boxes: Any, scores: Any, labels: Any) -> list[Row]:
    rows = zip(np.asarray(boxes).tolist(), np.asarray(scores).tolist(), np.asarray(labels).tolist(), strict=True)
    return [[*box, score, int(label)] for box, score, label in rows if score >= LEAST]


def best(rows: list[Row], size: tuple[int, int] = (WIDTH, HEIGHT)) -> list[Row]:
    """Return the best ones, cut off where the picture ends."""
    rows = sorted(rows, key=lambda row: -row[4])[:MOST]
    return [[*np.clip(row[:4], 0, [*size, *size]).tolist(), *row[4:]] for row in rows]


def fastestdet(name: str) -> list[Row]:
    everything = SimpleNamespace(batched_nms=lambda boxes, scores, kinds, iou: scores.argsort(descending=True))
    torchvision = sys.modules["torchvision"] = ModuleType("torchvision")
    torchvision.ops = everything  # type: ignore[attr-defined]
    module = __import__(name)
    found = module.handle_preds(torch.tensor(MADE["fastestdet"]["758"]), "cpu", LEAST)[0].numpy()
    return best_of_each(rows_of(found[:, :4] * ([WIDTH, HEIGHT] * 2), found[:, 4], found[:, 5]), LEAST, IOU)


def nanodet(head: Any, table: Any) -> list[Row]:
    kinds, sides = torch.tensor(table[..., :KINDS]), torch.tensor(table[..., KINDS:])
    boxes = head.get_bboxes(kinds, sides, {"img": np.zeros((1, 3, HEIGHT, WIDTH))})[0].numpy()
    return best_of_each(rows_of(boxes, kinds[0].max(1).values, kinds[0].argmax(1)), LEAST, IOU)


def efficientdet(ratios: str) -> list[Row]:
    from automl_anchors import _generate_anchor_boxes, _generate_anchor_configs, decode_box_outputs

    sizes = [{"height": -(-HEIGHT // 2**level), "width": -(-WIDTH // 2**level)} for level in range(8)]
    anchors = _generate_anchor_boxes((HEIGHT, WIDTH), 3.0, _generate_anchor_configs(sizes, 3, 7, 3, RATIOS[ratios]))
    scores, boxes = (MADE["efficientdet"][name][0] for name in ("scores", "boxes"))
    made = decode_box_outputs(boxes.T, anchors.T)[:, [1, 0, 3, 2]]
    return best_of_each(rows_of(made, scores.max(1), scores.argmax(1)), LEAST, IOU)


def yolov3() -> tuple[dict[str, Any], tuple[int, int], list[Row]]:
    """Return what the zoo's tiny network gives when it is told the input's size, a frame, and the things in that."""
    import tensorflow as tf
    from yolo3_model import yolo_boxes_and_scores, yolo_eval

    random = np.random.default_rng(2026)
    anchors = np.array([(10, 14), (23, 27), (37, 58), (81, 82), (135, 169), (344, 319)], np.float32) / 4
    shapes = [(1, HEIGHT // side, WIDTH // side, 3 * (5 + KINDS)) for side in (32, 16)]
    heads = [tf.constant(random.normal(0, 2, shape), tf.float32) for shape in shapes]
    frame = (200, 100)
    boxes, scores, labels = yolo_eval(heads, anchors, KINDS, (100, 200), 100, LEAST, IOU)
    inside = [
        yolo_boxes_and_scores(head, anchors[list(mask)], KINDS, (HEIGHT, WIDTH), (HEIGHT, WIDTH))
        for head, mask in zip(heads, ((3, 4, 5), (1, 2, 3)), strict=True)
    ]
    all_boxes, all_scores = (np.concatenate([np.asarray(one[part]) for one in inside]).round(4) for part in (0, 1))
    kept = [tf.image.non_max_suppression(all_boxes, all_scores[:, kind], 100, IOU, LEAST).numpy() for kind in range(KINDS)]
    indices = [[0, kind, int(place)] for kind, places in enumerate(kept) for place in places]
    outputs = {"boxes": all_boxes[None].tolist(), "scores": all_scores.T[None].tolist(), "indices": indices}
    found = zip(
        np.asarray(boxes)[:, [1, 0, 3, 2]].tolist(), np.asarray(scores).tolist(), np.asarray(labels).tolist(), strict=True
    )
    return outputs, frame, [[*box, score, label] for box, score, label in found]


def masks() -> list[str]:
    """Return, for each thing of the R-CNN that counts, which pixels it covers, as bytes of eight pixels in hexadecimal."""
    from maskrcnn_inference import paste_mask_in_image

    boxes, _, scores, _ = (torch.tensor(one) for one in MADE["rcnn"].values())
    cut = boxes.clamp(torch.zeros(4), torch.tensor([WIDTH, HEIGHT] * 2))  # as its boxes are before that
    pasted = [
        paste_mask_in_image(part, box, HEIGHT, WIDTH)
        for part, box, score in zip(torch.tensor(blobs(len(boxes))), cut, scores, strict=True)
        if score >= LEAST
    ]
    return [np.packbits(one.numpy()).tobytes().hex() for one in pasted]


def mindplus() -> list[Row]:
    """Let Mind+'s own library read the outputs; it counts whole pixels, and of all overlapping boxes it keeps the best."""
    for name in ("sklearn", "model_mp_core.segmentation", "model_mp_core.tinyml", "model_mp_core.classification"):
        stub = sys.modules.setdefault(name, ModuleType(name))
        for part in ("SegmentInference", "TinyMLInference", "ImageClassificationInference"):
            setattr(stub, part, None)
    from model_mp_core.detection import ObjectDetectionInference

    reader = ObjectDetectionInference.__new__(ObjectDetectionInference)
    reader.__dict__ |= {"model_name": "yolov8n", "confidence_thres": LEAST, "iou_thres": IOU, "imgsz": (WIDTH, HEIGHT)}
    reader.class_names = {number: f"kind{number}" for number in range(KINDS)}
    found = reader.postprocess((HEIGHT, WIDTH), [MADE["yolov8"]["output0"]])["result"]
    return [[*one["bbox"], one["score"], one["class_id"]] for one in found]


def main(code: str, out: str) -> None:
    """Write the file. Its arrays are rounded to a ten-thousandth."""
    sys.path.insert(0, code)
    from nanodet_heads import GFLHead, NanoDetPlusHead

    levels = [np.concatenate([MADE["nanodet"][f"{part}{s}"] for part in ("cls", "dis")], 2) for s in (8, 16, 32)]
    cases: dict[str, Callable[[], list[Row]]] = {
        "nanodet": lambda: nanodet(GFLHead((8, 16, 32)), np.concatenate(levels, 1)),
        "nanodet plus": lambda: nanodet(NanoDetPlusHead((8, 16, 32, 64)), MADE["nanodet plus"]["output"]),
        "fastestdet": lambda: fastestdet("fastestdet_later"),
        "fastestdet, first scores": lambda: fastestdet("fastestdet_tool"),
        "efficientdet": lambda: efficientdet("efficientdet"),
        "efficientdet, first anchors": lambda: efficientdet("1.4"),
        "ssd": lambda: best_of_each(
            rows_of(*postprocessed(MADE["ssd"]["boxes"], MADE["ssd"]["scores"], ssd_anchors(WIDTH, HEIGHT))), LEAST, IOU
        ),
        "mind+": mindplus,
    }
    found: dict[str, Any] = {name: {"rows": best(case())} for name, case in cases.items()}
    outputs, frame, rows = yolov3()
    found["yolov3"] = {"rows": best(rows, frame), "outputs": outputs, "frame": frame}
    found["rcnn"] = {"masks": masks()}
    text = ",\n".join(f'"{name}": {json.dumps(rounded(value))}' for name, value in found.items())
    Path(out).write_text("{\n" + text + "\n}\n")
    print({name: len(value.get("rows", value.get("masks"))) for name, value in found.items()})


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main(*sys.argv[1:])
