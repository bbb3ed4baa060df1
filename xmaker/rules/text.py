"""The text of the rule language: full-width punctuation, Python's parser, string formats, and the error that points into it."""

from __future__ import annotations

import ast
import re
import warnings

from xmaker.values import Kind

MAX_LENGTH = 1000
MAX_DEPTH = 30


class ExpressionError(Exception):
    """Something wrong in an expression. `column` counts characters from 0 in the expression's text."""

    def __init__(self, code: str, column: int, corrected: str = "", **details: object) -> None:
        super().__init__(code)
        self.code, self.column, self.corrected, self.details = code, column, corrected, details


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # the Unicode block of full-width ASCII
_FULL_WIDTH |= {ord("\u3000"): ord(" "), ord("“"): ord('"'), ord("”"): ord('"'), ord("‘"): ord("'"), ord("’"): ord("'")}
_LINE_ENDS = dict.fromkeys(map(ord, "\t\n\v\f\r"), " ")
_OPENERS = {'"': '"', "'": "'", "“": "”", "‘": "’", "＂": "＂", "＇": "＇"}


def fold(text: str) -> str:
    """Return the text with full-width punctuation outside of strings made ASCII, character for character, and on one line.

    Inside a string everything stays as it is: a Chinese greeting keeps its comma.
    """
    folded, closer = [], ""
    for character in text.translate(_LINE_ENDS):
        in_string = closer and character != closer
        if not in_string:
            closer = "" if closer else _OPENERS.get(character, "")
        folded.append(character if in_string else character.translate(_FULL_WIDTH))
    return "".join(folded)


def parse(text: str) -> ast.expr:
    """Parse an expression whose punctuation is folded. Raises ExpressionError; limits keep Python's parser out of trouble."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError("XM405", MAX_LENGTH, limit=MAX_LENGTH)
    depth = 0
    for column, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_DEPTH:
            raise ExpressionError("XM415", column, limit=MAX_DEPTH)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a wrong escape is no reason to print Python's warnings
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        column = max(0, (getattr(error, "offset", None) or 1) - 1) + len(text) - len(text.lstrip())
        reason = str(getattr(error, "msg", ""))
        if "never closed" in reason or "unterminated" in reason:
            raise ExpressionError("XM122", column, sign=text[column : column + 1]) from None
        raise ExpressionError("XM401", min(column, len(text))) from None


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
