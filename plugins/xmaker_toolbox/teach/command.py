"""The command `xmaker model teach FOLDER`: pictures become a classifier, sounds a head for `keywords`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import click

from xmaker import ProjectError
from xmaker.errors import message
from xmaker_toolbox.evaluation.command import confusion
from xmaker_toolbox.pictures import ENDINGS
from xmaker_toolbox.progress import bar
from xmaker_toolbox.teach.lesson import Lesson
from xmaker_toolbox.teach.lesson import teach as learn


@click.command("teach")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--to", "target", type=click.Path(path_type=Path), help="The file to write: model.onnx, or words.json for sounds."
)
@click.pass_context
def teach(context: click.Context, folder: Path, target: Path | None) -> None:
    """Learn from examples: FOLDER has a folder for each class, with pictures in it, or WAV files of a word.

    Of pictures five a class will do to begin with, twenty are good; of a word five takes. In words, a folder `other` may
    hold what is none of them.
    """
    if not _has_pictures(folder):
        from xmaker_keywords.command import teach as teach_words

        context.invoke(teach_words, folder=folder, target=target or Path("words.json"))
        return
    start, target = time.monotonic(), target or Path("model.onnx")
    if target.suffix.lower() != ".onnx":
        raise ProjectError.of("XM471", file=target, better=target.with_suffix(".onnx").name)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # such small matrices are slower on several
    with bar() as progress:
        lesson = learn(folder, target, progress=progress)
    _report(lesson, time.monotonic() - start)


def _has_pictures(folder: Path) -> bool:
    """Whether there is a picture in a folder of the folder, and no sound before it."""
    return any(path.suffix.lower() in ENDINGS for path in _files(folder))


def _files(folder: Path) -> Iterator[Path]:
    folders = [inner for inner in sorted(folder.iterdir()) if inner.is_dir()] if folder.is_dir() else []
    return (path for inner in folders for path in inner.iterdir())


def _report(lesson: Lesson, seconds: float) -> None:
    if lesson.skipped:
        names = ", ".join(path.name for path in lesson.skipped[:8])
        click.echo(message("XM435", "what", count=len(lesson.skipped), names=names))
    click.echo(message("XM472", "what", accuracy=f"{lesson.accuracy:.1%}", count=sum(lesson.counts)))
    confusion(lesson.labels, lesson.confusion)
    few = [label for label, count in zip(lesson.labels, lesson.counts, strict=True) if count < 20]
    if few:
        click.echo("\n" + message("XM473", "what", labels=", ".join(few)))
    click.echo("\n" + message("XM474", "what", file=lesson.file, seconds=f"{seconds:.1f}"))
