"""Finds installed plugins by their entry points, and remembers which only offer node types: those are imported when needed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec

from xmaker.nodes import Node

GROUP = "xmaker"


class Memory(msgspec.Struct):
    """What was found before, kept in a file. The scan of all distributions takes 30 ms, importing all plugins twice that."""

    key: str
    found: list[tuple[str, str]]
    """Name and module of every installed plugin."""
    nodes: dict[str, tuple[str, float, list[str]]] = {}
    """Module → its file, when that was last changed, and its node types, for a module that offers nothing else."""

    @classmethod
    def load(cls) -> Memory:
        """Read the file; look for plugins where it is missing, damaged, or something was installed since."""
        # Installing, updating or removing a distribution changes the time of the folder that it is in.
        folders = [folder or "." for folder in sys.path if os.path.exists(folder or ".")]
        key = json.dumps([sys.version_info[:2], [[folder, os.stat(folder).st_mtime_ns] for folder in folders]])
        memory = cls("", [])
        with suppress(OSError, RuntimeError, msgspec.MsgspecError):  # no such file, no home, or nonsense in it
            memory = msgspec.json.decode(_file().read_bytes(), type=cls)
        if memory.key != key:
            from importlib.metadata import entry_points

            memory = cls(key, sorted({(entry.name, entry.value) for entry in entry_points(group=GROUP)}))
            memory.save()
        return memory

    def save(self) -> None:
        with suppress(OSError, RuntimeError):  # a read-only home only costs time
            _file().parent.mkdir(parents=True, exist_ok=True)
            _file().write_bytes(msgspec.json.encode(self))

    def node_types(self, module: str) -> list[str]:
        """Return the names of a module's node types if it offers nothing else; [] when it must be imported."""
        file, changed, uses = self.nodes.get(module, ("", 0.0, []))
        return uses if uses and _changed(file) == changed else []

    def learn(self, module: str, node_types: list[type[Node]]) -> None:
        """Remember that a module offers these node types and nothing else; not where they come from another module."""
        file = str(getattr(sys.modules[module], "__file__", None) or "")
        if all(f"{node_type.__module__}.".startswith(f"{module}.") for node_type in node_types):
            self.nodes[module] = (file, _changed(file), [node_type.use for node_type in node_types])


def _file() -> Path:
    """Return where the memory is kept, for each environment its own. Raises RuntimeError for a user without a home."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "xmaker" / f"plugins-{crc32(sys.prefix.encode()):08x}.json"


def _changed(file: str) -> float:
    """Return a number that changes with the module's file, or with any file of a package."""
    folder, name = os.path.split(file)
    try:
        if name != "__init__.py":
            return os.stat(file).st_mtime
        files = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names if name.endswith(".py")]
        return sum(os.stat(file).st_mtime for file in files)  # one that is taken away counts too
    except (OSError, ValueError):
        return -1.0


class NodeTypes(Mapping[str, type[Node]]):
    """Node types by the word that projects use. One of a plugin that waits is imported when somebody asks for it."""

    def __init__(self, load: Callable[[str, str], Any]) -> None:
        self.loaded: dict[str, type[Node]] = {}
        self._load, self._waiting = load, dict[str, tuple[str, str]]()

    def wait(self, name: str, module: str, uses: list[str]) -> None:
        """Take a plugin that is imported later."""
        self._waiting |= dict.fromkeys(uses, (name, module))

    def __getitem__(self, use: str) -> type[Node]:
        if plugin := self._waiting.get(use):
            self._waiting = {other: waits for other, waits in self._waiting.items() if waits != plugin}
            self._load(*plugin)
        return self.loaded[use]

    def __contains__(self, use: object) -> bool:
        return use in self.loaded or use in self._waiting

    def __iter__(self) -> Iterator[str]:
        for use in list(self._waiting):
            self.get(use)
        return iter(list(self.loaded))

    def __len__(self) -> int:
        return len(list(iter(self)))
