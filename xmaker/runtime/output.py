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
    outlives_wires = True

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
        quick = not (self.node.blocking or self.inbound or self.jobs) and self.state == "on"
        if quick and self._doing.acquire(blocking=False):
            try:
                self._do(action, args, cause, self.runtime.clock.now())
            except DeviceError as error:
                self._broken = error  # its own thread closes it and opens it again
                self.signal.set()
            finally:
                self._doing.release()
            return
        while len(self.jobs) >= MAX_ACTIONS:
            if not self.runtime.replaying or self.stopping.is_set():
                self.failed(NodeError.of("XM506", node=self.name, limit=MAX_ACTIONS))
                return
            time.sleep(0.001)  # back-pressure: nothing of a file is left out
        self.jobs.append((action, args, cause, self.runtime.clock.now()))
        self.signal.set()

    def has_other_work(self) -> bool:
        return bool(self.jobs) or self._broken is not None

    def work(self) -> None:
        self._broken = None
        if self.level:
            self._call(*self.level)
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
            except Exception as error:  # noqa: BLE001  # reported; the loop goes on
                self.failed(error)
        box.done_count += 1

    def _do(self, action: str, args: tuple[Any, ...], cause: Event | None, asked: float) -> None:
        if self.paused or (self.level == (action, args) and self._specs[action].level):
            return
        try:
            left = self._call(action, args)
        except DeviceError:
            if self._specs[action].level:
                self.level = (action, args)  # to be done when the device is back
            raise
        except Exception as error:  # noqa: BLE001  # reported; the loop goes on
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
        self.runtime.loop.done(self, Event(self.name, Action(action, args), now, self.events, cause))

    def _call(self, action: str, args: tuple[Any, ...]) -> Any:
        return getattr(self.node, action)(*args)

    def _close(self, opened: bool) -> None:
        if opened:
            self.make_safe()
        super()._close(opened)

    def make_safe(self) -> None:
        """Leave the hardware safe, whatever it was doing."""
        try:
            self.node.safe()
        except BaseException as error:  # noqa: BLE001  # the other outputs must be left safe too
            if self.state != "lost":
                self.failed(error)
