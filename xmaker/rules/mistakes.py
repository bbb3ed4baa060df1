"""Recognizes what people write in place of the rule language's own signs (`=>`, `&&`, `60%`), and finds the corrected text."""

from __future__ import annotations

import re
from collections.abc import Callable

from xmaker.rules.text import ExpressionError

_WRITTEN: tuple[tuple[str, str], ...] = (
    ("==", "== === is 等于"),
    ("!=", "!= !== <> ≠ is_not 不等于 不是"),
    (">=", ">= => ≥ 大于等于 不小于"),
    ("<=", "<= =< ≤ 小于等于 不大于"),
    (">", "大于"),
    ("<", "小于"),
    ("and", "&& & AND And 并且 而且 且"),
    ("or", "|| | OR Or 或者 或"),
    ("not ", "! NOT Not"),
    ("==", "="),
    ("*", "×"),
    ("/", "÷"),
    (", ", "、"),
    ("[", "【"),
    ("]", "】"),
)
"""The right sign, and what is written for it."""
_RIGHT = {sign.replace("_", " "): right for right, signs in _WRITTEN for sign in signs.split()}
_SIGNS = [re.sub(r"^[A-Za-z ]+$", r"\\b\g<0>\\b", re.escape(sign)) for sign in sorted(_RIGHT, key=len, reverse=True)]
_UNITS = r"%(?!\s*[\w(.])|(?:cm|mm|ms|m|s|kg|g|V|lux|°C|℃|°|度|厘米|毫米|米|秒|分钟)(?!\w)"
_FIND = re.compile("|".join([r'"[^"]*"', r"'[^']*'", rf"(?<![\w.])(?P<number>\d+(?:\.\d+)?)\s*(?:{_UNITS})", *_SIGNS]))


def _sign(text: str) -> ExpressionError | None:
    """Return the error of the first such sign outside of strings; its correction replaces all of them."""
    wrong: list[tuple[int, str, str]] = []

    def better(found: re.Match[str]) -> str:
        sign, number = found[0], found["number"]
        right = number or _RIGHT.get(sign, sign)
        if number and sign.endswith("%"):
            right = f"{float(number) / 100:g}"
        if right != sign:
            wrong.append((found.start(), sign, right.strip()))
        return right

    fixed = _FIND.sub(better, text)
    if not wrong:
        return None
    start, sign, right = wrong[0]
    return ExpressionError("XM407" if sign == "=" else "XM420", start, fixed, sign=sign, better=right)


def improve(text: str, error: ExpressionError, compiles: Callable[[str], object]) -> ExpressionError:
    """Say what was probably meant. A correction is kept only if it is right in the end, after other corrections if need be."""
    if error.code in ("XM122", "XM401", "XM402", "XM404"):
        error = _sign(text) or error
    fixed = error.corrected
    for _ in range(5):
        try:
            compiles(fixed)
            break
        except ExpressionError as further:
            fixed = further.corrected
    else:
        fixed = ""
    error.corrected = fixed
    return error
