"""Reads YAML so that every value keeps its line and column, and nothing in the text can run, hang or crash anything.

The parser's events are turned into `Item`s directly: PyYAML's own composer crashes on deep nesting, follows aliases
(a ten-line file can grow to gigabytes) and knows YAML 1.1, where `no` is false and `12:30` is 750.
Here scalars follow the core schema of YAML 1.2.2 (section 10.3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import msgspec

from xmaker.errors import Mark, Problem, ProjectError, nearest
from xmaker.yaml_mistakes import as_scalar, explain, mistake_at

MAX_BYTES = 1_000_000
MAX_DEPTH = 64
MAX_ITEMS = 10_000
MAX_SHOWN = 20
"""How many lines with the same kind of mistake are worth showing."""
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]|\ufffe|\uffff|\ud800")
"""What YAML 1.2 (section 5.1) has no place for. As a class of what it has, it would take 8 ms to compile."""


class Item(msgspec.Struct):
    """One value of the file with its place: a scalar, a list of items, or a dict of items."""

    value: Any
    mark: Mark | None = None
    quoted: bool = False
    keys: dict[str, Mark] = {}
    """The places of a dict's keys."""

    def plain(self) -> Any:
        """Return the value as ordinary Python lists, dicts and scalars."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def shown(self) -> str:
        """Return the value as messages quote it."""
        if self.value is None or isinstance(self.value, str):
            return str(self.value or "")
        return json.dumps(self.plain(), ensure_ascii=False)[:60]

    def line_with(self, text: str, raw: bool = False) -> str:
        """Return the item's line with another text in its place; "" when the item does not stand there in one piece.

        The text gets quotes where YAML needs them, unless it is `raw`.
        """
        if self.mark is None or not isinstance(self.value, str):
            return ""
        before, rest = self.mark.around()
        single = "'" + self.value.replace("'", "''") + "'"
        written = next((form for form in (self.value, single, f'"{self.value}"') if form and rest.startswith(form)), "")
        return before + (text if raw else as_scalar(text, self.in_flow)) + rest[len(written) :] if written else ""

    @property
    def in_flow(self) -> bool:
        """Whether it stands between brackets or braces."""
        return self.mark is not None and any(bracket in self.mark.around()[0] for bracket in "[{")

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


_MEANT = {"if": "when", "on": "when", "do": "then", "action": "then", "actions": "then", "otherwise": "else"}
_MEANT |= {"如果": "when", "当": "when", "每个": "each", "那么": "then", "就": "then", "否则": "else", "持续": "for"}
_MEANT |= {"variables": "vars", "名称": "name", "输入": "inputs", "模型": "models", "输出": "outputs", "规则": "rules"}
"""What people write for keys, where it does not look like the key."""


def known_keys(item: Item, known: Sequence[str], where: str, problems: list[Problem]) -> dict[str, Item]:
    """Return a mapping's items under the keys that were meant; what is wrong with them goes to the problems."""
    parts: dict[str, Item] = {}
    for key, value in item.value.items():
        meant = key if key in known or _MEANT.get(key) not in known else _MEANT[key]
        near = meant if meant in known else nearest(key, known)
        if key not in known:
            details = {"key": key, "where": where, "near": near, "known": ", ".join(known)}
            problems.append(Problem("XM201", details, item.keys.get(key)))
        parts.setdefault(near or key, value)
    return parts


def read_file(path: Path) -> tuple[Item, list[Problem]]:
    """Read a YAML file. What is wrong but can be stepped over (a key given twice) is in the list of problems.

    Raises ProjectError when the text cannot be read at all.
    """
    name = str(path)
    try:
        if not path.is_file() and not path.is_dir() and path.exists():  # opening a pipe waits for its writer
            raise ProjectError.of("XM752", file=name)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise ProjectError.of("XM102", file=name) from None
    except FileNotFoundError:
        raise ProjectError.of("XM101", file=name) from None
    except OSError as error:
        raise ProjectError.of("XM115", file=name, reason=error.strerror or error) from None
    return read_text(decode(data, name), name)


