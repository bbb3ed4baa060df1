"""An output at work: its actions in order, on the event loop when they are quick, on its own thread when they may block."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from xmaker.errors import DeviceError, NodeError
from xmaker.nodes import Node, Output, actions_of
from xmaker.runtime.mailbox import Mailbox
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

    def __init__(self, spec: NodeSpec, node: Node, runtime: Runtime) -> None:
        super().__init__(spec, node, runtime)
        self.jobs: deque[Job] = deque()
        self.level: tuple[str, tuple[Any, ...]] | None = None
        """The lasting state that the last action set: done again when the device comes back."""
        self._broken: DeviceError | None = None
        self._specs = actions_of(type(node))
        self._doing = threading.Lock()

    def perform(self, action: str, args: tuple[Any, ...], cause: Event | None) -> None:
        """Do an action, in its turn. Called on the event loop."""
        job = (action, args, cause, self.runtime.clock.now())
        quick = not (self.node.blocking or self.inbound or self.jobs) and self.state == "on"
        if quick and self._doing.acquire(blocking=False):
            try:
                self._do(*job)
            except DeviceError as error:
                self._broken = error  # its own thread closes it and opens it again
                self.signal.set()
            finally:
                self._doing.release()
            return
        while len(self.jobs) >= MAX_ACTIONS and self.runtime.replaying and self.state != "lost" and not self.stopping.is_set():
            time.sleep(0.001)  # back-pressure: nothing of a file is left out
        if self.state == "lost":  # when it is back only the latest level counts
            if not self._specs[action].level:
                return
            self.jobs.clear()
        if len(self.jobs) < MAX_ACTIONS:
            self.jobs.append(job)
            self.signal.set()
        elif not self.stopping.is_set():
            self.failed(NodeError.of("XM506", node=self.name, limit=MAX_ACTIONS))

    def has_other_work(self) -> bool:
        return bool(self.jobs) or self._broken is not None

    def work(self) -> None:
        with self._doing:
            self._broken = None
            if any(self._specs[job[0]].level for job in self.jobs):
                self.level = None  # what waits comes after it
            elif self.level:
                self._call(*self.level)
        if self.tries:
            self._is_back()
        while not self.stopping.is_set():
            found = self.next_event()
            if self._broken is not None:
                raise self._broken
            if found is not None:
                self._receive(*found)
            while self.jobs and not self.stopping.is_set():
                with self._doing:
                    self._do(*self.jobs.popleft())

    def _receive(self, box: Mailbox, event: Event) -> None:
        if not self.paused:
            try:
                self.node.receive(event)
                self.events += 1
                self.latency = max(0.0, self.runtime.clock.now() - event.time)
            except DeviceError:
                raise
            except BaseException as error:  # noqa: BLE001  # reported; the loop goes on
                self.failed(error)
        box.done_count += 1

    def _do(self, action: str, args: tuple[Any, ...], cause: Event | None, asked: float) -> None:
        if self.paused or self.stopping.is_set() or (self.level == (action, args) and self._specs[action].level):
            return
        try:
            left = self._call(action, args)
        except DeviceError:
            if self._specs[action].level:
                self.jobs.appendleft((action, args, cause, asked))  # to be done when the device is back
            raise
        except BaseException as error:  # noqa: BLE001  # reported; the loop goes on
            self.failed(error)
            return
        if self._specs[action].level:
            self.level = (action, args)
        else:
            self.level = (left, ()) if isinstance(left, str) and left in self._specs else None
        # a file's time may be far ahead by now
        now = asked if self.runtime.replaying else self.runtime.clock.now()
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
            if self.state != "lost":
                self.failed(error)
