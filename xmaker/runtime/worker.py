"""A node at work: its thread opens it, feeds it, opens it again when its device was lost, and closes it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

from xmaker.errors import DeviceError, MissingDependency, NodeError, Problem, ProjectError, XMakerError, message
from xmaker.nodes import Finished, Input, Model, Node, Stamped
from xmaker.runtime.clock import SetClock
from xmaker.runtime.host import NodeHost
from xmaker.runtime.mailbox import Mailbox, Signal
from xmaker.values import Event, Reading

if TYPE_CHECKING:
    from xmaker.project import NodeSpec
    from xmaker.runtime.runtime import Runtime

BACK_OFF = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds between two tries to open a lost device."""
MOST_KINDS = 100
"""So many kinds of error of a node are told apart by their words."""
FATAL = (ProjectError, MissingDependency)
"""What only the user can mend: the run ends."""


class NodeStats(msgspec.Struct, frozen=True):
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
        self.latency = 0.0
        self.moment = 0.0
        self.errors: dict[str, NodeError] = {}
        self.idle = False
        self.tries = 0
        """How often it has been opened in vain since its device was lost."""
        self._turn = 0
        self._emitting = threading.Lock()
        self._to_loop = runtime.loop.put
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
        expected, fields = self._expected
        if type(value) is not expected or (fields and value.values.keys() != fields):
            self.failed(TypeError(_wrong_value(value, self._expected)))
            return
        if self.tries:
            self._is_back()
        with self._emitting:
            self.events += 1
            event = Event(self.name, value, time, self.events, cause)
            for box in self.outbound:
                box.put(event, self.stopping)
            if self.watched:
                self._to_loop(event)

    def post(self, event: Event) -> None:
        """Send an event that is about the node, not from it, to the event loop; of these few, none waits for room."""
        self.runtime.loop.call(lambda: self.runtime.handle(event))

    def failed(self, error: BaseException, fatal: bool = False) -> None:
        """Report an error: each kind once, then only counted."""
        # an error whose words change every time must fill neither the memory nor the screen
        key = f"{type(error).__name__}: {error}" if len(self.errors) < MOST_KINDS else type(error).__name__
        known = self.errors.get(key)
        if known is not None:
            known.count += 1
            return
        report = NodeError(problems=_problems(self.name, error))
        report.node, report.__cause__ = self.name, error
        self.errors[key] = report
        self.runtime.loop.call(lambda: self.runtime.failed(report, fatal))

    def stop(self) -> None:
        """Ask the thread to end; it closes the node itself."""
        self.stopping.set()
        self.signal.set()

    def _live(self) -> None:
        while not self.stopping.is_set():
            opened = False
            try:
                if not self.tries:
                    self.state = "opening"
                self.runtime.hardware.attach(self.spec, self.node)
                self.node.open()
                opened, self.state = True, "on"
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
            self._wait_to_try_again()
        self.idle = True
        for box in self.inbound:
            box.close()
        self.runtime.loop.call(lambda: self.runtime.ended(self))

    def _wait_to_try_again(self) -> None:
        seconds, clock = BACK_OFF[min(self.tries, len(BACK_OFF) - 1)], self.runtime.clock
        self.tries += 1
        if isinstance(clock, SetClock) and not self.runtime.replaying:
            clock.sleep(clock.now() + seconds, self.stopping)
        else:  # also beside a file, whose time stands still while it waits for this node
            self.idle = True
            self.stopping.wait(seconds)
            self.idle = False

    def _is_back(self) -> None:
        """Say so, once the node works again: opening alone may succeed and prove nothing."""
        self.tries = 0
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
        """Wait for an event on any wire; None when something else is to be done."""
        while not self.stopping.is_set():
            boxes = self.inbound
            for number in range(self._turn, self._turn + len(boxes)):  # a wire that is always full must not starve the others
                box = boxes[number % len(boxes)]
                if (event := box.take()) is not None:
                    self._turn = number + 1
                    return box, event
            if self.has_other_work():
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
            except (DeviceError, *FATAL):
                raise
            except BaseException as error:  # noqa: BLE001  # reported; the loop goes on
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
                    self.latency = max(0.0, self.runtime.clock.now() - event.time)
                    if value is not None:
                        self.emit(value, event.time, event)
                except (DeviceError, *FATAL):
                    raise
                except BaseException as error:  # noqa: BLE001  # reported; the loop goes on
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
