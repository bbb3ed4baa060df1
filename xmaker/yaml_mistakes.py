"""Recognizes the mistakes that people make in YAML, and says them in a pupil's words instead of the parser's."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from xmaker.errors import Mark, Problem

MAX_LINE = 2000
"""Characters of a line that is worth correcting."""
CALL = r'\w+\.\w+\((?:"[^"]*"|[^"()]|\([^()]*\))*\)'
"""An action with its arguments."""
_KEY = r"\s*(?:- +)*[^\W\d]\w*"
_BRACKETS = str.maketrans("｛｝［］【】", "{}[][]")


def as_scalar(text: str, in_flow: bool) -> str:
    """Return how a text must be written in YAML: as it is, or in single quotes where YAML would misread it."""
    special = r"""^[\s"'\[\]{}>|*&!%#`@,?-]|:\s|:$|\s#|\s$""" + (r"|[,\[\]{}]" if in_flow else "")
    if not re.search(special, text):
        return text
    return f'"{text}"' if "'" in text and not re.search(r'["\\]', text) else "'" + text.replace("'", "''") + "'"


_USUAL: tuple[tuple[str, str, str | Callable[[re.Match[str]], str]], ...] = (
    ("XM105", r"( *)([^\S ])\s*", lambda found: re.sub("[^ ]", "  ", found[0])),
    ("XM117", rf"({_KEY})(：)\s*", r"\1: "),
    ("XM119", rf"({_KEY})(:)(?=[^\s:/])", r"\1: "),
    ("XM119", r"(\s*)(-)(?=[^\W\d]\w*\s*:)", r"\1- "),
    (
        "XM113",
        r"""(\s*(?:- +)?(?:when|each)\s*:\s*)("[^"]*"|'[^']*')(\s*[^\s#].*)""",
        lambda found: found[1] + as_scalar(found[2] + found[3].rstrip(), False),
    ),
    ("XM126", r"([^'\"]*?:\s+)([@`].*)", lambda found: found[1] + as_scalar(found[2], False)),
    ("XM121", r"((?:.*?(?::\s*|-\s+))?)([｛［【]).*", lambda found: found[0].translate(_BRACKETS)),
)
"""Code, what a line with this mistake looks like (the wrong sign is its second group), and what it should be."""


def mistake_at(mark: Mark) -> Problem | None:
    """Return the first of the usual mistakes in what stands in the line from the mark on."""
    before, rest = mark.around()
    if len(rest) <= MAX_LINE:
        for code, pattern, better in _USUAL:
            if found := re.match(pattern, rest):
                fixed = before + re.sub(pattern, better, rest, count=1)
                return Problem(code, {"sign": found[2]}, replace(mark, column=mark.column + found.end(1)), fixed)
    return None


def cut_action(mark: Mark) -> Problem | None:
    """Return the problem of actions that lack the quotes without which YAML cuts them into pieces."""
    if len(mark.text) > MAX_LINE:
        return None
    line = re.sub(r'\{\s*(\w+\.\w+)\s*:\s*"?([^}"]*)"?\s*\}', r'\1("\2")', mark.text)
    line = re.sub(r'(- +\w+\.\w+)\s*:\s+"?(.*?)"?\s*$', r'\1("\2")', line)
    line = re.sub(rf"(?<![\w'\"]){CALL}", lambda call: as_scalar(call[0], True), line)
    if line == mark.text:
        return None
    at = next(at for at, sign in enumerate(line) if mark.text[at : at + 1] != sign)
    return Problem("XM313", {}, replace(mark, column=at + 1), line)


_KEYWORDS = "when|each|for|then|else|cooldown|repeat|wait|use|from|name|model|pin"
_NO_COLON = rf"{_KEY}(?=\s*$| +[\[{{])|\s*(?:- +)*(?:{_KEYWORDS})(?= +[^\s:=])"


def explain(lines: Sequence[str], mark: Mark, start: Mark | None, complaint: str) -> Problem:
    """Return what is probably wrong where the parser stopped. `start` is where the unfinished thing began, if it says so."""
    above = [Mark(mark.file, number, 1, lines[number - 1]) for number in range(mark.line, 0, -1) if lines[number - 1].strip()]
    for place in [start, *above[:2]] if start else above[:2]:
        if problem := cut_action(place):
            return problem
    if start and not start.around()[1].strip():  # of `{{` the parser says that the end of the file never ends
        return _never_closed(lines, start)
    if start:
        sign = start.around()[1][:1]
        closer = {"[": "]", "{": "}"}.get(sign)
        return Problem("XM122", {"sign": sign}, start, start.text.rstrip() + closer if closer else "")
    if "mapping values" in complaint and re.match(rf"{_KEY}\s*: ", mark.around()[0]):
        return Problem("XM125", {}, mark)
    for place in above[:3]:
        if found := re.match(_NO_COLON, place.text):
            fixed = f"{found[0]}:{place.text[found.end() :]}"
            return Problem("XM120", {"word": found[0].strip(" -")}, replace(place, column=found.end() + 1), fixed)
    if above and re.match(r"did not find expected (key|'-')|mapping values", complaint):
        line = above[0].text
        return Problem("XM124", {}, replace(above[0], column=len(line) - len(line.lstrip()) + 1))
    return Problem("XM106", {}, mark)


_QUOTED_OR_BRACKET = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|(?:^|(?<=\s))#.*|[\[\]{}]""")


def _never_closed(lines: Sequence[str], end: Mark) -> Problem:
    """Return the problem of the first bracket that nothing closes; its line is corrected where the others stand there, too."""
    opened: list[Mark] = []
    for number, line in enumerate(lines, 1):
        for found in _QUOTED_OR_BRACKET.finditer(line[:MAX_LINE]):
            if found[0] in ("[", "{"):
                opened.append(Mark(end.file, number, found.start() + 1, line))
            elif found[0] in ("]", "}") and opened:
                opened.pop()
    if not opened:
        return Problem("XM106", {}, end)
    first = opened[0]
    signs = [place.around()[1][0] for place in opened]
    closers = "".join("]" if sign == "[" else "}" for sign in reversed(signs))
    in_one_line = opened[-1].line == first.line and "#" not in first.text
    return Problem("XM122", {"sign": signs[0]}, first, first.text.rstrip() + closers if in_one_line else "")
