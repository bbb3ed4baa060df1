"""A node at work: its thread opens it, feeds it, opens it again when its device was lost, and closes it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xmaker.errors import DeviceError, MissingDependency, NodeError, Problem, ProjectError, XMakerError, message
from xmaker.nodes import Finished, Input, Model, Node, Stamped
from xmaker.runtime.host import NodeHost
from xmaker.runtime.mailbox import Mailbox, Signal
from xmaker.values import Event, Reading

if TYPE_CHECKING:
    from xmaker.project import NodeSpec
    from xmaker.runtime.runtime import Runtime

BACK_OFF = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds between two tries to open a lost device."""
FATAL = (ProjectError, MissingDependency)
"""What only the user can mend: the run ends."""


@dataclass
class NodeStats:
    """What a running node has done so far, for the live view."""

    name: str
    state: str
    events: int
    dropped: int
    errors: int
    latency: float
    """Seconds from the moment of capture to the node's latest result."""


class Worker:
    """Base of the three workers: the life of a node, and the way out for its events."""

    outlives_wires = False
    """Whether the node has work to do when all its wires have ended."""

    def __init__(self, spec: NodeSpec, node: Node, runtime: Runtime) -> None:
        self.name, self.spec, self.node, self.runtime = spec.name, spec, node, runtime
        self.state = "new"
        self.paused = False
        self.stopping = threading.Event()
        self.signal = Signal()
        self.senders: tuple[Worker, ...] = ()
        self.inbound: tuple[Mailbox, ...] = ()
        """One mailbox for each sender."""
        self.outbound: tuple[Mailbox, ...] = ()
        self.watched = False
        """Whether the event loop wants this node's events."""
        self.events = 0
        self.sent = 0
        """Events put into the event loop's queue."""
        self.latency = 0.0
        self.moment = 0.0
        self.errors: dict[str, NodeError] = {}
        self.idle = False
        self._emitting = threading.Lock()
        self._expected = _expected_value(node)
        node.host = NodeHost(self, runtime)
        self.thread = threading.Thread(target=self._live, name=f"xmaker-{self.name}", daemon=True)

    def stats(self) -> NodeStats:
        dropped = sum(box.dropped for box in self.inbound)
        errors = sum(error.count for error in self.errors.values())
        state = "paused" if self.paused else self.state
        return NodeStats(self.name, state, self.events, dropped, errors, self.latency)

    def emit(self, value: Any, time: float, cause: Event | None) -> None:
        """Send a value along the wires and, if it is wanted there, to the event loop."""
        if type(value) is not self._expected[0] or (self._expected[1] and value.values.keys() != self._expected[1]):
            self.failed(TypeError(_wrong_value(value, self._expected)))
            return
        with self._emitting:
            self.events += 1
            event = Event(self.name, value, time, self.events, cause)
            for box in self.outbound:
                box.put(event, self.stopping)
            self.latency = max(0.0, self.runtime.clock.now() - time)
            if self.watched:
                self.sent += 1
                self.runtime.loop.put(event)

    def post(self, event: Event) -> None:
        """Send an event that is about the node, not from it, to the event loop."""
        with self._emitting:
            self.sent += 1
            self.runtime.loop.put(event)

    def failed(self, error: BaseException, fatal: bool = False) -> None:
        """Report an error: each kind once, then only counted."""
        known = self.errors.get(key := f"{type(error).__name__}: {error}")
        if known is not None:
            known.count += 1
            return
        report = NodeError(problems=_problems(self.name, error))
        report.node, report.__cause__ = self.name, error
        if len(self.errors) < 100:  # an error whose words change every time must not fill the memory
            self.errors[key] = report
        self.runtime.loop.call(lambda: self.runtime.failed(report, fatal))

    def stop(self) -> None:
        """Ask the thread to end; it closes the node itself."""
        self.stopping.set()
        self.signal.set()

    def _live(self) -> None:
        tries = 0
        while not self.stopping.is_set():
            opened = False
            try:
                self.state = "opening"
                self.runtime.hardware.attach(self.spec, self.node)
                self.node.open()
                opened, self.state = True, "on"
                self._opened_again(tries)
                tries = 0
                self.work()
                self.state = "done"
                break
            except DeviceError as error:
                self.state = "lost"
                self.failed(error)
                self._lost()
            except BaseException as error:  # noqa: BLE001  # a stranger's code may raise anything, SystemExit included
                self.state = "failed"
                self.failed(error, fatal=not opened or isinstance(error, FATAL))
                break
            finally:
                self._close(opened)
            clock = self.runtime.clock
            clock.sleep(clock.now() + BACK_OFF[min(tries, len(BACK_OFF) - 1)], self.stopping)
            tries += 1
        self.idle = True
        for box in self.outbound:
            box.end()
        self.runtime.loop.call(lambda: self.runtime.ended(self))

    def _opened_again(self, tries: int) -> None:
        if tries:
            self.errors = {key: error for key, error in self.errors.items() if not isinstance(error.__cause__, DeviceError)}
            self.node.host.notice("XM503", node=self.name)

    def _lost(self) -> None:
        self.runtime.loop.call(lambda: self.runtime.rules.lost(self.name))

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

    def next_event(self) -> tuple[Mailbox, Event] | None:
        """Wait for an event on any wire; None when all have ended or the node is to stop."""
        while not self.stopping.is_set():
            for box in self.inbound:
                if (event := box.take()) is not None:
                    return box, event
            ended = self.inbound and all(box.ended and not box.waiting() for box in self.inbound)
            if self.has_other_work() or (ended and not self.outlives_wires):
                return None
            self.idle = True
            self.signal.wait()
            self.idle = False
        return None

    def has_other_work(self) -> bool:
        """Whether something other than a wire's event waits."""
        return False


