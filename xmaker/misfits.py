"""Says in the user's words what msgspec has to say about a value, or about JSON text, that does not fit."""

from __future__ import annotations

import re
from typing import NamedTuple

from xmaker.errors import message

_WORDS = {"int": "XM220", "float": "XM221", "str": "XM222", "bool": "XM223", "array": "XM224", "object": "XM225"}
"""Type as msgspec calls it → our words."""
_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}


class _Reasons(NamedTuple):
    """Why JSON text cannot be used."""

    early: str
    line: str
    missing: str
    wanted: str
    choice: str
    unequal: str


def _reasons() -> _Reasons:
    return _Reasons(*message("XM424", "what").split("|"))


def expected(complaint: str) -> str:
    """Return what was expected, from `Expected …, got …`; "" when that is not what msgspec says."""
    found = re.match(r"Expected `([^`]+)`(?: (?:of length )?([<>]=?) (\S+))?", complaint)
    kinds = [kind for kind in found[1].split(" | ") if kind != "null"] if found else []
    if not found or not all(kind in _WORDS for kind in kinds):
        return ""
    limit = f" {_SIGNS[found[2]]} {found[3]}" if found[2] else ""
    return " / ".join(message(_WORDS[kind], "what") for kind in kinds) + limit


def json_reason(error: Exception, data: bytes = b"") -> str:
    """Return why JSON text cannot be used, with the place: `labels.en: a list`, `line 3`."""
    complaint, words = str(error), _reasons()
    if "truncated" in complaint:
        return words.early
    if number := getattr(error, "lineno", 0):  # Python's own reader says the line
        return words.line.format(line=number)
    if found := re.search(r"malformed.*\(byte (\d+)\)", complaint):
        return words.line.format(line=data.count(b"\n", 0, int(found[1])) + 1)
    complaint, _, path = complaint.partition(" - at ")
    place = re.sub(r"\[\.\.\.\]", ".…", path.strip("`").removeprefix("$")).strip(".")
    if found := re.match(r"Object missing required field `(\w+)`", complaint):
        return words.missing.format(key=f"{place}.{found[1]}".strip("."))
    if kind := expected(complaint):
        return words.wanted.format(place=place or "{}", expected=kind)
    if found := re.match(r"Invalid enum value (.*)", complaint):
        return words.choice.format(place=place, value=found[1])
    return complaint


def unequal() -> str:
    """Return words for lists of labels that differ in length."""
    return _reasons().unequal
