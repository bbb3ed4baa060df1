"""`xmaker.toolbox.evaluate(…)`: how well a model does on pictures whose labels are known."""

from __future__ import annotations

from pathlib import Path

from xmaker import Plugins, ProjectError
from xmaker_toolbox.evaluation.boxes import read_scenes
from xmaker_toolbox.evaluation.classify import classify
from xmaker_toolbox.evaluation.detect import detect
from xmaker_toolbox.evaluation.result import Evaluation
from xmaker_toolbox.pictures import read_pictures
from xmaker_toolbox.progress import Progress, quiet


def evaluate(model: str | Path, data: str | Path, *, engine: str = "", progress: Progress = quiet) -> Evaluation:
    """Run a model over labelled pictures, prepared and decoded as in a project, and count what is right.

    `model` is a name of the catalog or a file. `data` is, for a classifier, a folder of a folder for each class or a table
    (see `read_pictures`); for a detector, a COCO file or a folder with `images` and `labels`. Raises XMakerError.
    """
    plugins, data = Plugins.load(), Path(data)
    task = plugins.model(str(model), Path()).task
    if task == "classify":
        return classify(plugins, str(model), data, read_pictures(data), engine, progress)
    if task == "detect":
        return detect(plugins, str(model), data, read_scenes(data), engine, progress)
    raise ProjectError.of("XM432", model=model, task=task)