def decode(data: bytes, name: str) -> str:
    """Return the text of a file. Raises ProjectError when it is no UTF-8 (or UTF-16 that says so), or too long."""
    if len(data) > MAX_BYTES:
        raise ProjectError.of("XM103", file=name, limit=MAX_BYTES // 1_000_000)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start)
    try:
        text = data.decode("gb18030").splitlines()[line]
    except (UnicodeDecodeError, IndexError):
        raise ProjectError.of("XM127", file=name) from None
    raise ProjectError.of("XM104", Mark(name, line + 1, 1, text), file=name)


def read_text(text: str, name: str) -> tuple[Item, list[Problem]]:
    """Read YAML text; `name` stands for the file in messages. Raises ProjectError when it cannot be read at all."""
    import yaml

    reader = _Reader(text, name)
    if bad := _UNREADABLE.search(text):
        line_start = text.rfind("\n", 0, bad.start()) + 1
        mark = reader.mark_at(text.count("\n", 0, bad.start()) + 1, bad.start() - line_start + 1)
        raise ProjectError.of("XM114", mark, character=f"U+{ord(bad[0]):04X}")
    try:
        item = reader.read()
    except yaml.YAMLError as error:
        raise reader.syntax_error(error) from None
    if any(problem.code in ("XM117", "XM119") for problem in reader.problems):
        raise ProjectError(problems=reader.problems)  # the file is not what it looks like: the rest would be echoes
    return item, reader.problems


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        self.lines = text.splitlines()
        self.problems: list[Problem] = []
        self.depth = self.items = 0

    def mark_at(self, line: int, column: int) -> Mark:
        return Mark(self.name, line, column, self.lines[line - 1] if 0 < line <= len(self.lines) else "")

    def _at(self, place: Any) -> Mark:
        return self.mark_at(place.line + 1, place.column + 1)

    def read(self) -> Item:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        events = iter(yaml.parse(self.text, Loader=loader))
        item: Item | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if item is not None:
                    raise ProjectError.of("XM112", self._at(event.start_mark))
                item = self._item(next(events), events)
        if item is None or (item.value is None and not item.quoted):
            raise ProjectError.of("XM110", Mark(self.name, 1, 1), file=self.name)
        return item

    def _item(self, event: Any, events: Iterator[Any]) -> Item:
        import yaml

        mark = self._at(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise ProjectError.of("XM108", mark)
        if event.tag not in (None, "!"):
            raise ProjectError.of("XM111", mark, tag=event.tag.replace("tag:yaml.org,2002:", "!!"))
        self.items += 1
        if self.items > MAX_ITEMS:
            raise ProjectError.of("XM128", mark, limit=MAX_ITEMS)
        if isinstance(event, yaml.ScalarEvent):
            quoted = event.style in ("'", '"', "|", ">")
            return Item(event.value if quoted else scalar(event.value), mark, quoted)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ProjectError.of("XM107", mark, limit=MAX_DEPTH)
        if isinstance(event, yaml.SequenceStartEvent):
            inner = takewhile(lambda other: not isinstance(other, yaml.SequenceEndEvent), events)
            item = Item([self._item(first, events) for first in inner], mark)
        else:
            item = self._mapping(mark, events)
        self.depth -= 1
        return item

    def _mapping(self, mark: Mark, events: Iterator[Any]) -> Item:
        import yaml

        made = Item({}, mark)
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key_mark = self._at(event.start_mark)
            key = self._item(event, events)
            if isinstance(key.value, dict | list):
                raise ProjectError.of("XM116", key_mark)
            name = event.value  # the text as written: `1` and `on` are names here
            value = self._item(next(events), events)
            glued = None if key.quoted or not re.match(r"[^\W\d]\w*(:(?!/)|：)", name) else mistake_at(key_mark)
            if glued:  # to YAML, `knob:{…}` is one long key
                self.problems.append(glued)
            elif name in made.value:
                self.problems.append(Problem("XM109", {"key": name, "line": made.keys[name].line}, key_mark))
            else:
                made.value[name], made.keys[name] = value, key_mark
        return made

    def syntax_error(self, error: Any) -> ProjectError:
        """Say a parser's complaint in a pupil's words; the usual mistakes have messages of their own."""
        complaint, at = str(getattr(error, "problem", "")), getattr(error, "problem_mark", None)
        if "nesting depth" in complaint:  # the parser reads ahead, and from PyYAML 6.0.4 on has a limit of its own
            return ProjectError.of("XM107", self._at(at), limit=MAX_DEPTH)
        found = map(mistake_at, (self.mark_at(number, 1) for number in range(1, len(self.lines) + 1)))
        if usual := [*islice(filter(None, found), MAX_SHOWN)]:
            return ProjectError(problems=usual)
        mark = self._at(at) if at else self.mark_at(1, 1)
        if not mark.text.strip() and mark.line > 1:
            mark = self.mark_at(mark.line - 1, 1)
        if "nesting depth" in str(error):  # newer parsers have a limit of their own, and look further ahead
            return ProjectError.of("XM107", mark, limit=MAX_DEPTH)
        in_pair = str(getattr(error, "context", "")).startswith(("while parsing a flow", "while scanning a quoted"))
        start = self._at(error.context_mark) if in_pair and error.context_mark else None
        return ProjectError(problems=[explain(self.lines, mark, start, complaint)])


_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
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
        if _OCTAL_OR_HEX.fullmatch(text):
            return int(text, 0)
        if _DECIMAL.fullmatch(text):
            return float(text) if re.search("[.eE]", text) else int(text)
    if text.lower() in (".inf", "+.inf", "-.inf", ".nan"):
        return float(text.lower().replace(".", ""))
    return text
