"""The event loop: everything is handled by one thread at a time, in the order in which it came. It never polls.

It has a thread of its own, which sleeps until something is put before it or the next timer is due. A worker that can
spare the time handles its own event instead, when nobody else is at it: that saves waking a thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from xmaker.rules.timers import Timers
from xmaker.runtime.clock import Clock
from xmaker.runtime.waking import Signal
from xmaker.values import Event

MAX_WAITING = 1024
"""Events that may wait for the loop; then whoever sends more has to wait, so that a flood cannot fill the memory."""
NOBODY = 0


class EventLoop:
    """Calls `handle` for each event and the callbacks of timers, one at a time; whatever they raise, it goes on."""

    def __init__(self, clock: Clock, handle: Callable[[Event], None], failed: Callable[[BaseException], None]) -> None:
        self.clock, self.timers = clock, Timers()
        self._handle, self._failed = handle, failed
        self._waiting: deque[Event | Callable[[], None]] = deque()
        self._signal = Signal()
        self._turn = threading.Lock()
        """Held by the thread whose turn it is to handle something."""
        self._whose = NOBODY
        self._sleeps_until = float("inf")
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="xmaker-loop", daemon=True)
        clock.wake = self._signal.set

    def start(self) -> None:
        self._thread.start()

    def put(self, event: Event) -> None:
        """Queue an event, from any thread."""
        if len(self._waiting) >= MAX_WAITING and self._whose != threading.get_ident():
            while len(self._waiting) > MAX_WAITING // 2 and not self._stopping:
                time.sleep(0.001)
        self._waiting.append(event)
        self._signal.set()

    def handle(self, event: Event) -> None:
        """Handle an event on this thread; queue it when another one is at it, or events wait that came before."""
        if self._waiting or not self._turn.acquire(blocking=False):
            self.put(event)
            return
        self._whose = threading.get_ident()
        try:
            if self._waiting:
                self.put(event)  # which lets nobody wait whose turn it is
                return
            self._do(event)
            due = self.timers.next_time()
            if due is not None and due < self._sleeps_until:
                self._signal.set()
        finally:
            self._whose = NOBODY
            self._turn.release()

    def call(self, callback: Callable[[], None]) -> None:
        """Have something done on the loop, from any thread; at once when it is this thread's turn."""
        if self._whose == threading.get_ident():
            callback()
        else:
            self._waiting.append(callback)
            self._signal.set()

    def call_and_wait(self, callback: Callable[[], None], timeout: float | None = 2.0) -> bool:
        """As `call`, and wait until it is done; return whether it was done in time. Without `timeout`, until the loop ends."""
        done = threading.Event()

        def call() -> None:
            try:
                callback()
            finally:
                done.set()

        self.call(call)
        if timeout is not None:
            return done.wait(timeout)
        while not done.wait(0.1) and not self._stopping:
            pass
        return done.is_set()

    def stop(self) -> None:
        """End the thread after what it is doing."""
        self._stopping = True
        self._signal.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(0.2)

    def _run(self) -> None:
        while not self._stopping:
            with self._turn:
                self._whose = threading.get_ident()
                self._do(None)
                while self._waiting and not self._stopping:
                    self._do(self._waiting.popleft())
                self._whose = NOBODY
                due = self.timers.next_time()
                self._sleeps_until = float("inf") if due is None else due
            timeout = None if due is None else self.clock.timeout(due)
            self._signal.wait(-1 if timeout is None else timeout)

    def _do(self, item: Event | Callable[[], None] | None) -> None:
        """Run the timers that are due, then handle one thing."""
        try:
            due = self.timers.next_time()
            if due is not None and due <= (now := self.clock.now()):
                self.timers.run(now)
            if type(item) is Event:
                self._handle(item)
            elif item is not None:
                item()  # type: ignore[operator]  # mypy does not narrow by `type(…) is`
        except BaseException as error:  # noqa: BLE001  # without its loop a run is dead
            self._failed(error)
