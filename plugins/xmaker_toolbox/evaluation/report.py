"""Writes evaluations as one page for the browser, with everything in it: no file beside it, nothing from the network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from xmaker import __version__
from xmaker.errors import language, message
from xmaker.words import columns
from xmaker_toolbox.evaluation.matrix import matrix
from xmaker_toolbox.evaluation.photographs import photographs
from xmaker_toolbox.evaluation.result import FIGURES, Class, Evaluation

LISTED = 100
"""Classes in the table; of more, those that went worst."""
NAMED = 10
"""Names in a sentence; of more, only how many there are."""
STYLE = Path(__file__).with_name("report.css")


def page(found: Sequence[Evaluation]) -> str:
    """Return the page as HTML, in the user's language."""
    title, *words, made = columns("XM445")
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    sections = "".join(_section(one, words) for one in found)
    return (
        f'<!doctype html>\n<html lang="{language()}"><head>{head}<title>{escape(title)}</title>'
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head><body><h1>{escape(title)}</h1>"
        f"{_summary(found)}{sections}<footer>{escape(made)} {__version__}</footer></body></html>\n"
    )


def _summary(found: Sequence[Evaluation]) -> str:
    used = [number for number, key in enumerate(FIGURES) if any(key in one.figures for one in found)]
    name, pictures, *figures, size = columns("XM440")
    rows = []
    for one in found:
        numbers = [f"{one.figures[FIGURES[number]]:.1%}" if FIGURES[number] in one.figures else "–" for number in used]
        rows.append([Path(one.model).name, one.pictures, *numbers, f"{one.megabytes:.1f}"])
    meanings = columns("XM448")
    explained = "".join(f"<dt>{figures[number]}</dt><dd>{escape(meanings[number])}</dd>" for number in used)
    return _table([name, pictures, *(figures[number] for number in used), size], rows) + f"<dl>{explained}</dl>"


def _section(one: Evaluation, words: Sequence[str]) -> str:
    confused, worst, each, none = words
    parts = [f"<h2>{escape(Path(one.model).name)}</h2>", f'<p class="faint">{escape(one.data)}</p>']
    parts += [f"<p>{escape(notice)}</p>" for notice in notices(one)]
    if one.confusion and one.confused():
        picture, hidden = matrix(one)
        *_, how, less = message("XM441", "what", count=hidden).split("|")
        more = f" {less}" if hidden else ""
        parts.append(f'<h3>{escape(confused)}</h3><p class="faint">{escape(how + more)}</p><div class="wide">{picture}</div>')
    parts.append(f"<h3>{escape(worst)}</h3>{photographs(one.mistakes) if one.mistakes else f'<p>{escape(none)}</p>'}")
    parts.append(f"<h3>{escape(each)}</h3>{_table(*class_rows(one.classes, LISTED))}")
    return f"<section>{''.join(parts)}</section>"


def notices(one: Evaluation) -> Iterable[str]:
    """Return sentences on what was not counted."""
    if one.skipped:
        yield message("XM435", "what", count=len(one.skipped), names=_some([path.name for path in one.skipped]))
    if one.left_out:
        yield message("XM443", "what", model=Path(one.model).name, names=_some(one.left_out))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" … ({len(names)})" if len(names) > NAMED else "")


def class_rows(classes: Sequence[Class], most: int) -> tuple[list[str], list[list[object]]]:
    """Return a table of the classes, the worst first: its headings and its rows."""
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


def _table(headings: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    def row(cells: Iterable[object], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"

    return f'<div class="wide"><table>{row(headings, "th")}{"".join(row(cells, "td") for cells in rows)}</table></div>'
