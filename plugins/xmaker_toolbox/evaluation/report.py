"""Writes an evaluation as one page for the browser, with everything in it: no file beside it, nothing from the network."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from xmaker.errors import language, message
from xmaker.words import columns
from xmaker_toolbox.evaluation.matrix import matrix
from xmaker_toolbox.evaluation.result import Box, Class, Evaluation, Mistake
from xmaker_toolbox.pictures import load_picture

SIDE = 320
"""Pixels of the longer side of a picture in the page."""
LISTED = 100
"""Classes in the table; of more, those that went worst."""
STYLE = Path(__file__).with_name("report.css")


def page(found: Sequence[Evaluation]) -> str:
    """Return the page as HTML, in the user's language."""
    title, *words = columns("XM445")
    body, made = "".join(_section(one, words) for one in found), words[-2]
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    return (
        f'<!doctype html>\n<html lang="{language()}"><head>{head}<title>{escape(title)}</title>'
        f"<style>{STYLE.read_text(encoding='utf-8')}</style>"
        f"</head><body><h1>{escape(title)}</h1>{_summary(found)}{body}<footer>{escape(made)}</footer></body></html>\n"
    )


def _summary(found: Sequence[Evaluation]) -> str:
    keys = [key for key in ("top-1", "top-5", "mAP", "AP50", "AP75") if any(key in one.figures for one in found)]
    name, pictures, *_, size = columns("XM440")
    rows = []
    for one in found:
        figures = [f"{one.figures[key]:.1%}" if key in one.figures else "–" for key in keys]
        rows.append([one.model, one.pictures, *figures, f"{one.megabytes:.1f}"])
    return _table([name, pictures, *keys, size], rows)


def _section(one: Evaluation, words: list[str]) -> str:
    _, confused, each, worst = words[:4]
    parts = [f"<h2>{escape(one.model)}</h2>"]
    if one.skipped:
        names = ", ".join(path.name for path in one.skipped[:8])
        parts.append(f"<p>{escape(message('XM435', 'what', count=len(one.skipped), names=names))}</p>")
    if one.left_out:
        parts.append(f"<p>{escape(message('XM443', 'what', model=one.model, names=', '.join(one.left_out)))}</p>")
    if one.confusion:
        picture, hidden = matrix([of.label for of in one.classes], one.confusion, message("XM441", "what"))
        more = f"<p>{escape(words[-1].format(count=hidden))}</p>" if hidden else ""
        parts.append(f'<h3>{escape(confused)}</h3><div class="wide">{picture}</div>{more}')
    parts.append(f"<h3>{escape(worst)}</h3>{_mistakes(one, words)}")
    parts.append(f"<h3>{escape(each)}</h3>{_classes(one.classes, words)}")
    return f"<section>{''.join(parts)}</section>"


def _classes(classes: Sequence[Class], words: list[str]) -> str:
    """A table of the classes that are there or were said, the worst first."""
    label, there, right, said, recall, precision, ap = words[4:11]
    known = [one for one in classes if one.count or one.said]
    boxes = any(one.ap is not None for one in known)
    ranked = sorted(known, key=lambda one: (one.ap if one.ap is not None else one.recall, one.precision))[:LISTED]
    rows = [
        [one.label, one.count, one.right, one.said, f"{one.recall:.0%}", f"{one.precision:.0%}"]
        + ([f"{one.ap:.3f}" if one.ap is not None else "–"] if boxes else [])
        for one in ranked
    ]
    return _table([label, there, right, said, recall, precision, *([ap] if boxes else [])], rows)


def _table(headings: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    def row(cells: Iterable[object], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"

    return f'<div class="wide"><table>{row(headings, "th")}{"".join(row(cells, "td") for cells in rows)}</table></div>'


def _mistakes(one: Evaluation, words: list[str]) -> str:
    if not one.mistakes:
        return f"<p>{escape(words[-3])}</p>"
    key = ""
    if any(mistake.wanted or mistake.found for mistake in one.mistakes):
        kinds = zip(("seen", "missed", "good", "bad"), words[13:17], strict=True)
        key = '<p class="key">' + "".join(f'<span><i class="{kind}"></i>{escape(word)}</span>' for kind, word in kinds) + "</p>"
    return f'{key}<div class="pictures">{"".join(_mistake(mistake, words) for mistake in one.mistakes)}</div>'


def _mistake(mistake: Mistake, words: list[str]) -> str:
    image = load_picture(mistake.path)
    drawn = "" if image is None else _picture(image, [*mistake.wanted, *mistake.found])
    said = ""
    if mistake.true:
        it_is, it_says = words[11:13]
        said = f"{it_is} <b>{escape(mistake.true)}</b><br>{it_says} <b>{escape(mistake.said)}</b> {mistake.score:.0%}<br>"
    return f"<figure>{drawn}<figcaption>{said}<small>{escape(mistake.path.name)}</small></figcaption></figure>"


def _picture(image: Any, boxes: Sequence[Box]) -> str:
    """Return a picture with its boxes over it, as SVG with the JPEG inside."""
    import cv2

    height, width = image.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    small = cv2.resize(image, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    data = base64.b64encode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()).decode()
    drawn = "".join(_box(box) for box in boxes)
    return (
        f'<svg viewBox="0 0 {width} {height}" style="--pixel:{width / SIDE:.2f}px"><image width="{width}" height="{height}"'
        f' href="data:image/jpeg;base64,{data}"/>{drawn}</svg>'
    )


def _box(box: Box) -> str:
    left, top, width, height = (round(side, 1) for side in box.box)
    kind = ("seen" if box.right else "missed") if box.score is None else ("good" if box.right else "bad")
    words = escape(box.label) if box.score is None else f"{escape(box.label)} {box.score:.0%}"
    place, below = f'class="{kind}" x="{left}" y="{top}"', "-.3em" if box.score is None else "1em"
    framed = f'<rect {place} width="{width}" height="{height}"><title>{words}</title></rect>'
    return f'{framed}<text {place} dy="{below}">{words}</text>'
