"""What can go wrong, said in English or Chinese.

Every message lives in one catalog, `messages.json`, under a code such as `XM203`; `xmaker explain XM203` opens it.
A `Problem` is one entry of the catalog with its details and its place in a file; an `XMakerError` carries a problem up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Self

import msgspec

LANGUAGES = ("en", "zh")
MAX_DETAIL = 500
"""Characters of a file that are quoted in a message."""
_spoken: ContextVar[str] = ContextVar("spoken", default="")


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Have everything that is said in this block be in a language: of two who watch one run, each may read another one."""
    before = _spoken.set(lang)
    try:
        yield
    finally:
        _spoken.reset(before)


def language() -> str:
    """Return what `speaking` says; else "zh" when the locale asks for Chinese, else "en" (POSIX order of the variables)."""
    if spoken := _spoken.get():
        return spoken
    for variable in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        if value := os.environ.get(variable):
            return "zh" if value.lower().startswith(("zh", "chinese")) else "en"
    if os.name == "nt":  # Windows keeps the locale elsewhere
        import locale

        return "zh" if str(locale.getlocale()[0]).lower().startswith(("zh", "chinese")) else "en"
    return "en"


@cache
def catalog() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return code → part → language → text. The parts: what happened; how to mend it; why, which `xmaker explain` adds.

    Words in braces are filled in. JSON, because it is read at every start that says anything: TOML took 23 ms, JSON takes 1.
    """
    import json

    found: Mapping[str, Mapping[str, Mapping[str, str]]] = json.loads(
        (Path(__file__).parent / "messages.json").read_text(encoding="utf-8")
    )
    return found


def message(code: str, part: str, lang: str | None = None, /, **details: object) -> str:
    """Return one part of a catalog entry, filled in."""
    text = catalog()[code].get(part, {}).get(lang or language(), "")
    return text if part == "why" else with_our_pip(text.format_map(_Details(details)))


def with_our_pip(text: str) -> str:
    """Write the whole path of the pip of this Python, unless that is what `pip` means in this terminal.

    Who runs `.venv/bin/xmaker` without activating the venv would ask another Python's pip, which may not be allowed to install.
    """
    if "pip " not in text:
        return text
    import re
    import shutil

    typed, own = shutil.which("pip"), shutil.which("pip", path=os.path.dirname(sys.executable))
    if own is None or (typed and os.path.samefile(typed, own)):
        return text
    command = f'"{own}" ' if " " in own else f"{own} "
    return re.sub(r"(?<![\w/])pip (?=(un)?install)", lambda _: command, text, flags=re.ASCII)


class _Details(dict[str, object]):
    def __getitem__(self, name: str) -> object:
        detail = super().__getitem__(name)
        return f"{detail[:MAX_DETAIL]}…" if isinstance(detail, str) and len(detail) > MAX_DETAIL else detail

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


class Mark(msgspec.Struct, frozen=True):
    """A place in a text file. Line and column count from 1; columns count characters."""

    file: str
    line: int
    column: int
    text: str = ""
    """The whole line, to be shown under the message."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def around(self) -> tuple[str, str]:
        """Return the line before the mark, and from it on."""
        return self.text[: self.column - 1], self.text[self.column - 1 :]


class Problem(msgspec.Struct):
    """One entry of the catalog, with its details and, when a file is to blame, its place."""

    code: str
    details: Mapping[str, Any] = {}
    mark: Mark | None = None
    corrected: str = ""
    """The corrected line, where it can be known."""
    warning: bool = False

    def __post_init__(self) -> None:
        """Correct the line by itself where the wrong word stands at the mark and the right one is known."""
        near = self.details.get("near")
        if near and self.mark and not self.corrected:
            before, rest = self.mark.around()
            wrong = (word for key, word in self.details.items() if key != "node")  # a node's name says only where it is
            words = [word for word in wrong if isinstance(word, str) and word and rest.startswith(word)]
            if words:
                self.corrected = f"{before}{near}{rest[len(max(words, key=len)) :]}"

    def what(self, lang: str | None = None) -> str:
        return message(self.code, "what", lang, **self.details)

    def mend(self, lang: str | None = None) -> str:
        """Return how to mend it; a close match to what was meant comes before the general advice."""
        if near := self.details.get("near"):
            return message("XM001", "mend", lang, near=near)
        return message(self.code, "mend", lang, **self.details)

    def show(self, lang: str | None = None) -> str:
        """Return the problem as the lines that a user reads: place, what, the line, how to mend it."""
        place = f"{self.mark}: " if self.mark else ""
        kind = message("XM001", "what", lang).split("|")[1 if self.warning else 0]
        lines = [f"{place}{kind} {self.code}: {self.what(lang)}"]
        if self.mark and self.mark.text.strip():
            shown = "".join(letter if letter.isprintable() else " " for letter in self.mark.text.rstrip()[:120])
            lines.append(f"    {shown}")
            if self.mark.column <= len(shown):
                lines.append("    " + _spaces_as_wide_as(shown[: self.mark.column - 1]) + "^")
        if mend := self.mend(lang):
            lines.append(f"  → {mend}")
        if self.corrected:
            lines.append(f"  → {self.corrected.strip()[:MAX_DETAIL]}")
        return "\n".join(lines)


def _spaces_as_wide_as(text: str) -> str:
    """Return spaces that take the room of `text` in a terminal, where Chinese takes two columns."""
    from unicodedata import east_asian_width

    return "".join("  " if east_asian_width(character) in "WF" else " " for character in text)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was probably meant, or ""."""
    candidates = list(known)
    lowered = {candidate.lower(): candidate for candidate in candidates}
    if word.lower() in lowered:
        return lowered[word.lower()]
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, candidates, n=1, cutoff=0.6)), "")


class XMakerError(Exception):
    """Base of every error that a user may meet: what happened, and a hint how to mend it.

    Plugins raise a subclass with their own words; XMaker itself takes the words from the catalog with `of`.
    """

    def __init__(self, message: str = "", hint: str = "", *, problems: Iterable[Problem] = ()) -> None:
        self.problems = tuple(problems)
        self.hint = hint or (self.problems[0].mend() if self.problems else "")
        super().__init__(message or "\n".join(problem.what() for problem in self.problems))

    @classmethod
    def of(cls, code: str, mark: Mark | None = None, /, **details: object) -> Self:
        """Return an error with the catalog's words for `code`."""
        return cls(problems=[Problem(code, details, mark)])

    @property
    def code(self) -> str:
        """The catalog's code of the first problem, or "" for a plugin's own words."""
        return self.problems[0].code if self.problems else ""

    def show(self, lang: str | None = None) -> str:
        """Return every problem as the lines that a user reads."""
        if self.problems:
            return "\n".join(problem.show(lang) for problem in self.problems)
        kind = message("XM001", "what", lang).split("|")[0]
        return f"{kind}: {self}" + (f"\n  → {with_our_pip(self.hint)}" if self.hint else "")


class PluginError(XMakerError):
    """A plugin failed to load, or offers something that it must not."""


class ProjectError(XMakerError, ValueError):
    """A project file is wrong; `problems` lists everything that is wrong with it."""


class MissingDependency(XMakerError, ImportError):
    """A library that a node needs is not installed; the hint is the exact command."""


class DeviceError(XMakerError, OSError):
    """A device is not there or stopped answering: its node is closed and opened again later."""


class NodeError(XMakerError, RuntimeError):
    """A node failed at its work; the run goes on."""

    node: str = ""
    count: int = 1
    """How often this kind of error has happened in this run."""
