"""An output at work: its actions in order, on the event loop when they are quick, on its own thread when they may block."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from xmaker.errors import DeviceError, NodeError
from xmaker.nodes import Node, Output, actions_of
from xmaker.runtime.worker import Worker
from xmaker.values import Action, Event

if TYPE_CHECKING:
    from xmaker.project import NodeSpec
    from xmaker.runtime.runtime import Runtime

MAX_ACTIONS = 32
"""Actions that may wait for a slow output."""

Job = tuple[str, tuple[Any, ...], Event | None, float]
"""Action, arguments, cause, and when it was asked for."""


class OutputWorker(Worker):
    """Does what rules ask of an output, and hands it what comes along its wires."""

    node: Output
    jobs: deque[Job]

    def __init__(self, spec: NodeSpec, node: Node, runtime: Runtime) -> None:
        super().__init__(spec, node, runtime)
        self.jobs = deque()
        self.level: tuple[str, tuple[Any, ...]] | None = None
        """The lasting state that the last action set: done again when the device comes back."""
        self._levels = {name for name, spec in actions_of(type(node)).items() if spec.level}
        self._doing = threading.Lock()

    def perform(self, action: str, args: tuple[Any, ...], cause: Event | None) -> None:
        """Do an action, in its turn. Called on the event loop."""
        job = (action, args, cause, self.now())
        quick = not (self.node.blocking or self.inbound or self.jobs) and self.state == "on"
        if quick and self._doing.acquire(blocking=False):
            try:
                self._do(*job)
            except DeviceError:  # its own thread tries once more, closes it and opens it again
                self.jobs.append(job)
                self.signal.set()
            finally:
                self._doing.release()
        else:
            self._queue(job)

    def _queue(self, job: Job) -> None:
        while len(self.jobs) >= MAX_ACTIONS and self.runtime.replaying and self.state != "lost" and not self.stopping.is_set():
            if (self.sleeps_until() or 0.0) > self.now():
                break  # a melody: it goes on only when time does, and time only when the loop does
            time.sleep(0.001)  # back-pressure: nothing of a file is left out
        if self.state == "lost":  # when it is back only the latest level counts
            if job[0] not in self._levels:
                return
            self.jobs.clear()
        if len(self.jobs) < MAX_ACTIONS:
            self.jobs.append(job)
            self.signal.set()
        elif not self.stopping.is_set():
            self.failed(NodeError.of("XM506", node=self.name, limit=MAX_ACTIONS))

    def work(self) -> None:
        with self._doing:
            if any(job[0] in self._levels for job in self.jobs):
                self.level = None  # what waits comes after it
            elif self.level:
                self._call(*self.level)
        if self.lost:
            self._is_back()
        while not self.stopping.is_set():
            self.next_event()
            while self.jobs and not self.stopping.is_set():
                with self._doing:
                    self._do_waiting(self.jobs.popleft())

    def _do_waiting(self, job: Job) -> None:
        try:
            self._do(*job)
        except DeviceError:
            if job[0] in self._levels:
                self.jobs.appendleft(job)  # to be done when the device is back
            raise

    def react(self, event: Event) -> None:
        self.node.receive(event)
        self.events += 1
        self.latency = max(0.0, self.now() - event.time)

    def _do(self, action: str, args: tuple[Any, ...], cause: Event | None, asked: float) -> None:
        if self.paused or self.stopping.is_set() or (self.level == (action, args) and action in self._levels):
            return
        try:
            left = self._call(action, args)
        except DeviceError:
            raise
        except BaseException as error:  # noqa: BLE001  # reported; the loop goes on
            self.failed(error)
            return
        if action in self._levels:
            self.level = (action, args)
        else:
            self.level = (left, ()) if isinstance(left, str) and left in self._levels else None
        # a file's time may be far ahead by now
        now = asked if self.runtime.replaying else self.now()
        self.events += 1
        self.latency = max(0.0, now - (cause.time if cause else now))
        self.post(Event(self.name, Action(action, args), now, self.events, cause))

    def _call(self, action: str, args: tuple[Any, ...]) -> Any:
        return getattr(self.node, action)(*args)

    def _close(self, opened: bool) -> None:
        if opened:
            taken = self._doing.acquire(timeout=0.1)  # not while the event loop does an action, unless that one hangs
            self.make_safe()
            if taken:
                self._doing.release()
        super()._close(opened)

    def make_safe(self) -> None:
        """Leave the hardware safe, whatever it was doing."""
        try:
            self.node.safe()
        except BaseException as error:  # noqa: BLE001  # the other outputs must be left safe too
            if self.state not in ("lost", "opening"):
                self.failed(error)
