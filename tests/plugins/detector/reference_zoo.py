"""Writes prepared.json: how the ONNX zoo's own programs prepare pictures for YOLOv3 and for R-CNNs, and compares ours.

Those programs are not part of this project. Their function `preprocess` is taken as it is from the README of a network
(onnx/models, vision/object_detection_segmentation), into a file of the folder CODE: zoo_yolov3.py of yolov3 (the same as
tiny-yolov3's), zoo_rcnn.py of faster-rcnn (the same as mask-rcnn's). Run by hand, where XMaker itself is installed:

    pip install pillow
    python -m tests.plugins.detector.reference_zoo CODE tests/plugins/detector/prepared.json
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from xmaker_detector.reading import LIKE_PILLOW, RCNN_ZOO
from xmaker_vision.prepare import Preparer

from xmaker import ModelInput

from .prepared_pictures import SIZES, fingerprint, noise

NETWORKS: dict[str, tuple[dict[str, Any], float]] = {
    "yolov3": (LIKE_PILLOW | {"width": 416, "height": 416}, 255.0),
    "rcnn": (RCNN_ZOO, 1.0),
}
"""Name → how we prepare, and what the tensor's numbers are multiplied with to be in units of 0 to 255."""


def main(code: str, out: str) -> None:
    """Write the fingerprints, and print for each size how far tensors are apart at most."""
    from PIL import Image

    sys.path.insert(0, code)
    found: dict[str, dict[str, Any]] = {}
    for name, (known, unit) in NETWORKS.items():
        prepare, own = import_module(f"zoo_{name}").preprocess, Preparer(wanted(known))
        for width, height in SIZES:
            image = noise(width, height)
            theirs = np.asarray(prepare(Image.fromarray(image[..., ::-1])))
            theirs = theirs.reshape(1, *theirs.shape[-3:])
            ours = own.tensor(image)
            apart = float(np.abs(ours - theirs).max()) if ours.shape == theirs.shape else f"{ours.shape}, {theirs.shape}"
            print(f"{name} {width}×{height}: {apart}")
            print_of = {"shape": theirs.shape, "mean": float(theirs.mean()), "bytes": fingerprint(theirs * unit)}
            found.setdefault(name, {})[f"{width}×{height}"] = print_of
    Path(out).write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def wanted(known: dict[str, Any]) -> ModelInput:
    return msgspec.convert({"layout": "NCHW", "dtype": "float32", **known}, ModelInput)


if __name__ == "__main__":
    main(*sys.argv[1:])
