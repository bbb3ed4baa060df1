"""Reads YAML so that every value keeps its line and column, and nothing in the text can run, hang or crash anything.

The parser's events are turned into `Item`s directly: PyYAML's own composer crashes on deep nesting, follows aliases
(a ten-line file can grow to gigabytes) and knows YAML 1.1, where `no` is false and `12:30` is 750.
Here scalars follow the core schema of YAML 1.2.2 (section 10.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xmaker.errors import Mark, Problem, ProjectError

MAX_BYTES = 1_000_000
MAX_DEPTH = 64


@dataclass(slots=True)
class Item:
    """One value of the file with its place: a scalar, a list of items, or a dict of items."""

    value: Any
    mark: Mark | None = None
    quoted: bool = False
    keys: dict[str, Mark] = field(default_factory=dict)
    """The places of a dict's keys."""

    def plain(self) -> Any:
        """Return the value as ordinary Python lists, dicts and scalars."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    @staticmethod
    def of(value: Any) -> Item:
        """Return the item of a plain Python value, which has no place in a file."""
        if isinstance(value, Item):
            return value
        if isinstance(value, dict):
            return Item({str(key): Item.of(inner) for key, inner in value.items()})
        if isinstance(value, list | tuple):
            return Item([Item.of(inner) for inner in value])
        return Item(value, quoted=isinstance(value, str))


def read_file(path: Path) -> tuple[Item, list[Problem]]:
    """Read a YAML file. What is wrong but can be stepped over (a key given twice) is in the list of problems.

    Raises ProjectError when the text cannot be read at all.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise ProjectError.of("XM102", file=name) from None
    except FileNotFoundError:
        raise ProjectError.of("XM101", file=name) from None
    except OSError as error:
        raise ProjectError.of("XM115", file=name, reason=error.strerror or error) from None
    return read_text(_decode(data, name), name)


def _decode(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        raise ProjectError.of("XM103", file=name, limit=MAX_BYTES // 1_000_000)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = data.decode("gb18030", errors="replace").splitlines()[line - 1 : line]
        raise ProjectError.of("XM104", Mark(name, line, 1, *text), file=name) from None


def read_text(text: str, name: str) -> tuple[Item, list[Problem]]:
    """Read YAML text; `name` stands for the file in messages. Raises ProjectError when it cannot be read at all."""
    import yaml

    reader = _Reader(text, name)
    try:
        item = reader.read()
    except yaml.MarkedYAMLError as error:
        raise reader.syntax_error(error) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ProjectError.of("XM114", reader.mark_at(line, 1), character=repr(error.character)) from None
    return item, reader.problems


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        self.lines = text.splitlines()
        self.problems: list[Problem] = []
        self.depth = 0

    def mark_at(self, line: int, column: int) -> Mark:
        return Mark(self.name, line, column, self.lines[line - 1] if 0 < line <= len(self.lines) else "")

    def _mark(self, event: Any) -> Mark:
        return self.mark_at(event.start_mark.line + 1, event.start_mark.column + 1)

    def read(self) -> Item:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        events = iter(yaml.parse(self.text, Loader=loader))
        item: Item | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if item is not None:
                    raise ProjectError.of("XM112", self._mark(event))
                item = self._item(next(events), events)
        if item is None or (item.value is None and not item.quoted):
            raise ProjectError.of("XM110", Mark(self.name, 1, 1), file=self.name)
        return item

    def _item(self, event: Any, events: Iterator[Any]) -> Item:
        import yaml

        mark = self._mark(event)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise ProjectError.of("XM108", mark)
        if event.tag not in (None, "!"):
            raise ProjectError.of("XM111", mark, tag=event.tag)
        if isinstance(event, yaml.ScalarEvent):
            quoted = event.style in ("'", '"', "|", ">")
            return Item(event.value if quoted else scalar(event.value), mark, quoted)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ProjectError.of("XM107", mark, limit=MAX_DEPTH)
        item = self._sequence(mark, events) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(mark, events)
        self.depth -= 1
        return item

    def _sequence(self, mark: Mark, events: Iterator[Any]) -> Item:
        import yaml

        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._item(event, events))
        return Item(items, mark)

    def _mapping(self, mark: Mark, events: Iterator[Any]) -> Item:
        import yaml

        made = Item({}, mark)
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key_mark = self._mark(event)
            key = self._item(event, events)
            if isinstance(key.value, dict | list):
                raise ProjectError.of("XM116", key_mark)
            name = event.value  # the text as written: `1` and `on` are names here
            value = self._item(next(events), events)
            if name in made.value:
                self.problems.append(Problem("XM109", {"key": name, "line": made.keys[name].line}, key_mark))
            else:
                made.value[name], made.keys[name] = value, key_mark
        return made

    def syntax_error(self, error: Any) -> ProjectError:
        """Say a parser's complaint in a pupil's words; the usual mistakes have messages of their own."""
        at = error.problem_mark or error.context_mark
        mark = self.mark_at(at.line + 1, at.column + 1) if at else Mark(self.name, 1, 1)
        if mark.column > len(mark.text) and mark.line > 1 and not mark.text.strip():
            mark = self.mark_at(mark.line - 1, 1)
        for line in range(mark.line, max(0, mark.line - 2), -1):
            here = self.mark_at(line, 1)
            if "\t" in here.text[: len(here.text) - len(here.text.lstrip())]:
                fixed = here.text.replace("\t", "  ")
                return ProjectError(problems=[Problem("XM105", {}, here, fixed)])
            if found := re.match(r"""(\s*(?:-\s+)?(?:when|each)\s*:\s*)("[^"]*"|'[^']*')(\s*[^\s#].*)$""", here.text):
                start, label, rest = found.groups()
                quote = "'" if '"' in label + rest else '"'
                fixed = f"{start}{quote}{label}{rest.rstrip()}{quote}"
                return ProjectError(problems=[Problem("XM113", {"label": label}, mark, fixed)])
        if "：" in mark.text and ":" not in mark.text.split("：")[0]:
            fixed = mark.text.replace("：", ": ", 1)
            return ProjectError(problems=[Problem("XM117", {}, mark, fixed)])
        return ProjectError.of("XM106", mark, reason=str(error.problem or error.context))


_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def scalar(text: str) -> Any:
    """Return what an unquoted scalar means in YAML 1.2's core schema; numbers of absurd length stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= 40:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _OCTAL_OR_HEX.fullmatch(text):
            return int(text, 0)
        if _FLOAT.fullmatch(text):
            return float(text)
    if text.lower() in (".inf", "+.inf", "-.inf", ".nan"):
        return float(text.lower().replace(".", ""))
    return text