class InputWorker(Worker):
    """Reads an input, as fast as it gives or every `every` seconds."""

    node: Input
    end_time = 0.0

    def work(self) -> None:
        clock, every = self.runtime.clock, getattr(self.node, "every", None)
        next_time, wait = clock.now(), 0.05
        while not self.stopping.is_set():
            try:
                value = self.node.read()
                wait = 0.05
            except Finished as end:
                self.end_time = end.time
                return
            except (DeviceError, SystemExit, *FATAL):
                raise
            except Exception as error:  # noqa: BLE001  # reported; the loop goes on
                self.failed(error)
                self.stopping.wait(wait)
                wait = min(2 * wait, 1.0)
                value = None
            if value is not None and not self.paused:
                time = clock.now()
                if type(value) is Stamped:
                    value, time = value.value, value.time
                self.emit(value, time, None)
            if every:
                next_time = max(next_time + every, clock.now())
                clock.sleep(next_time, self.stopping)
            elif value is None:
                self.stopping.wait(0.001)  # read() should have blocked; do not let it eat the processor


class ModelWorker(Worker):
    """Runs a model on what comes along its wires."""

    node: Model

    def work(self) -> None:
        while (found := self.next_event()) is not None:
            box, event = found
            if not self.paused:
                try:
                    self.moment = event.time
                    value = self.node.run(event.value)
                    if value is not None:
                        self.emit(value, event.time, event)
                except (DeviceError, SystemExit, *FATAL):
                    raise
                except Exception as error:  # noqa: BLE001  # reported; the loop goes on
                    self.failed(error)
            box.done_count += 1


def _expected_value(node: Node) -> tuple[Any, frozenset[str]]:
    """Return the type that a node's values must have, and a reading's field names."""
    gives = getattr(node, "gives", None)
    if isinstance(gives, type) or gives is None:
        return gives, frozenset()
    return Reading, frozenset(gives)


def _wrong_value(value: object, expected: tuple[Any, frozenset[str]]) -> str:
    wanted = expected[0].__name__ if expected[0] else "-"
    fields = f"({', '.join(sorted(expected[1]))})" if expected[1] else ""
    return message("XM505", "what", got=repr(value)[:60], wanted=wanted + fields)


def _problems(node: str, error: BaseException) -> list[Problem]:
    """Say whose error it was, in the words of the error itself."""
    if isinstance(error, XMakerError):
        if error.problems:
            return list(error.problems)
        return [Problem("XM502", {"node": node, "reason": str(error), "hint": error.hint})]
    return [Problem("XM501", {"node": node, "reason": f"{type(error).__name__}: {error}" if str(error) else repr(error)})]
