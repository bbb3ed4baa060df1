"""What is written beside a converted model, ready to run: a project, and a program for XMaker and one for XEduHub."""

from __future__ import annotations

from pathlib import Path

import msgspec

from xmaker_toolbox.convert.sources import Source
from xmaker_toolbox.files import whole

PROJECT = """\
inputs:
  camera: {{}}
models:
  thing: {{use: {use}, model: {model}, from: camera}}
outputs:
  screen: {{from: [camera, thing]}}
"""
XMAKER = """\
# {model} in XMaker: python {name} PICTURE
import sys

from xmaker import Project
from xmaker_camera import Camera
from {package} import {node}
from xmaker_console import Console

project = Project(folder=sys.path[0]).add(Camera(source=sys.argv[1]), name="camera").add(Console())
project.add({node}(model="{model}"), name="thing", from_="camera")
project.rule(each="thing", then=['console.print("{said}")']).run()
"""
XEDUHUB = """\
# {model} in XEduHub (pip install xedu-python six): python {name} PICTURE
import os
import sys

from XEdu.hub import Workflow

model = Workflow(task="{task}", checkpoint=os.path.join(sys.path[0], "{model}"))
result = model.inference(data=sys.argv[1])
model.format_output(lang="zh")
"""
XEDUHUB_CUT = """\
# {model} in XEduHub (pip install xedu-python six): python {name} PICTURE
import os
import sys

import cv2
from XEdu.hub import Workflow

photo = cv2.imread(sys.argv[1])
height, width = photo.shape[:2]
side = min(height, width)
top, left = (height - side) // 2, (width - side) // 2
model = Workflow(task="{task}", checkpoint=os.path.join(sys.path[0], "{model}"))
result = model.inference(data=photo[top : top + side, left : left + side])  # the middle: a whole photo would be squashed
model.format_output(lang="zh")
"""
NODES = {
    "classify": {
        "use": "classifier",
        "package": "xmaker_classifier",
        "node": "Classifier",
        "said": "{thing.label} {thing.score:.0%}",
    },
    "detect": {
        "use": "detector",
        "package": "xmaker_detector.node",
        "node": "Detector",
        "said": "{thing.count()}: {thing.nearest.label} {thing.nearest.score:.0%}",
    },
}
"""Task → the node that does it, and what the program says of each picture."""

IN_XEDUHUB = (224, 224)
"""XEduHub prepares pictures for MMEdu's classifiers in this size alone, whatever the graph takes."""


class Beside(msgspec.Struct, frozen=True):
    """Files that lie beside the model."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    """Those that were there with something else in them, and were left as they are."""


def write_beside(target: Path, source: Source) -> Beside:
    """Write the project and the programs; what is there already is somebody's work."""
    task = "mmedu" if source.told is None else "basenn"
    texts = {"project.yaml": PROJECT, f"{target.stem}_xmaker.py": XMAKER}
    side = source.picture.width, source.picture.height
    if source.xeduhub and (source.task == "detect" or task == "basenn" or side == IN_XEDUHUB):
        cut = source.task == "classify" and source.picture.resize == "centre-crop"
        texts[f"{target.stem}_xeduhub.py"] = XEDUHUB_CUT if cut else XEDUHUB
    written, kept = list[Path](), list[Path]()
    for name, text in texts.items():
        path, made = target.with_name(name), text.format(model=target.name, name=name, task=task, **NODES[source.task])
        if path.exists() and path.read_text(encoding="utf-8", errors="replace") != made:
            kept.append(path)
            continue
        with whole(path) as part:
            part.write_text(made, encoding="utf-8")
        written.append(path)
    return Beside(tuple(written), tuple(kept))
