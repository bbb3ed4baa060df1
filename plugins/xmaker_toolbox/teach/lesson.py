"""`xmaker.toolbox.teach(…)`: makes a classifier of one's own from a folder of pictures for each class, without torch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from xmaker_vision.prepare import Preparer

from xmaker import ModelCard, ModelInput, ProjectError
from xmaker.errors import message
from xmaker_toolbox.files import whole
from xmaker_toolbox.pictures import Picture, load_picture, read_pictures
from xmaker_toolbox.progress import Progress, quiet
from xmaker_toolbox.teach.graph import MEAN, SIDE, SIZE, STD, feature_network, taught_network, trunk
from xmaker_toolbox.teach.head_file import SOURCE, is_taught, shipped, write_head

FEWEST = 5
"""Pictures of a class: with fewer, nobody could say how well it was learnt."""


class Lesson(msgspec.Struct):
    """What was learnt, and how well."""

    labels: list[str]
    counts: list[int]
    """Pictures of each class."""
    moments: list[int]
    """At how many moments they were taken: with few, accuracy flatters."""
    confusion: list[list[int]]
    """Of pictures that the judging head had not seen: a row for what it is, a column for what was said."""
    accuracy: float
    skipped: list[Path]
    """What could not be read."""
    file: Path


def teach(folder: str | Path, out: str | Path, *, progress: Progress = quiet) -> Lesson:
    """Learn the classes of a folder (a folder of pictures for each) and write the model: an ONNX file, or a head alone (.json).

    Raises ProjectError for fewer than two classes, one with fewer than five pictures, or a file that is something else. The
    same pictures give the same file.
    """
    from xmaker_toolbox.teach.learning import learn, moments

    out, skipped = Path(out), list[Path]()
    _check_target(out)
    classes, network = _classes(Path(folder)), shipped()
    assert network.path
    part = trunk(network.path.read_bytes())
    features = _features(feature_network(part), network.input, classes, skipped, progress)
    labels = list(classes)
    for label, one in zip(labels, features, strict=True):
        if len(one) < FEWEST:
            raise ProjectError.of("XM465", label=label, count=len(one), fewest=FEWEST)
    progress(0.95, message("XM468", "what"))
    learnt = learn(features)
    counts = [len(one) for one in features]
    made = _card(out.stem, labels, sum(counts), learnt.accuracy)
    with whole(out) as file:
        if out.suffix.lower() == ".json":
            write_head(file, learnt.head, made, network)
        else:
            file.write_bytes(taught_network(part, learnt.head.weights, learnt.head.bias, made, labels))
    return Lesson(labels, counts, list(map(moments, features)), learnt.confusion, learnt.accuracy, skipped, out)


def _check_target(out: Path) -> None:
    """Raise ProjectError for a name that is none of a model, and for a file that no lesson wrote: it is somebody's work."""
    if out.suffix.lower() not in (".onnx", ".json"):
        raise ProjectError.of("XM471", file=out, better=out.with_suffix(".onnx").name)
    if out.exists() and not is_taught(out):
        raise ProjectError.of("XM487", file=out)


def _classes(folder: Path) -> dict[str, list[Picture]]:
    classes: dict[str, list[Picture]] = {}
    for picture in read_pictures(folder):
        if picture.label is None:
            raise ProjectError.of("XM467", folder=folder)
        classes.setdefault(str(picture.label), []).append(picture)
    if len(classes) < 2:
        raise ProjectError.of("XM466", folder=folder, label=next(iter(classes)))
    return classes


def _features(
    network: bytes, wanted: ModelInput, classes: dict[str, list[Picture]], skipped: list[Path], progress: Progress
) -> list[Any]:
    """Return the features of each class, (pictures, 2, 1280): of each picture, and of its mirror image."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    name, prepare = session.get_inputs()[0].name, Preparer(wanted)
    count, done, found = sum(map(len, classes.values())), 0, []
    for label, pictures in classes.items():
        rows = []
        for image in _images(pictures, skipped):
            progress(0.95 * done / count, message("XM469", "what", label=label))
            both = (image, image[:, ::-1].copy())
            rows.append([session.run(None, {name: prepare.tensor(one)})[0][0].copy() for one in both])
            done += 1
        found.append(np.array(rows, np.float32).reshape(len(rows), 2, SIZE))
    return found


def _images(pictures: Iterable[Picture], skipped: list[Path]) -> Iterable[Any]:
    for picture in pictures:
        image = load_picture(picture.path)
        if image is None:
            skipped.append(picture.path)
        else:
            yield image


def _card(name: str, labels: list[str], count: int, accuracy: float) -> ModelCard:
    wanted = ModelInput(SIDE, SIDE, layout="NCHW", dtype="float32", colour="RGB", crop=0.875, mean=MEAN, std=STD)
    measured = {"set": message("XM470", "what"), "pictures": count, "top1": round(accuracy, 3)}
    return ModelCard(
        name=name,
        task="classify",
        input=wanted,
        output="probs",
        labels={"en": labels, "zh": labels},
        licence="Apache-2.0",
        source=SOURCE,
        accuracy=[measured],
    )
