"""The command `xmaker model teach FOLDER`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xmaker import Plugins, ProjectError, XMakerError, card_beside
from xmaker.errors import message
from xmaker.words import columns, width
from xmaker_keywords.head import OTHER, TASK, card_of

if TYPE_CHECKING:
    from xmaker_keywords.takes import Takes
    from xmaker_keywords.teaching import Lesson

MIN_SCORE = 0.5
"""From which score on a word counts while a head is tried: the node's own choice."""
ENOUGH = 5
"""Takes of a word with which 97 of 100 are understood; with fewer, more takes are the best that one can do."""


@click.command("teach")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--to", "target", type=click.Path(path_type=Path), default=Path("words.json"), help="The file to write.")
def teach(folder: Path, target: Path) -> None:
    """Learn words from recordings: FOLDER has a folder for each word, with a WAV file for each time that it was said.

    Five takes a word will do; from several people, it understands strangers, too. A folder `other` may hold what is none of
    the words.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # so small matrices: 2 s on one thread, 11 s on two
    from xmaker_keywords.takes import read_takes
    from xmaker_keywords.teaching import learn

    start = time.monotonic()
    _check_target(target)
    takes = read_takes(folder)
    card = card_beside(Path(__file__).parent / "digits.json")
    lesson = learn(takes, Plugins.load().engine(card).load(card, 1), MIN_SCORE)
    known = [one.word for one in takes if one.word not in OTHER]
    count = int(lesson.confusion.sum())
    measured = {"set": message("XM930", "what"), "takes": count, "accuracy": round(lesson.accuracy, 3)}
    made = card_of(lesson.head, target.stem, {"en": known, "zh": known}, accuracy=[measured])
    _write(made, target)
    _report(takes, lesson)
    click.echo(message("XM932", "what", file=target, seconds=f"{time.monotonic() - start:.1f}"))


def _check_target(target: Path) -> None:
    """Raise ProjectError when there is something that no lesson wrote."""
    if target.suffix.lower() != ".json":
        raise ProjectError.of("XM929", file=target)
    if not target.exists():
        return
    try:
        ours = card_beside(target).task == TASK
    except XMakerError:
        ours = False
    if not ours:
        raise ProjectError.of("XM929", file=target)


def _write(card: Any, target: Path) -> None:
    import msgspec

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n")
    except OSError as error:
        raise ProjectError.of("XM931", file=target, reason=error) from None


def _report(takes: list[Takes], lesson: Lesson) -> None:
    """Print the takes of each word, how well it went, and which word was heard as which."""
    words = [one for one in takes if one.word not in OTHER]
    said, counted, silent, heard = columns("XM933")
    rows: list[list[object]] = [[said, counted, *(one.word for one in words), OTHER[0]]]
    for one, row in zip(words, lesson.confusion.tolist(), strict=True):
        rows.append([one.word, len(one.sounds), *(count or "·" for count in row)])
    click.echo(message("XM930", "what") + f": {lesson.accuracy:.0%}\n\n{' ' * (width(said) + 2)}{heard}")
    click.echo("\n".join(_table(rows)))
    for one in takes:
        for path in one.silent:
            click.echo(f"{silent}: {path}")
    few = [one.word for one in words if len(one.sounds) < ENOUGH]
    if few:
        click.echo(message("XM934", "what", words=", ".join(few), enough=ENOUGH))


def _table(rows: list[list[object]]) -> Iterable[str]:
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        first, *rest = ((cell, " " * (room - width(cell))) for cell, room in zip(row, widths, strict=True))
        yield "  ".join(["".join(first), *(space + cell for cell, space in rest)])
