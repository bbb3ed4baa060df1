"""Pictures to calibrate with, and others to compare answers on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from xmaker import ModelCard, ProjectError
from xmaker_toolbox.evaluation.boxes import Scenes, read_scenes
from xmaker_toolbox.evaluation.detect import known_classes, seen
from xmaker_toolbox.evaluation.precision import average_precision
from xmaker_toolbox.pictures import Picture, load_picture, read_pictures
from xmaker_toolbox.progress import Progress, span
from xmaker_toolbox.quantizing.judges import Metric

SMALLEST = 8
"""Pixels of a side: a smaller picture shows nothing."""
ENOUGH = 20
"""With fewer pictures, all of them are for calibrating and for comparing; with more, every other one."""


class Album(msgspec.Struct, frozen=True):
    """The pictures of one piece of work."""

    calibrating: list[Picture]
    testing: list[Picture]
    skipped: tuple[Path, ...]
    """Files that cannot be read, or whose picture is too small to show anything."""
    tested_on: str
    """What the set of pictures to test with is called."""
    metric: Metric | None
    """Average precision, where the pictures to test with have boxes."""


def gather(card: ModelCard, data: Path, test: Path | None, progress: Progress) -> Album:
    """Look through the pictures of a folder or table, and of another one to test with. Raises ProjectError."""
    scenes = _scenes(card, test or data)
    metric = mean_precision(card, scenes) if scenes else None
    good, bad = _usable(data, None if test else scenes, span(progress, 0, 0.5))
    if test is not None:
        others, worse = _usable(test, scenes, span(progress, 0.5, 1))
        return Album(good, others, (*bad, *worse), test.name, metric)
    one, other = (good, good) if len(good) < ENOUGH else (good[::2], good[1::2])
    return Album(one, other, tuple(bad), data.name, metric)


def mean_precision(card: ModelCard, scenes: Scenes) -> Metric | None:
    """Return what gives a detector's mAP; None where the pictures show nothing that it knows."""
    try:
        known = known_classes(card, scenes)
    except ProjectError:
        return None
    of = {scene.path: scene for scene in scenes.scenes}
    shape = cache(lambda path: load_picture(path).shape)

    def metric(pictures: Sequence[Picture], answers: Sequence[Any]) -> float:
        pairs = [(picture.path, answer) for picture, answer in zip(pictures, answers, strict=True)]
        judged = [seen(card, of[path], shape(path), answer, known) for path, answer in pairs]
        return average_precision(sorted(set(known.values())), judged)[0]["mAP"]

    return metric


def _scenes(card: ModelCard, source: Path) -> Scenes | None:
    """Return pictures with boxes, for a detector; None where no boxes are known."""
    boxed = source.suffix.lower() == ".json" or ((source / "images").is_dir() and (source / "labels").is_dir())
    return read_scenes(source) if card.task == "detect" and boxed else None


def _usable(source: Path, scenes: Scenes | None, progress: Progress) -> tuple[list[Picture], list[Path]]:
    """Return the pictures that show something, and the files of those that do not."""
    good, bad = [], []
    pictures = [Picture(scene.path) for scene in scenes.scenes] if scenes else read_pictures(source)
    for number, picture in enumerate(pictures):
        progress(number / len(pictures))
        image = load_picture(picture.path)
        if image is None or min(image.shape[:2]) < SMALLEST:
            bad.append(picture.path)
        else:
            good.append(picture)
    if not good:
        raise ProjectError.of("XM596", folder=source, count=len(bad))
    return good, bad
