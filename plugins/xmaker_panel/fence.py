"""Which files a text from a browser may name: those of the project's folder, and what its owner has written before."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import Any

from xmaker.errors import Problem
from xmaker.project import Project

DEVICE = re.compile(r"/dev/(video|v4l/|media)[\w./:-]*")
STREAM = re.compile(r"(rtsps?|rtmps?|https?|rtp|udp|tcp|srt)://", re.IGNORECASE)
"""What is no file: a camera, and what comes over the network."""


class Fence:
    """Around the folder of one project."""

    def __init__(self, text: str) -> None:
        self._owner = set(re.split(r"[\s\"',{}\[\]]+", text))
        """The words of the file as it was when the panel began: they were not written in a browser."""

    def problems(self, project: Project, before: Project | None) -> list[Problem]:
        """Return each option that names a file outside and was not there `before`, in the project that runs."""
        known = {text for spec in before.nodes.values() for text in _texts(spec.options)} if before else set()
        found = []
        for name, spec in project.nodes.items():
            for option, given in spec.options.items():
                for text in _texts(given):
                    if text not in known and text not in self._owner and leads_out(text, project.folder):
                        mark = spec.marks.get(option, spec.mark)
                        found.append(Problem("XM972", {"node": name, "option": option, "path": text}, mark))
        return found


def leads_out(text: str, folder: Path) -> bool:
    """Return whether a text, taken as a path, means something that is not in the folder."""
    if DEVICE.fullmatch(text) and ".." not in text:
        return False
    if "://" in text:
        return not STREAM.match(text)
    if PureWindowsPath(text).drive and os.name != "nt":
        return True
    try:
        path = Path(text).expanduser()
        if path.is_absolute() or ".." in path.parts:
            return not (folder / path).resolve().is_relative_to(folder.resolve())
        # a camera's relative path may also count from where the user is
        return not (folder / path).exists() and path.exists() and not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # no path at all: too long, no such user
        return False


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
