"""Pictures to calibrate with, and others to compare answers on."""

from __future__ import annotations

from pathlib import Path

import msgspec

from xmaker import ProjectError
from xmaker_toolbox.pictures import Picture, load_picture, read_pictures
from xmaker_toolbox.progress import Progress, span

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


def gather(data: Path, test: Path | None, progress: Progress) -> Album:
    """Look through the pictures of a folder or table, and of another one to test with. Raises ProjectError."""
    good, bad = _usable(data, span(progress, 0, 0.5))
    if test is not None:
        others, worse = _usable(test, span(progress, 0.5, 1))
        return Album(good, others, (*bad, *worse))
    if len(good) < ENOUGH:
        return Album(good, good, tuple(bad))
    return Album(good[::2], good[1::2], tuple(bad))


def _usable(source: Path, progress: Progress) -> tuple[list[Picture], list[Path]]:
    """Return the pictures that show something, and the files of those that do not."""
    good, bad = [], []
    pictures = read_pictures(source)
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
