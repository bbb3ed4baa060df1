"""Recognizes what people write in place of the rule language's own signs (`=>`, `&&`, `60%`), and finds the corrected text."""

from __future__ import annotations

import re
from collections.abc import Callable

from xmaker.rules.text import ExpressionError
from xmaker.yaml_mistakes import outside

_NUMBER = r"(?<![\w.])(\d+(?:\.\d+)?)\s*"
_SIGNS: tuple[tuple[str, str], ...] = (
    (r"===", "=="),
    (r"!==|<>|≠|\bis not\b|不等于|不是", "!="),
    (r"=>|≥|大于等于|不小于", ">="),
    (r"=<|≤|小于等于|不大于", "<="),
    (r"大于", ">"),
    (r"小于", "<"),
    (r"\bis\b|等于", "=="),
    (r"&&?|\bAND\b|\bAnd\b|并且|而且|且", "and"),
    (r"\|\|?|\bOR\b|\bOr\b|或者|或", "or"),
    (r"!(?!=)|\bNOT\b|\bNot\b", "not "),
    (r"×", "*"),
    (r"÷", "/"),
    (r"、", ", "),
    (r"【", "["),
    (r"】", "]"),
    (_NUMBER + r"%(?!\s*[\w(.])", "%"),
    (_NUMBER + r"(?:cm|mm|ms|m|s|kg|g|V|lux|°C|℃|°|度|厘米|毫米|米|秒|分钟)(?!\w)", r"\1"),
    (r"(?<![=!<>+*/-])=(?!=)", "=="),
)


def _sign(text: str) -> ExpressionError | None:
    """Return the error of the first such sign; its correction replaces all of them."""
    found: list[tuple[int, int, str, str]] = []
    shown = outside(text, "“‘\"'")
    for pattern, better in _SIGNS:
        for match in re.finditer(pattern, shown):
            written = f"{float(match[1]) / 100:g}" if better == "%" else match.expand(better)
            found.append((match.start(), match.end(), match[0], written))
            shown = shown[: match.start()] + " " * len(match[0]) + shown[match.end() :]
    if not found:
        return None
    fixed = text
    for start, end, _, written in sorted(found, reverse=True):
        fixed = fixed[:start] + written + fixed[end:]
    start, _, sign, written = min(found)
    if (sign, written) == ("=", "=="):
        return ExpressionError("XM407", start, fixed)
    return ExpressionError("XM420", start, fixed, sign=sign, better=written.strip())


def improve(text: str, error: ExpressionError, compiles: Callable[[str], object]) -> ExpressionError:
    """Say what was probably meant. A correction is kept only if it is right in the end, after other corrections if need be."""
    if error.code in ("XM122", "XM401", "XM402", "XM404"):
        error = _sign(text) or error
    fixed = error.corrected
    for _ in range(5):
        if not fixed:
            break
        try:
            compiles(fixed)
            break
        except ExpressionError as further:
            fixed = further.corrected
    error.corrected = fixed
    return error
