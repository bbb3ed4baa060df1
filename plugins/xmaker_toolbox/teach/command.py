"""The command `xmaker model teach FOLDER`: pictures become a classifier, sounds a head for `keywords`."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import click

from xmaker import ProjectError
from xmaker.errors import message
from xmaker_toolbox.evaluation.command import confusion
from xmaker_toolbox.pictures import ENDINGS
from xmaker_toolbox.progress import bar
from xmaker_toolbox.report_file import OutFile
from xmaker_toolbox.teach.lesson import FEWEST, Lesson
from xmaker_toolbox.teach.lesson import teach as learn

SOUNDS = (".wav", ".mp3", ".m4a", ".ogg", ".flac", ".aac", ".amr")
"""Takes, and what a phone records instead of them: the lesson for sounds says how to turn that into WAV."""


@click.command("teach")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    type=OutFile(dir_okay=True),
    help="The file to write: model.onnx; a .json is a small head that needs XMaker's own network. For sounds: words.json.",
)
@click.pass_context
def teach(context: click.Context, folder: Path, target: Path | None) -> None:
    """Learn from examples: FOLDER has a folder for each class, with pictures in it, or WAV files of a word.

    Of pictures five a class will do to begin with, twenty are good; of a word five takes. In words, a folder `other` may
    hold what is none of them.
    """
    if not _are_pictures(folder):
        from xmaker_keywords.command import teach as teach_words

        context.invoke(teach_words, folder=folder, target=target or Path("words.json"))
        return
    start, target = time.monotonic(), target or Path("model.onnx")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # such small matrices are slower on several
    with bar() as progress:
        lesson = learn(folder, target, progress=progress)
    _report(lesson, time.monotonic() - start)


def _are_pictures(folder: Path) -> bool:
    """Whether the folder has examples that are pictures, not sounds. Raises ProjectError for both, or neither."""
    if not folder.is_dir():
        raise ProjectError.of("XM923", folder=folder)
    inside = [folder, *(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))]
    files = {path for one in inside for path in one.rglob("*")}  # which enters no linked folder by itself
    endings = Counter(path.suffix.lower() for path in files if not path.name.startswith("."))
    pictures, sounds = (sum(endings[ending] for ending in kind) for kind in (ENDINGS, SOUNDS))
    if pictures and sounds:
        raise ProjectError.of("XM489", folder=folder, pictures=pictures, sounds=sounds)
    if not pictures and not sounds:
        raise ProjectError.of("XM488", folder=folder)
    return pictures > 0


def _report(lesson: Lesson, seconds: float) -> None:
    if lesson.skipped:
        names = ", ".join(path.name for path in lesson.skipped[:8])
        click.echo(message("XM435", "what", count=len(lesson.skipped), names=names))
    click.echo(message("XM472", "what", accuracy=f"{lesson.accuracy:.1%}", count=sum(lesson.counts)))
    confusion(lesson.labels, lesson.confusion)
    few = [label for label, count in zip(lesson.labels, lesson.counts, strict=True) if count < 20]
    if few:
        click.echo("\n" + message("XM473", "what", labels=", ".join(few)))
    copies = [label for label, taken in zip(lesson.labels, lesson.moments, strict=True) if taken < FEWEST]
    if copies:
        click.echo("\n" + message("XM484", "what", labels=", ".join(copies), file=lesson.file))
    click.echo("\n" + message("XM474", "what", file=lesson.file, seconds=f"{seconds:.1f}"))
