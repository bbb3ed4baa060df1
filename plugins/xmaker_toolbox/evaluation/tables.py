"""What is said of evaluations in tables and sentences, in the terminal and in the page alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from xmaker.errors import message
from xmaker.words import columns
from xmaker_toolbox.evaluation.result import FIGURES, HEARD, Class, Evaluation

NAMED = 10
"""Names in a sentence; of more, only how many there are."""
Table = tuple[list[str], list[list[object]]]
"""Headings and rows."""


def used_figures(found: Sequence[Evaluation]) -> list[int]:
    """Return the places in FIGURES of those that any of the models has."""
    return [place for place, key in enumerate(FIGURES) if any(key in one.figures for one in found)]


def summary(found: Sequence[Evaluation], written: Callable[[float], str]) -> Table:
    """Return a table with a row for each model; `written` makes a text of a figure from 0 to 1."""
    name, pictures, recordings, *figures, size = columns("XM440")
    used, rows = used_figures(found), list[list[object]]()
    names = [Path(one.model).name for one in found]
    for one, short in zip(found, names, strict=True):
        parts = (one.figures.get(FIGURES[place]) for place in used)
        numbers = ["–" if part is None else written(part) for part in parts]
        rows.append([short if names.count(short) == 1 else one.model, one.pictures, *numbers, f"{one.megabytes:.1f}"])
    counted = recordings if all(one.task == HEARD for one in found) else pictures
    return [name, counted, *(figures[place] for place in used), size], rows


def classes(classes: Sequence[Class], most: int) -> Table:
    """Return a table of the classes, the worst first."""
    *headings, precision = columns("XM446")
    boxes = any(one.ap is not None for one in classes)
    ranked = sorted(classes, key=lambda one: (one.recall if one.ap is None else one.ap, one.precision, -one.count))
    rows: list[list[object]] = []
    for one in ranked[:most]:
        found = f"{one.recall:.0%}" if one.count else "–"
        right = f"{one.precision:.0%}" if one.said else "–"
        rows.append([one.label, one.count, one.right, one.said, found, right])
        if boxes:
            rows[-1].append("–" if one.ap is None else f"{one.ap:.1%}")
    return [*headings, *([precision] if boxes else [])], rows


def notices(one: Evaluation) -> Iterable[str]:
    """Return sentences on what was not counted, or may be counted wrong."""
    if one.skipped:
        yield message("XM435", "what", count=len(one.skipped), names=_some([path.name for path in one.skipped]))
    if one.contradicting:
        some = _some([path.name for path in one.contradicting])
        yield message("XM949", "what", count=len(one.contradicting), pictures=one.pictures, names=some)
    if one.left_out:
        yield message("XM443", "what", model=Path(one.model).name, names=_some(one.left_out))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" … ({len(names)})" if len(names) > NAMED else "")
