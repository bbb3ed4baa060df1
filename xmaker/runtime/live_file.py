"""A project file that a run follows: what is changed in it is applied, and a broken one leaves the last good one running."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xmaker.errors import XMakerError, message
from xmaker.project import Project
from xmaker.project_file import FILE
from xmaker.values import Event, Notice

if TYPE_CHECKING:
    from xmaker.runtime.runtime import Runtime

LOOK = 0.3
"""Seconds from one look at the file to the next. What the next look finds the same counts: editors write in pieces."""


class LiveFile:
    """The file of a project that runs, with what the command line said about it."""

    def __init__(self, path: Path, options: Mapping[str, Mapping[str, Any]] | None = None, simulate: bool = False) -> None:
        self.path = path / FILE if path.is_dir() else path
        self.project: Project | None = None
        """The last good one."""
        self.error: XMakerError | None = None
        """What is wrong with the file as it is now."""
        self._options, self._simulate = options or {}, simulate
        self._reading = threading.Lock()

    def read(self) -> Project:
        """Read the file. Raises ProjectError with all its problems."""
        plugins = self.project.plugins if self.project else None
        self.project = Project.load(self.path, options=self._options, simulate=self._simulate, plugins=plugins)
        return self.project

    def apply(self, runtime: Runtime) -> bool:
        """Have a run be what the file says now, or go on as it is when the file is broken; return whether it is good."""
        with self._reading:
            before = self.project
            try:
                started = runtime.apply(self.read())
            except (XMakerError, OSError) as error:
                self.project = before
                self.error = broken = error if isinstance(error, XMakerError) else XMakerError.of("XM751", reason=error)
                runtime.loop.call(lambda: runtime.failed(broken))
                return False
            self.error = None
        text = message("XM953", "what", file=self.path.name, nodes=", ".join(started) or "-")
        runtime.loop.call(lambda: runtime.handle(Event("xmaker", Notice(text, "XM953"), runtime.clock.now())))
        return True

    @contextmanager
    def followed(self, runtime: Runtime) -> Iterator[None]:
        """Apply the file whenever it has changed, from a thread of its own."""
        stopping = threading.Event()
        thread = threading.Thread(target=self._follow, args=(runtime, stopping), name="xmaker-file", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()

    def _follow(self, runtime: Runtime, stopping: threading.Event) -> None:
        applied = last = self._stamp()
        while not stopping.wait(LOOK):
            before, last = last, self._stamp()
            if last == before and last != applied and last is not None:
                applied = last
                self.apply(runtime)

    def _stamp(self) -> tuple[int, int, int] | None:
        """Return what differs when the file has changed; None while it is gone."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
