"""Between a run and its browsers: what they are shown is worked out once for all of them, and only while there are some."""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from xmaker import Action, Event, Frame, Notice, Runtime, Sound, XMakerError, hookimpl
from xmaker.errors import speaking
from xmaker.nodes import EVERY_NODE
from xmaker.runtime.ending import at_end
from xmaker.runtime.live_file import LiveFile
from xmaker_panel import shown
from xmaker_panel.jobs import Jobs
from xmaker_panel.log import Log, error_words
from xmaker_panel.pictures import Pictures
from xmaker_panel.source import Source
from xmaker_panel.state import State

PERIOD = 0.05
"""Seconds from one look at the run to the next."""
SELDOM = 4
"""Every so many looks the rules are asked where they stand: that is work."""


class Reports:
    """Keeps errors: they come seldom, and are wanted by whoever opens the panel later."""

    def __init__(self, log: Log, runtime: Runtime, file: LiveFile) -> None:
        self._log, self._runtime, self._file = log, runtime, file

    @hookimpl
    def xmaker_error(self, error: XMakerError) -> None:
        of_file = error is self._file.error  # it is shown for as long as the file is broken
        self._log.add(getattr(error, "node", ""), error, self._runtime.clock.now(), of_file)


class Watcher:
    """Sees every event while a browser is there. On the event loop, so it only puts aside what has come."""

    def __init__(self, log: Log) -> None:
        self.latest: dict[str, Event] = {}
        self._take = log.take

    def begin(self, runtime: Runtime) -> None:
        """Take what each node has given last: a button that nobody has pressed since says nothing more."""
        for name, worker in list(runtime.workers.items()):
            if worker.newest is not None and worker.kind not in (Frame, Sound):
                self.latest.setdefault(name, worker.newest)

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        value = event.value
        if not (isinstance(value, Notice) or (isinstance(value, Action) and value.action in EVERY_NODE)):
            self.latest[event.node] = event
        self._take(event)


class Hub:
    """One run and the browsers that watch it. All methods but `reporting` are for the server's thread."""

    def __init__(self, runtime: Runtime, file: LiveFile, home: int = 0) -> None:
        self.runtime, self.file = runtime, file
        self.log, self.pictures, self.source = Log(), Pictures(runtime), Source(file)
        self.jobs = Jobs(file)
        self._home = home
        """The port of the list of projects from which the run was started."""
        self.states: dict[str, State] = {}
        """Language → what is shown to those who read it."""
        self._readers: Counter[str] = Counter()
        self._watcher = Watcher(self.log)
        self._looking: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()
        self._told: set[tuple[object, ...]] = set()
        """What went wrong in looking, and where, and has been told."""
        self._ends: list[Callable[[], None]] = []

    def close(self) -> None:
        """End what goes on beside the run."""
        for end in (self.jobs.close, self.pictures.close, *self._ends):
            end()

    def at_end(self, end: Callable[[], None]) -> None:
        """Have a page's own work end with the panel, too."""
        self._ends.append(end)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Keep errors, whether or not anybody watches. Before the run begins."""
        reports = Reports(self.log, self.runtime, self.file)
        self.runtime.observe(reports)
        try:
            yield
        finally:
            self.runtime.forget(reports)

    @contextmanager
    def browser(self, language: str) -> Iterator[State]:
        """Have one more browser watch; the first of all begins the looking, the last ends it."""
        self._readers[language] += 1
        state = self.states.setdefault(language, State())
        if self._looking is None:
            self.runtime.observe(self._watcher)
            self._watcher.begin(self.runtime)
            self._looking = asyncio.get_running_loop().create_task(self._look())
        try:
            yield state
        finally:
            self._readers[language] -= 1
            if not self._readers[language]:
                del self._readers[language], self.states[language]
            if not self._readers:
                self._end()

    def _end(self) -> None:
        assert self._looking is not None  # begun with the first browser
        self._looking.cancel()
        self._looking = None
        self.runtime.forget(self._watcher)
        self._watcher.latest.clear()

    def now(self) -> float:
        """Return the seconds since the run began."""
        return round(self.runtime.clock.now(), 2) if self.runtime.workers else 0.0

    async def looked(self) -> None:
        """Wait for the next look."""
        await self._looked.wait()

    async def _look(self) -> None:
        turn = 0
        while True:
            for language, state in self.states.items():
                with speaking(language):
                    try:
                        self._update(state, turn)
                    except Exception as error:  # noqa: BLE001  # a stranger's node may answer with anything
                        self._stumbled(error)
            turn += 1
            looked, self._looked = self._looked, asyncio.Event()
            looked.set()
            await asyncio.sleep(PERIOD)

    def _stumbled(self, error: Exception, node: str = "") -> None:
        """Tell once that something cannot be shown; the next look is tried all the same."""
        *_, (frame, line) = traceback.walk_tb(error.__traceback__)
        where = node, type(error), frame.f_code, line  # its words may be others each time
        if where not in self._told:
            self._told.add(where)
            reason = f"{type(error).__name__}: {error}"
            told = XMakerError.of("XM958", reason=f"{node}: {reason}" if node else reason)
            told.__cause__ = error
            if self.runtime.workers:
                self.runtime.loop.call(lambda: self.runtime.failed(told))

    def _update(self, state: State, turn: int) -> None:
        runtime = self.runtime
        state.update("value", shown.values(dict(self._watcher.latest), runtime))
        state.update("look", shown.looks(runtime, self._stumbled))
        state.update("job", {"now": self.jobs.shown()})
        if turn % 2 == 0 or not state.version:
            state.update("node", shown.nodes(runtime))
        if turn % SELDOM == 0 or not state.version:
            state.update("rule", shown.rules(runtime))
            state.update("touch", shown.buttons(runtime))
            state.update("about", self._about())

    def _about(self) -> dict[str, object]:
        """Return what is known of the project and its file."""
        file = self.file
        return {
            "project": shown.project(self.runtime, file.project),
            "file": error_words(file.error) if file.error else None,
            "text": {"tag": self.source.tag(), "name": file.path.name, "place": self.source.place, "ahead": file.is_ahead},
            "home": self._home,
            "over": bool(self.runtime.workers) and at_end(self.runtime),
            "change": {"count": file.changes, "started": file.started},
        }
