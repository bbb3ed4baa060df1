"""The event loop: one thread, blocked on one queue with the next timer as its time-out. It never polls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from xmaker.rules.timers import Timers
from xmaker.runtime.clock import Clock
from xmaker.values import Event

MAX_WAITING = 1024
"""Events that may wait for the loop; then whoever sends more has to wait, so that a flood cannot fill the memory."""


class EventLoop:
    """Calls `handle` for each event and the callbacks of timers, all on one thread; whatever they raise, it goes on."""

    def __init__(self, clock: Clock, handle: Callable[[Event], None], failed: Callable[[BaseException], None]) -> None:
        self.clock, self.timers = clock, Timers()
        self._handle, self._failed = handle, failed
        self._queue: SimpleQueue[Event | Callable[[], None] | None] = SimpleQueue()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="xmaker-loop", daemon=True)
        clock.wake = lambda: self._queue.put(None)

    def start(self) -> None:
        self._thread.start()

    def put(self, event: Event) -> None:
        """Queue an event, from any thread."""
        if self._queue.qsize() >= MAX_WAITING and threading.current_thread() is not self._thread:
            while self._queue.qsize() > MAX_WAITING // 2 and not self._stopping:
                time.sleep(0.001)
        self._queue.put(event)

    def call(self, callback: Callable[[], None]) -> None:
        """Have something done on the loop, from any thread; at once when this is the loop."""
        if threading.current_thread() is self._thread:
            callback()
        else:
            self._queue.put(callback)

    def call_and_wait(self, callback: Callable[[], None], timeout: float = 2.0) -> bool:
        """As `call`, and wait until it is done; return whether it was done in time."""
        done = threading.Event()

        def call() -> None:
            try:
                callback()
            finally:
                done.set()

        self.call(call)
        return done.wait(timeout)

    def stop(self) -> None:
        """End the thread after what it is doing."""
        self._stopping = True
        self._queue.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(0.2)

    def _run(self) -> None:
        queue, timers, clock = self._queue, self.timers, self.clock
        while not self._stopping:
            due = timers.next_time()
            try:
                item = queue.get() if due is None or queue.qsize() else queue.get(timeout=clock.timeout(due))
            except Empty:
                item = None
            try:
                if due is not None and due <= (now := clock.now()):
                    timers.run(now)
                if type(item) is Event:
                    self._handle(item)
                elif item is not None:
                    item()  # type: ignore[operator]  # mypy does not narrow by `type(…) is`
            except BaseException as error:  # noqa: BLE001  # without its loop a run is dead
                self._failed(error)
