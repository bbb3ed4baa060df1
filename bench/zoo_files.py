"""Has the networks of `bench.zoo` built, once, into a folder of the cache, by an environment of its own with torch in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

from bench.measure import ROOT

NETWORKS = {
    "mobilenet_v2": "MobileNetV2",
    "shufflenet_v2": "ShuffleNet_v2",
    "resnet18": "ResNet18",
    "resnet50": "ResNet50",
    "vgg16": "VGG16",
    "ssd_lite": "SSD_Lite",
    "faster_rcnn": "Faster R-CNN",
    "mask_rcnn": "Mask R-CNN",
    "yolov3": "YOLOv3",
}
"""File name → name in the tables."""
WITH_TORCH = ("torch==2.13.0", "onnx==1.23.2", "onnxruntime==1.32.0", "sympy", "litert-torch==0.10.0")
WITHOUT_DEPENDENCIES = ("torchvision==0.28.0", "timm==1.0.31", "pnnx==20261020")
"""Alone: torchvision and pnnx would bring another torch."""


def cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xmaker" / "zoo"


def built(names: list[str]) -> dict[str, dict[str, str]]:
    """Build what is not there yet, and return for each network why some of its files are not there."""
    return {name: _reasons(name) for name in names}


def network_file(name: str) -> Path:
    return cache() / "networks" / f"{name}.onnx"


def _reasons(name: str) -> dict[str, str]:
    done = network_file(name).with_suffix(".json")
    if not done.is_file():
        print(f"building {name} …", file=sys.stderr)
        done.parent.mkdir(parents=True, exist_ok=True)
        command = [str(_python()), str(ROOT / "bench" / "zoo_build.py"), name, str(done.parent)]
        made = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
        if made.returncode:  # for want of memory, say: tried again the next time
            return {"onnx": f"exit code {made.returncode}: {made.stderr.strip().splitlines()[-1:]}"}
        done.write_text(made.stdout.splitlines()[-1], encoding="utf-8")
    found: dict[str, str] = json.loads(done.read_text(encoding="utf-8"))
    return found


def _python() -> Path:
    """Return the Python of the environment with torch, which is made on the first call: 2.3 GB, two minutes."""
    folder = cache() / "venv"
    python, ready = folder / ("Scripts" if os.name == "nt" else "bin") / "python", folder / "ready"
    if not ready.is_file():
        print(f"installing torch into {folder} …", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, *WITH_TORCH], check=True)
        subprocess.run([*install, "--no-deps", *WITHOUT_DEPENDENCIES], check=True)
        ready.touch()
    return python
