"""Puts the pictures that went wrong into a page: small JPEGs, a detector's with the true and the found boxes over them."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any

from xmaker.words import columns
from xmaker_toolbox.evaluation.result import Box, Mistake
from xmaker_toolbox.pictures import load_picture

SIDE, LARGE, QUALITY = 320, 480, 80
"""Pixels of the longer side of a picture in the page, of one with boxes, and the quality of its JPEG."""
KINDS = ("seen", "missed", "good", "bad")
"""Kinds of boxes in the style sheet: drawn by people, and found or not; found by the model, and right or not."""


def photographs(mistakes: Sequence[Mistake]) -> str:
    """Return the pictures as HTML, each with what it is and what was said."""
    it_is, it_says, *kinds = columns("XM447")
    shown = "".join(_photograph(mistake, it_is, it_says) for mistake in mistakes)
    if not any(mistake.wanted or mistake.found for mistake in mistakes):
        return f'<div class="pictures">{shown}</div>'
    words = (f'<span><i class="{kind}"></i>{escape(word)}</span>' for kind, word in zip(KINDS, kinds, strict=True))
    return f'<p class="key">{"".join(words)}</p><div class="pictures large">{shown}</div>'


def _photograph(mistake: Mistake, it_is: str, it_says: str) -> str:
    image, boxes = load_picture(mistake.path), [*mistake.wanted, *mistake.found]
    drawn = "" if image is None else _picture(image, boxes)
    counts = Counter(_kind(box) for box in boxes)
    said = "".join(f'<span><i class="{kind}"></i>{counts[kind]}</span>' for kind in KINDS[1:] if counts[kind])
    if mistake.true:
        said = f"{it_is} <b>{escape(mistake.true)}</b><br>{it_says} <b>{escape(mistake.said)}</b> {mistake.score:.0%}<br>"
    return f"<figure>{drawn}<figcaption>{said}<small>{escape(mistake.path.name)}</small></figcaption></figure>"


def _picture(image: Any, boxes: Sequence[Box]) -> str:
    """Return a picture with its boxes over it, as SVG with the JPEG inside; `--pixel` is a pixel of the page."""
    import cv2

    height, width = image.shape[:2]
    side = LARGE if boxes else SIDE
    scale = min(1.0, side / max(height, width))
    small = cv2.resize(image, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    data = base64.b64encode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()).decode()
    photograph = f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{data}"/>'
    pixel = max(width, height * 4 / 3) / side  # the page shows it in a frame of 4 to 3
    drawn = "".join(_box(box, pixel, height) for box in boxes)
    return f'<svg viewBox="0 0 {width} {height}" style="--pixel:{pixel:.3f}px" role="img">{photograph}{drawn}</svg>'


def _box(box: Box, pixel: float, bottom: float) -> str:
    """Return a frame; what was missed has its name at the bottom, what was found at the top, so that both can be read."""
    left, top, width, height = box.box
    drawn = box.score is None
    kind = _kind(box)
    words = escape(box.label if drawn else f"{box.label} {box.score:.0%}")
    sides = f'x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
    frame = f'<rect class="{kind}" {sides}><title>{words}</title></rect>'
    at = min(top + height, bottom) - 4 * pixel if drawn else top + 13 * pixel
    return frame if kind == "seen" else f'{frame}<text class="{kind}" x="{left + 3 * pixel:.1f}" y="{at:.1f}">{words}</text>'


def _kind(box: Box) -> str:
    return KINDS[(not box.right) + 2 * (box.score is not None)]
