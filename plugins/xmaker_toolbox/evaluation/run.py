"""`xmaker.toolbox.evaluate(…)`: how well a model does on pictures whose labels are known."""

from __future__ import annotations

from pathlib import Path

from xmaker import ModelCard, Plugins, ProjectError
from xmaker_toolbox.evaluation.boxes import read_scenes
from xmaker_toolbox.evaluation.classify import classify
from xmaker_toolbox.evaluation.detect import detect
from xmaker_toolbox.evaluation.result import Evaluation
from xmaker_toolbox.nodes import NODES
from xmaker_toolbox.pictures import read_pictures
from xmaker_toolbox.progress import Progress, quiet

WEIGHTS = {".xml": ".bin", ".param": ".bin", ".onnx": ".onnx.data"}
"""Ending of a model's file → that of the file beside it which holds its weights."""


def evaluate(model: str | Path, data: str | Path, *, engine: str = "", progress: Progress = quiet) -> Evaluation:
    """Run a model over labelled pictures, prepared and decoded as in a project, and count what is right.

    `model` is a name of the catalog or a file. `data` is, for a classifier, a folder of a folder for each class or a table
    (see `read_pictures`); for a detector, a COCO file or a folder with YOLO's labels (see `read_scenes`). `engine` is what
    runs the network, "" the usual one. Raises XMakerError.
    """
    plugins, model, data = Plugins.load(), str(model), Path(data).expanduser()
    if task_of(model, plugins) == "classify":
        found = classify(plugins, model, data, read_pictures(data), engine, progress)
    else:
        found = detect(plugins, model, data, read_scenes(data), engine, progress)
    found.model, found.data, found.megabytes = model, str(data), megabytes(plugins.model(model, Path()))
    return found


def task_of(model: str, plugins: Plugins | None = None) -> str:
    """Return what a model does. Raises ProjectError when there is no such model, or when it cannot be evaluated."""
    task = (plugins or Plugins.load()).model(model, Path()).task
    if task not in NODES:
        raise ProjectError.of("XM432", model=model, task=task)
    return task


def megabytes(card: ModelCard) -> float:
    """Return the size of a model's file, and of its weights where they are apart, in 1,000,000 bytes."""
    assert card.path is not None  # whoever loads a card sets it
    weights = card.path.with_suffix(WEIGHTS.get(card.path.suffix.lower(), card.path.suffix))
    return sum(path.stat().st_size for path in {card.path, weights} if path.is_file()) / 1e6
