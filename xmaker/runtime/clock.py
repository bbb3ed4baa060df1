"""Time, injected: the computer's own, a file's, or a test's. Seconds since the run began."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic, sleep

from xmaker.runtime.waking import Latch

SHORT = 0.1
"""So many seconds are slept through even when the node is to stop: waking from a plain sleep costs half as much."""


class Clock:
    """The computer's monotonic clock."""

    wake: Callable[[], None]
    """Set by the event loop: to be called whenever time jumps, which the computer's never does."""

    def __init__(self) -> None:
        self._start = monotonic()

    def now(self) -> float:
        """Return the seconds since the run began."""
        return monotonic() - self._start

    def timeout(self, due: float) -> float | None:
        """Return how many real seconds the event loop may sleep until `due`; None until it is woken."""
        return max(0.0, due - self.now())

    def sleep(self, until: float, stopping: Latch) -> bool:
        """Wait until that moment; False when `stopping` was set instead."""
        remaining = min(until - self.now(), threading.TIMEOUT_MAX)
        if remaining > SHORT:
            stopping.wait(remaining)
        elif remaining > 0:
            sleep(remaining)
        return not stopping.is_set()

    def interrupt(self) -> None:
        """Let every sleeper look again whether it is to stop; here, each waits for `stopping` itself."""


class SetClock(Clock):
    """A clock that somebody sets: a file's time stamps, or a test.

    It goes to the latest time that it was set to, and never back.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._changed = threading.Condition()
        self.wake = lambda: None
        self.sleeping: dict[int, float] = {}
        """Thread → when it wants to be woken."""

    def now(self) -> float:
        return self._now

    def set(self, now: float) -> None:
        """Go to this time and wake whoever waited for it."""
        self._now = max(self._now, now)
        self.interrupt()
        self.wake()

    def timeout(self, due: float) -> float | None:
        return None if due > self._now else 0.0

    def sleep(self, until: float, stopping: Latch) -> bool:
        me = threading.get_ident()
        with self._changed:
            while self._now < until and not stopping.is_set():
                self.sleeping[me] = until
                self._changed.wait()
            self.sleeping.pop(me, None)
        return not stopping.is_set()

    def next_sleeper(self) -> float | None:
        """Return when the first of those who sleep wants to be woken."""
        return min(self.sleeping.values(), default=None)

    def interrupt(self) -> None:
        with self._changed:
            self._changed.notify_all()
