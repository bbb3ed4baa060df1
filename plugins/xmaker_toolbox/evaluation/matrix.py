"""Draws a confusion matrix as SVG: rows are what it is, columns what was said, darker is more often."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

MOST = 24
"""Classes that can be read in one picture; of more, those that are mistaken most often are shown."""
CELL, MARGIN, TOP = 34, 150, 110
LETTERS = 20


def matrix(labels: Sequence[str], counts: Sequence[Sequence[int]], title: str) -> tuple[str, int]:
    """Return the picture, and how many classes had no room in it."""
    shown = _most_mistaken(counts)
    side = CELL * len(shown)
    cells = [_cell(labels, counts, row, column, x, y) for y, row in enumerate(shown) for x, column in enumerate(shown)]
    names = [_name(labels[number], place) for place, number in enumerate(shown)]
    width, height = MARGIN + side + 10, TOP + side + 10
    drawn = "".join([*names, *cells])
    picture = (
        f'<svg class="matrix" viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{escape(title)}">'
        f'<text class="axes" x="{MARGIN - 8}" y="{TOP - 12}" text-anchor="end">{escape(title)}</text>{drawn}</svg>'
    )
    return picture, len(labels) - len(shown)


def _most_mistaken(counts: Sequence[Sequence[int]]) -> list[int]:
    """Return the classes to show, in their own order."""
    if len(counts) <= MOST:
        return list(range(len(counts)))
    said = [sum(column) for column in zip(*counts, strict=True)]
    wrong = [sum(row) + said[number] - 2 * row[number] for number, row in enumerate(counts)]
    return sorted(sorted(range(len(counts)), key=lambda number: -wrong[number])[:MOST])


def _cell(labels: Sequence[str], counts: Sequence[Sequence[int]], row: int, column: int, x: int, y: int) -> str:
    count, all_of_it = counts[row][column], sum(counts[row]) or 1
    kind = "right" if row == column else "wrong"
    left, top, part = MARGIN + x * CELL, TOP + y * CELL, count / all_of_it
    square = f'<rect class="{kind}" x="{left}" y="{top}" width="{CELL - 2}" height="{CELL - 2}" fill-opacity="{part:.3f}"/>'
    shade = "light" if part > 0.5 else "count"
    number = f'<text x="{left + CELL / 2 - 1}" y="{top + CELL / 2 + 4}" class="{shade}">{count}</text>'
    words = f"<title>{escape(labels[row])} → {escape(labels[column])}: {count}</title>"
    frame = f'<rect class="frame" x="{left}" y="{top}" width="{CELL - 2}" height="{CELL - 2}"/>'
    return f"<g>{words}{frame}{square}{number if count else ''}</g>"


def _name(label: str, place: int) -> str:
    short = escape(label if len(label) <= LETTERS else label[: LETTERS - 1] + "…")
    middle = place * CELL + CELL / 2 - 1
    across = f'<text class="name" x="{MARGIN - 8}" y="{TOP + middle + 4}" text-anchor="end">{short}</text>'
    x = MARGIN + middle + 4
    return across + f'<text class="name" transform="translate({x},{TOP - 6}) rotate(-45)">{short}</text>'
