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
from xmaker_toolbox.evaluation.result import FIGURES, Evaluation
from xmaker_toolbox.evaluation.tables import classes, notices, summary, used_figures

LISTED = 100
"""Classes in the table; of more, those that went worst."""
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
    meanings = columns("XM448")
    explained = "".join(f"<dt>{FIGURES[place]}</dt><dd>{escape(meanings[place])}</dd>" for place in used_figures(found))
    return _table(*summary(found, "{:.1%}".format)) + f"<dl>{explained}</dl>"


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
    parts.append(f"<h3>{escape(each)}</h3>{_table(*classes(one.classes, LISTED))}")
    return f"<section>{''.join(parts)}</section>"


def _table(headings: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    def row(cells: Iterable[object], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"

    return f'<div class="wide"><table>{row(headings, "th")}{"".join(row(cells, "td") for cells in rows)}</table></div>'
