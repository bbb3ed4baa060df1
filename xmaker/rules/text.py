"""The characters of the rule language: full-width punctuation, string formats, and the error that points into them."""

from __future__ import annotations

import re

from xmaker.values import Kind


class ExpressionError(Exception):
    """Something wrong in an expression. `column` counts characters from 0 in the expression's text."""

    def __init__(self, code: str, column: int, corrected: str = "", **details: object) -> None:
        super().__init__(code)
        self.code, self.column, self.corrected, self.details = code, column, corrected, details


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # the Unicode block of full-width ASCII
_FULL_WIDTH |= {ord("\u3000"): ord(" "), ord("“"): ord('"'), ord("”"): ord('"'), ord("‘"): ord("'"), ord("’"): ord("'")}
_OPENERS = {'"': '"', "'": "'", "“": "”", "‘": "’", "＂": "＂", "＇": "＇"}


def fold(text: str) -> str:
    """Return the text with full-width punctuation outside of strings made ASCII, character for character.

    Inside a string everything stays as it is: a Chinese greeting keeps its comma.
    """
    folded, closer = [], ""
    for character in text:
        if closer:
            if character == closer:
                closer = ""
                folded.append(character.translate(_FULL_WIDTH))
            else:
                folded.append(character)
        else:
            closer = _OPENERS.get(character, "")
            folded.append(character.translate(_FULL_WIDTH))
    return "".join(folded)


_SPEC = re.compile(r"(?:.?[<>=^])?[-+ ]?#?0?(\d{0,2}),?(?:\.(\d{1,2}))?([bcdeEfFgGnosxX%]?)", re.DOTALL)


def format_spec_problem(spec: str, kind: Kind) -> str:
    """Return the part of a `{value:spec}` that is wrong, or "". Width and precision stay below 100."""
    if not _SPEC.fullmatch(spec):
        return spec
    sample: object = {"number": 1.5, "text": "x", "flag": True, "any": "x"}[kind]
    if kind == "number" and spec[-1:] in tuple("bcdoxXn"):
        return spec  # whole numbers only: a sensor gives 3.0 for 3
    try:
        format(sample, spec)
    except ValueError:
        return spec
    return ""
