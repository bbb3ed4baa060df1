"""Time, injected: the computer's own, a file's, or a test's. Seconds since the run began."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Protocol


class Clock(Protocol):
    """Where a run gets its time from."""

    def now(self) -> float:
        """Return the seconds since the run began."""

    def timeout(self, due: float | None) -> float | None:
        """Return how many real seconds the event loop may sleep until `due`; None until it is woken."""

    def sleep(self, until: float, stopping: threading.Event) -> bool:
        """Wait until that moment; False when `stopping` was set instead."""

    def interrupt(self) -> None:
        """Let every sleeper look again whether it is to stop."""

    def on_change(self, wake: Callable[[], None]) -> None:
        """Have `wake` called whenever time jumps."""


class RealClock:
    """The computer's monotonic clock."""

    def __init__(self) -> None:
        self._start = monotonic()

    def now(self) -> float:
        return monotonic() - self._start

    def timeout(self, due: float | None) -> float | None:
        return None if due is None else max(0.0, due - self.now())

    def sleep(self, until: float, stopping: threading.Event) -> bool:
        remaining = min(until - self.now(), threading.TIMEOUT_MAX)
        return not (stopping.wait(remaining) if remaining > 0 else stopping.is_set())

    def interrupt(self) -> None:
        """Sleepers wait for `stopping` itself."""

    def on_change(self, wake: Callable[[], None]) -> None:
        """The real clock never jumps."""


class SetClock:
    """A clock that somebody sets: a file's time stamps, or a test.

    It goes to the latest time that it was set to, and never back.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._changed = threading.Condition()
        self._wakers: list[Callable[[], None]] = []
        self.sleeping: dict[int, float] = {}
        """Thread → when it wants to be woken."""

    def now(self) -> float:
        return self._now

    def set(self, now: float) -> None:
        """Go to this time and wake whoever waited for it."""
        with self._changed:
            self._now = max(self._now, now)
            self._changed.notify_all()
        for wake in self._wakers:
            wake()

    def timeout(self, due: float | None) -> float | None:
        return None if due is None or due > self._now else 0.0

    def sleep(self, until: float, stopping: threading.Event) -> bool:
        me = threading.get_ident()
        with self._changed:
            while self._now < until and not stopping.is_set():
                self.sleeping[me] = until
                self._changed.wait()
            self.sleeping.pop(me, None)
        return not stopping.is_set()

    def interrupt(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def on_change(self, wake: Callable[[], None]) -> None:
        self._wakers.append(wake)
