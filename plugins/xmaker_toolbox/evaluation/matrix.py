"""Draws a confusion matrix as SVG: rows are what it is, columns what was said, stronger is more often."""

from __future__ import annotations

from html import escape

from xmaker.words import columns, width
from xmaker_toolbox.evaluation.result import Evaluation

MOST = 20
"""Classes that can be read in one picture; of more, those that are mistaken most often are shown."""
SIDES = {4: 56, 10: 44, MOST: 34}
"""Up to so many classes → pixels of a cell."""
LETTERS, LETTER = 20, 7.2
"""A longer label is cut; how wide a letter of 12 pixels is, where Chinese counts for two."""


def matrix(one: Evaluation) -> tuple[str, int]:
    """Return the picture, and how many classes had no room in it."""
    shown = most_mistaken(one)
    labels = [_short(one.classes[number].label) for number in shown]
    side = next(pixels for classes, pixels in SIDES.items() if len(shown) <= classes)
    it_is, it_says, *_ = columns("XM441")
    longest = max(map(width, [*labels, it_is])) * LETTER
    left, top = longest + 12, longest * 0.72 + 24  # column names are turned by 45°
    cells = [
        _cell(one, row, column, left + x * side, top + y * side, side)
        for y, row in enumerate(shown)
        for x, column in enumerate(shown)
    ]
    names = [_name(label, left, top, place * side + side / 2 - 1) for place, label in enumerate(labels)]
    axes = f'<text class="axis end" x="{left - 8:.0f}" y="{top - 8:.0f}">{it_is}</text>'
    axes += f'<text class="axis" x="0" y="12">{it_says}</text>'
    across, down = left + side * len(shown) + width(labels[-1]) * LETTER * 0.72, top + side * len(shown)
    size = f'viewBox="0 0 {across:.0f} {down:.0f}" width="{across:.0f}" height="{down:.0f}"'
    return f'<svg class="matrix" {size} role="img">{axes}{"".join([*names, *cells])}</svg>', len(one.classes) - len(shown)


def most_mistaken(one: Evaluation) -> list[int]:
    """Return the classes to show: all in their order, or the most frequent mistakes, with both classes of each together."""
    if len(one.classes) <= MOST:
        return list(range(len(one.classes)))
    shown: dict[int, None] = {}
    for true, said, _ in one.confused():
        if len({*shown, true, said}) <= MOST:
            shown |= {true: None, said: None}
    return [*shown]


def _cell(one: Evaluation, row: int, column: int, left: float, top: float, side: int) -> str:
    """Return a cell: as strong as the part of its row that it is."""
    count, kind = one.confusion[row][column], "right" if row == column else "wrong"
    part = count / (one.classes[row].count or 1)
    place = f'x="{left:.0f}" y="{top:.0f}" width="{side - 2}" height="{side - 2}" rx="3"'
    square = f'<rect class="frame" {place}/><rect class="{kind}" {place} fill-opacity="{part:.2f}"/>'
    at, down = left + side / 2 - 1, top + side / 2 + 3.5
    strong = " strong" if part > 0.75 else " middle" if part > 0.5 else ""
    number = f'<text class="count{strong}" x="{at:.0f}" y="{down:.0f}">{count}</text>' if count else ""
    words = f"{one.classes[row].label} → {one.classes[column].label}: {count}"
    return f"<g><title>{escape(words)}</title>{square}{number}</g>"


def _name(label: str, left: float, top: float, middle: float) -> str:
    row = f'<text class="end" x="{left - 8:.0f}" y="{top + middle + 4:.0f}">{escape(label)}</text>'
    return row + f'<text transform="translate({left + middle + 4:.0f},{top - 8:.0f}) rotate(-45)">{escape(label)}</text>'


def _short(label: str) -> str:
    kept = ""
    for letter in label:
        if width(kept + letter) > LETTERS:
            return kept.rstrip() + "…"
        kept += letter
    return kept
