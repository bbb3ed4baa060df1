"""A project file that a run follows: what is changed in it is applied, and a broken one leaves the last good one running."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xmaker.errors import ProjectError, XMakerError, message
from xmaker.project import Project
from xmaker.project_file import FILE
from xmaker.values import Event, Notice

if TYPE_CHECKING:
    from xmaker.runtime.runtime import Runtime

Stamp = tuple[int, int, int] | None
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
        self.changes = 0
        """How often the run has become what the file says, since it began."""
        self.started: list[str] = []
        """The nodes that were started by the last change."""
        self._options, self._simulate = options or {}, simulate
        self._reading = threading.Lock()
        self._read: Stamp = None
        self._followed = False

    def read(self) -> Project:
        """Read the file. Raises ProjectError with all its problems."""
        self._read = self.stamp()
        self.project = self.check()
        return self.project

    def check(self, text: str | None = None) -> Project:
        """Return the project that the file would be with this text, or is. Raises ProjectError with all its problems."""
        plugins = self.project.plugins if self.project else None
        return Project.load(self.path, options=self._options, simulate=self._simulate, plugins=plugins, text=text)

    def stand_in(self, error: ProjectError) -> Project:
        """Return an empty project for as long as the file is broken: `apply` begins the run when it has been mended.

        Raises the error where no other text would help: there is no such file, or what was said beside it is wrong.
        """
        if not self.path.is_file():
            raise error
        try:
            Project.load(self.path, simulate=self._simulate)
        except ProjectError:
            self.project, self.error = Project(self.path.parent.name, folder=self.path.parent.resolve()), error
            return self.project
        raise error

    def apply(self, runtime: Runtime) -> bool:
        """Have a run be what the file says now, or go on as it is when the file is broken; return whether it is good."""
        with self._reading:
            before = self.project
            try:
                self.started = runtime.apply(self.read())
            except (XMakerError, OSError) as error:
                self.project = before
                self.error = broken = error if isinstance(error, XMakerError) else XMakerError.of("XM751", reason=error)
                if runtime.workers:  # before the run has begun nobody watches it
                    runtime.loop.call(lambda: runtime.failed(broken))
                return False
            self.error = None
            self.changes += 1
        # There the words are in the language of the run, whichever that of the browser is from which the file was saved.
        runtime.loop.call(lambda: runtime.handle(Event("xmaker", self._notice(), runtime.clock.now())))
        return True

    def _notice(self) -> Notice:
        return Notice(message("XM953", "what", file=self.path.name, nodes=", ".join(self.started) or "-"), "XM953")

    @contextmanager
    def followed(self, runtime: Runtime) -> Iterator[None]:
        """Apply the file whenever it has changed, from a thread of its own."""
        stopping, self._followed = threading.Event(), True
        thread = threading.Thread(target=self._follow, args=(runtime, stopping), name="xmaker-file", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            self._followed = False

    def _follow(self, runtime: Runtime, stopping: threading.Event) -> None:
        last = self.stamp()
        while not stopping.wait(LOOK):
            before, last = last, self.stamp()
            if last == before and last != self._read and last is not None:
                self.apply(runtime)

    @property
    def is_ahead(self) -> bool:
        """Whether the file has been changed since it was read, and nobody follows it: it runs when it is applied."""
        return not self._followed and self.stamp() not in (None, self._read)

    def stamp(self) -> Stamp:
        """Return what differs when the file has changed; None while it is gone."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
