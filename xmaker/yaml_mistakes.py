"""Recognizes the mistakes that people make in YAML, and says them in a pupil's words instead of the parser's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xmaker.errors import Mark, Problem

MAX_LINE = 2000
"""Characters of a line that is worth correcting."""
_WORD = r"[^\W\d]\w*"
_KEY = rf"^(\s*(?:- +)*)({_WORD})"
_CLOSERS = dict(zip("([{“‘\"'", ")]}”’\"'", strict=True))
BRACKETS = str.maketrans("｛｝［］【】", "{}[][]")
_EVERYWHERE: tuple[tuple[str, str, str], ...] = (
    ("XM117", rf"{_KEY}\s*：\s*", r"\1\2: "),
    ("XM119", rf"{_KEY}:(?=[^\s:/])", r"\1\2: "),
    ("XM119", rf"^(\s*)-(?={_WORD}\s*:)", r"\1- "),
)
"""Code, what a line with this mistake looks like, and what to replace that by."""
_KEYWORDS = "when|each|for|then|else|cooldown|repeat|wait|use|from|name|model|pin"
_NO_COLON: tuple[tuple[str, str], ...] = (
    (rf"{_KEY}\s*$", r"\1\2:"),
    (rf"{_KEY} +(?=[\[{{])", r"\1\2: "),
    (rf"^(\s*(?:- +)*)({_KEYWORDS}) +(?=[^\s:=])", r"\1\2: "),
)


def as_scalar(text: str, in_flow: bool) -> str:
    """Return how a text must be written in YAML: as it is, or in single quotes where YAML would misread it."""
    special = r"""^[\s"'\[\]{}>|*&!%#`@,?-]|:\s|:$|\s#|\s$""" + (r"|[,\[\]{}]" if in_flow else "")
    if not re.search(special, text):
        return text
    return f'"{text}"' if "'" in text and not re.search(r'["\\]', text) else "'" + text.replace("'", "''") + "'"


def outside(text: str, openers: str = "([{“‘\"'") -> str:
    """Return the text with what is in strings or brackets blanked out, so that only the rest is found in a search."""
    shown, closers = [], [""]
    for character in text:
        in_string = closers[-1] in ("'", '"', "”", "’")
        if character == closers[-1]:
            closers.pop()
            shown.append(" ")
            continue
        shown.append(character if len(closers) == 1 else " ")
        if not in_string and character in openers:
            closers.append(_CLOSERS[character])
    return "".join(shown)


def is_open(text: str) -> bool:
    """Return whether a string or a bracket is not closed at the end of the text."""
    return outside(text + "|").endswith(" ")


def parts_of(text: str, separators: str) -> list[str]:
    """Split a text where a separator (a regular expression) stands outside of strings and brackets."""
    ends = [*re.finditer(separators, outside(text))]
    starts = [0, *(end.end() for end in ends)]
    return [text[start : end.start() if end else None].strip() for start, end in zip(starts, [*ends, None], strict=True)]


def quoted_actions(line: str) -> str:
    """Return a line such as `then: [screen.write("a, b")]` with quotes around each action, or "" where that is no remedy."""
    if len(line) > MAX_LINE:
        return ""
    found = re.match(r"""^([^\[#]*\[)(.*\w\s*\(.*)\](\s*(?:#.*)?)$""", line)
    if not found or is_open(found[2]):
        return ""
    parts = [as_scalar(part.strip("'"), True) for part in parts_of(found[2], "[,，、；;]")]
    fixed = f"{found[1]}{', '.join(parts)}]{found[3]}"
    return "" if fixed == line else fixed


def mistakes(lines: Sequence[str], name: str) -> Iterator[Problem]:
    """Find the usual mistakes in all lines of a file that is no YAML."""
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            continue
        indent = line[: len(line) - len(line.lstrip())]
        if odd := re.search("[^ ]", indent):
            fixed = re.sub("[^ ]", "  ", indent) + line.lstrip()
            yield Problem("XM105", {}, Mark(name, number, odd.start() + 1, line), fixed)
            continue
        for code, pattern, better in _EVERYWHERE:
            if found := re.search(pattern, line):
                at = found.end(found.lastindex or 0)
                mark = Mark(name, number, at + 1, line)
                yield Problem(code, {"sign": line[at : at + 1]}, mark, re.sub(pattern, better, line))
                break
        else:
            yield from _in_value(line, Mark(name, number, 1, line))


def _in_value(line: str, mark: Mark) -> Iterator[Problem]:
    if found := re.match(r"""(\s*(?:-\s+)?(?:when|each)\s*:\s*)("[^"]*"|'[^']*')(\s*[^\s#].*)$""", line):
        start, label, rest = found.groups()
        fixed = start + as_scalar(label + rest.rstrip(), False)
        yield Problem("XM113", {"label": label}, _at(mark, len(start) + 1), fixed)
    elif found := re.search(r"(?::\s*|-\s+)([｛［【])", line):
        yield Problem("XM121", {"sign": found[1]}, _at(mark, found.start(1) + 1), line.translate(BRACKETS))


def _at(mark: Mark, column: int) -> Mark:
    return Mark(mark.file, mark.line, column, mark.text)


def explain(lines: Sequence[str], mark: Mark, start: Mark | None, complaint: str) -> Problem:
    """Return what is probably wrong where the parser stopped. `start` is where the unfinished thing began, if it says so."""
    above = [Mark(mark.file, number, 1, lines[number - 1]) for number in range(mark.line, 0, -1) if lines[number - 1].strip()]
    for place in [start, *above[:2]] if start else above[:2]:
        if fixed := quoted_actions(place.text):
            return Problem("XM313", {}, _at(place, place.text.index("[") + 2), fixed)
    if start and start.text[start.column - 1 : start.column] in tuple("[{\"'"):
        sign = start.text[start.column - 1]
        in_flow = any(bracket in start.text[: start.column - 1] for bracket in "[{")
        return Problem("XM122", {"sign": sign}, start, "" if in_flow else start.text.rstrip() + _CLOSERS[sign])
    if "cannot start any token" in complaint:
        before, rest = mark.text[: mark.column - 1], mark.text[mark.column - 1 :]
        return Problem("XM126", {"sign": rest[:1]}, mark, before + as_scalar(rest, False))
    if "mapping values" in complaint and re.match(rf"{_KEY}\s*: ", mark.text[: mark.column - 1]):
        key, value = re.split(r"(?<=:)\s+", mark.text, maxsplit=1)
        return Problem("XM125", {}, mark, "" if key.strip(" -:") in ("when", "each") else f"{key} {as_scalar(value, False)}")
    for place in above[:3]:
        for pattern, better in _NO_COLON:
            if found := re.search(pattern, place.text):
                return Problem("XM120", {"word": found[2]}, _at(place, found.end(2) + 1), re.sub(pattern, better, place.text))
    if above and re.match(r"did not find expected (key|'-')|mapping values", complaint):
        return _indentation(above)
    return Problem("XM106", {}, mark)


def _indentation(above: list[Mark]) -> Problem:
    """The first of these lines (from the bottom up) begins in a column that fits none before it."""
    line = above[0].text.lstrip()
    column = len(above[0].text) - len(line)
    columns = [len(mark.text) - len(mark.text.lstrip(" -")) for mark in above[1:]]
    if len(above) > 2 and above[2].text.rstrip().endswith(":") and columns[0] == columns[1] < column:
        line, at = above[1].text, _at(above[1], columns[0] + 1)  # a section's first line was not indented, this one is
        return Problem("XM124", {}, at, " " * column + line.lstrip())
    after_dash = len(above) > 1 and above[1].text.lstrip().startswith("- ")
    fitting = columns[0] if after_dash else min(columns, key=lambda other: abs(other - column), default=column)
    known = not line.startswith("-") and fitting != column and (after_dash or abs(fitting - column) == 1)
    return Problem("XM124", {}, _at(above[0], column + 1), " " * fitting + line if known else "")
