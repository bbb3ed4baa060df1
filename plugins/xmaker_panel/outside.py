"""Paths that lead out of a project's folder: a browser on another computer may not write them into the project.

Whoever knows the PIN may change the project, and with that have its outputs write files and its inputs show some. All of it
stays among the project's own files, and those which its file named before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from xmaker import ProjectError
from xmaker.errors import Problem
from xmaker.yaml_reader import Item, read_text

DEVICE = re.compile(r"/dev/(video|tty|serial/|i2c-)[\w./:-]*")
ON_THE_NETWORK = ("http", "https", "rtsp", "rtsps", "rtmp", "tcp", "udp", "mqtt", "mqtts")
"""What may stand before `://`: with `file` or `concat`, FFmpeg opens a file (https://ffmpeg.org/ffmpeg-protocols.html)."""
NO_PATHS = ("name", "rules")
"""Keys of a project whose texts are for people, or asked and done."""


def refuse_outside(text: str, before: str, path: Path) -> None:
    """Raise ProjectError where a project's text names something outside the folder of `path` that it did not name `before`."""
    known = {item.value for item in _texts(before, path)}
    found = [item for item in _texts(text, path) if item.value not in known and leads_outside(item.value, path.parent)]
    if found:
        raise ProjectError(problems=[Problem("XM997", {"path": item.value}, item.mark) for item in found])


def leads_outside(text: str, folder: Path) -> bool:
    """Return whether a text, taken as a path, names something outside a folder: absolutely, by `..`, `~` or a link."""
    scheme, is_address, _ = text.partition("://")
    if is_address:
        return scheme.lower() not in ON_THE_NETWORK
    if DEVICE.fullmatch(text) and ".." not in text:
        return False
    windows = PureWindowsPath(text)  # of / and \ it knows both
    if text.startswith("~") or windows.drive:
        return True
    try:
        path = folder / windows.as_posix()
        if not path.exists():  # a camera's path may count from where the user is, too
            path = Path(text) if Path(text).exists() else path
        return not path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):
        return False  # no path at all


def _texts(text: str, path: Path) -> Iterator[Item]:
    """Give the texts in a project's text, except those that are no paths; none where it cannot be read."""
    try:
        project, _ = read_text(text, path.name)
    except ProjectError:
        return
    if isinstance(project.value, dict):
        for key, item in project.value.items():
            if key not in NO_PATHS:
                yield from _inside(item)


def _inside(item: Item) -> Iterator[Item]:
    if isinstance(item.value, dict | list):
        for inner in item.value.values() if isinstance(item.value, dict) else item.value:
            yield from _inside(inner)
    elif isinstance(item.value, str):
        yield item
