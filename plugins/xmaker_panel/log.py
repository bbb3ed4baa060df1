"""The latest events of a run that are worth a line: what models find, keys, words, actions, notices, errors."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import msgspec

from xmaker import Action, Detections, Event, Frame, Label, Notice, Reading, Sound, XMakerError
from xmaker.project import Project
from xmaker_panel.shown import words

KEPT = 500


class Entry(msgspec.Struct):
    """One line, before it is put in anybody's words."""

    number: int
    time: float
    node: str
    value: Any
    """What happened; an error is itself."""
    of_file: bool = False
    """Whether the project's file is to blame."""


class Log:
    """Takes events on the event loop, and gives lines to whoever has not read them."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._last: dict[str, object] = {}
        self._count = 0

    @property
    def count(self) -> int:
        """How many lines there have been."""
        return self._count

    def take(self, event: Event) -> None:
        """Keep an event if it says something new: a sensor's numbers are for the plots."""
        value = event.value
        what = _gist(value)
        if what is None or (what == self._last.get(event.node) and not getattr(value, "momentary", False)):
            return
        if not isinstance(value, Action | Notice):
            self._last[event.node] = what
        self.add(event.node, value, event.time)

    def add(self, node: str, value: Any, time: float, of_file: bool = False) -> None:
        """Keep a line."""
        self._count += 1
        self._entries.append(Entry(self._count, time, node, value, of_file))

    def after(self, number: int) -> list[Entry]:
        """Return the lines after that one, the oldest first. Of a flood, the oldest are lost."""
        if number >= self._count:
            return []
        return [entry for entry in tuple(self._entries) if entry.number > number]


def _gist(value: Any) -> object:
    """Return what makes a value differ from the one before; None for what no line is written about."""
    if isinstance(value, Frame | Sound):
        return None
    if isinstance(value, Label):
        return str(value.label)
    if isinstance(value, Detections):
        return tuple(sorted(str(item.label) for item in value.items))
    if isinstance(value, Reading):
        return tuple(field for field in value.values.values() if isinstance(field, bool | str)) or None
    return value


def lines(entries: Iterable[Entry], project: Project) -> list[dict[str, Any]]:
    """Return entries in the user's words."""
    return [{"n": entry.number, "t": round(entry.time, 2), "node": entry.node, **_words(entry, project)} for entry in entries]


def _words(entry: Entry, project: Project) -> dict[str, Any]:
    value = entry.value
    if isinstance(value, XMakerError):
        return {"kind": "error", **error_words(value), "file": entry.of_file}
    if isinstance(value, Notice):
        return {"kind": "notice", "words": value.notice, "code": value.code}
    return {"kind": "action" if isinstance(value, Action) else "value", "words": words(value, project.nodes.get(entry.node))}


def error_words(error: XMakerError) -> dict[str, Any]:
    """Return an error in the user's words: what, how to mend it, and its place where a file is to blame."""
    problems = error.problems
    what = "\n".join(problem.what() for problem in problems) or str(error)
    hint = "\n".join(dict.fromkeys(filter(None, (problem.mend() for problem in problems)))) or error.hint
    place = str(problems[0].mark) if problems and problems[0].mark else ""
    return {"words": what, "hint": hint, "code": error.code, "place": place}
