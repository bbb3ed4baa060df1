"""A node at work: its thread opens it, feeds it, opens it again when its device was lost, and closes it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from xmaker.engines import too_large
from xmaker.errors import DeviceError, MissingDependency, NodeError, ProjectError, message
from xmaker.nodes import Gives, Node
from xmaker.runtime.clock import SetClock
from xmaker.runtime.expected import Expected
from xmaker.runtime.failures import Errors, problems_of
from xmaker.runtime.mailbox import Mailbox
from xmaker.runtime.stats import NodeStats
from xmaker.runtime.waking import Latch, Signal
from xmaker.values import Event, Notice

if TYPE_CHECKING:
    from xmaker.cards import ModelCard
    from xmaker.engines import Session
    from xmaker.project import NodeSpec
    from xmaker.runtime.runtime import Runtime
    from xmaker.terminal import Terminal

BACK_OFF = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds between two tries to open a lost device."""
UNMENDABLE = (DeviceError, ProjectError, MissingDependency)
"""What ends a node's work: its device is lost, or only the user can mend it, and then the run ends too."""


class Worker:
    """Base of the three workers: the life of a node and the way out for its events. It is what the node calls its `host`."""

    folder: Path
    """The project's folder: relative paths in options start here."""
    files: Path
    """Where outputs put their files."""
    moment = 0.0
    """When what the node is working on was captured, in seconds since the run began."""
    jobs: Collection[Any] = ()
    """What is to be done besides what comes along wires."""

    def __init__(self, spec: NodeSpec, node: Node, runtime: Runtime) -> None:
        self.name, self.spec, self.node, self.runtime = spec.name, spec, node, runtime
        self.now, self.i2c = runtime.clock.now, runtime.hardware.i2c
        self.state = "new"
        self.paused = False
        self.stopping = Latch()
        self.signal = Signal()
        self.senders: tuple[Worker, ...] = ()
        self.inbound: tuple[Mailbox, ...] = ()
        """One mailbox for each sender."""
        self.outbound: tuple[Mailbox, ...] = ()
        self.watched = False
        """Whether the event loop wants this node's events."""
        self.events = 0
        self.newest: Event | None = None
        """The last that it gave, for whoever begins to look."""
        self.latency = 0.0
        self.errors = Errors()
        self.idle = False
        self.lost = False
        """Whether its device has been lost and has not worked since."""
        self._tries, self._pause, self._back_since, self._said_back = 0, 0.0, 0.0, True
        self._turn = 0
        self._emitting = threading.Lock()
        self.expected = Expected(getattr(node, "gives", None))
        self.kind = self.expected.kind
        """The type of its values."""
        node.host = self
        self.thread = threading.Thread(target=self._live, name=f"xmaker-{self.name}", daemon=True)

    @property
    def terminal(self) -> Terminal:
        """The one owner of the screen and keyboard of the terminal."""
        return self.runtime.terminal

    def sleep(self, until: float) -> bool:
        """Wait until that moment; False when the node is to stop instead."""
        return self.runtime.clock.sleep(until, self.stopping)

    def sleeps_until(self) -> float | None:
        """Return the moment until which its thread sleeps on a clock that somebody sets; past when it is just waking."""
        clock = self.runtime.clock
        return clock.sleeping.get(self.thread.ident or 0) if isinstance(clock, SetClock) else None

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        """Have something quick done on the event loop after so many seconds: for outputs that go on by themselves."""

        def guarded() -> None:
            try:
                callback()
            except BaseException as error:  # noqa: BLE001  # a stranger's callback may raise anything
                self.failed(error)

        def later() -> None:
            self.runtime.loop.timers.at(self.now() + seconds, guarded)

        self.runtime.loop.call(later)

    def notice(self, code: str, /, **details: object) -> None:
        """Tell the user something that is no error. `code` is of the catalog, or plain words."""
        known = code.startswith("XM")
        text = message(code, "what", **details) if known else code
        self.post(Event(self.name, Notice(text, code if known else ""), self.now()))

    def output_path(self, name: str) -> Path:
        """Return where a file or folder of an output lies; that it is not among the project's own files is told."""
        path = (self.files / Path(name).expanduser()).resolve()
        if not path.is_relative_to(self.files.resolve()):
            self.notice("XM769", node=self.name, path=path)
        return path

    def gives(self, node: str) -> Gives | None:
        """Return what another node says that it gives: the units and ranges of a sensor's fields."""
        spec = self.runtime.project.nodes.get(node)
        return getattr(spec.type, "gives", None) if spec else None

    def nearest_rule(self) -> str:
        """Return what the rule that is nearest to firing still waits for, on one line; "" where there are no rules."""
        from xmaker.rules.explain import nearest_first

        return next(map(str, nearest_first(self.runtime.explain())), "")

    def model(self, name: str) -> ModelCard:
        """Find a model by its catalog name or its file. Raises XMakerError when there is none."""
        return self.runtime.plugins.model(name, self.folder)

    def session(self, card: ModelCard, threads: int | None = None, engine: str = "") -> Session:
        """Load a model into the engine of that name, which may take a file like it beside it; or the first that runs its file.

        Raises XMakerError when the file cannot be used, or the engine is not there.
        """
        assert card.path is not None
        if sizes := too_large(card.path):
            self.notice("XM653", file=card.path.name, size=sizes[0], free=sizes[1])
        made = self.runtime.plugins.engine(card, engine, self.notice)
        made.prepare()
        self.has_begun()
        made.paced = not self.senders or any(getattr(sender.node, "paced", True) for sender in self.senders)
        return made.load(msgspec.structs.replace(card, path=made.files(card.path)[0]), threads or made.threads)

    def has_begun(self) -> None:
        """Called when its libraries have been imported."""

    def emit(self, value: Any, time: float | None = None, cause: Event | None = None, *, here: bool = False) -> None:
        """Send a value, from any thread, along the wires and, if it is wanted there, to the event loop.

        Not while the node is paused, nor once it is to stop.
        `here` lets this thread handle it itself: only for the node's own thread, and where no device waits to be drained.
        """
        if self.paused or self.stopping.is_set():
            return
        if wrong := self.expected.mistake(value):
            self.failed(TypeError(wrong))
            return
        if self.lost:
            self._is_back()
        time = self.now() if time is None else time
        with self._emitting:
            self.events += 1
            self.newest = event = Event(self.name, value, time, self.events, cause)
            for box in self.outbound:
                box.put(event, self.stopping)
            if self.watched and not here:
                self.runtime.loop.put(event)
        if self.watched and here:
            self.runtime.loop.handle(event)

    def post(self, event: Event) -> None:
        """Send an event that is about the node, not from it, to the event loop; of these few, none waits for room."""
        self.runtime.loop.call(lambda: self.runtime.handle(event))

    def failed(self, error: BaseException, fatal: bool = False) -> bool:
        """Report an error; return whether it is the first of its kind: only these are told of."""
        report = NodeError(problems=problems_of(self.name, error))
        report.node, report.__cause__ = self.name, error
        new = self.errors.is_new(report)
        if new or fatal:
            self.runtime.loop.call(lambda: self.runtime.failed(report, fatal))
        return new

    def stats(self) -> NodeStats:
        dropped = sum(box.dropped for box in self.inbound)
        errors = sum(error.count for error in self.errors.values())
        state = "paused" if self.paused else self.state
        return NodeStats(self.name, state, self.events, dropped, errors, self.latency)

    def stop(self) -> None:
        """Ask the thread to end; it closes the node itself."""
        self.stopping.set()
        self.signal.set()

    def _live(self) -> None:
        while not self.stopping.is_set():
            opened = False
            try:
                if not self.lost:
                    self.state = "opening"
                self.runtime.hardware.attach(self.spec, self.node)
                self.prepare()
                self.node.open()
                opened, self.state = True, "on"
                self.work()
                self.state = "done"
                break
            except DeviceError as error:
                self.state = "lost"
                self._lose(error, opened)
            except BaseException as error:  # noqa: BLE001  # a stranger's code may raise anything, SystemExit included
                self.state = "failed"
                self.failed(error, fatal=not opened or isinstance(error, UNMENDABLE))
                break
            finally:
                self._close(opened)
            self._wait_to_try_again()
        self.idle = True
        for box in self.inbound:
            box.close()
        self.runtime.loop.call(lambda: self.runtime.ended(self))

    def prepare(self) -> None:
        """Have the node import its libraries."""
        self.node.prepare()

    def _lose(self, error: DeviceError, opened: bool) -> None:
        """Tell of a lost device. One that fails again right after each return is told of once, till it has worked a while."""
        if self.now() - self._back_since >= self._pause or (self._said_back and not opened):
            self._tries = 0
            for key in [key for key, known in self.errors.items() if isinstance(known.__cause__, DeviceError)]:
                del self.errors[key]
        if self.failed(error):
            self._said_back = False
        self.lost, self._back_since = True, float("inf")
        self.runtime.loop.call(lambda: self.runtime.rules.lost(self.name))

    def _wait_to_try_again(self) -> None:
        self._pause = BACK_OFF[min(self._tries, len(BACK_OFF) - 1)]
        self._tries += 1
        if isinstance(self.runtime.clock, SetClock) and not self.runtime.replaying:
            self.sleep(self.now() + self._pause)
        else:  # also beside a file, whose time stands still while it waits for this node
            self.idle = True
            self.stopping.wait(self._pause)
            self.idle = False

    def _is_back(self) -> None:
        """Say so, once the node works again: opening alone may succeed and prove nothing."""
        self.lost, self._back_since = False, self.now()
        if not self._said_back:
            self._said_back = True
            self.notice("XM503", node=self.name)

    def _close(self, opened: bool) -> None:
        try:
            self.node.close()
        except BaseException as error:  # noqa: BLE001  # as above
            if opened:
                self.failed(error)
        self.runtime.hardware.detach(self.node)

    def work(self) -> None:
        """Do the node's work until it is over. Raises DeviceError when the device is lost."""
        raise NotImplementedError

    def react(self, event: Event) -> None:
        """Work on an event that came along a wire."""
        raise NotImplementedError

    def next_event(self) -> bool:
        """Wait for an event on any wire and work on it; False when something else is to be done."""
        while not self.stopping.is_set():
            boxes = self.inbound
            for number in range(self._turn, self._turn + len(boxes)):  # a wire that is always full must not starve the others
                box = boxes[number % len(boxes)]
                if (event := box.take()) is not None:
                    self._turn = number + 1
                    self._work_on(event)
                    box.done_count += 1
                    return True
            if self.jobs:
                return False
            self.idle = True
            self.signal.wait()
            self.idle = False
        return False

    def _work_on(self, event: Event) -> None:
        if not self.paused:
            try:
                self.react(event)
            except UNMENDABLE:
                raise
            except BaseException as error:  # noqa: BLE001  # reported; the work goes on
                self.failed(error)
