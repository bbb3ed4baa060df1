"""Timers on a heap, and nothing that polls: the event loop sleeps until the next one is due."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count


class Timer:
    """Something to be done at a moment, unless it is cancelled first."""

    __slots__ = ("callback", "time")

    def __init__(self, time: float, callback: Callable[[], None]) -> None:
        self.time = time
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class Timers:
    """All timers of a run. Times are seconds since the run began."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = count()

    def at(self, time: float, callback: Callable[[], None]) -> Timer:
        """Call back at that moment; of two at the same moment the first that was set comes first."""
        timer = Timer(time, callback)
        heapq.heappush(self._heap, (time, next(self._order), timer))
        return timer

    def next_time(self) -> float | None:
        """Return when the next timer is due."""
        while self._heap and self._heap[0][2].callback is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, now: float) -> None:
        """Call everything that is due, also what these calls set for now; bounded, so that a timer cannot starve the loop."""
        for _ in range(1000):
            due = self.next_time()
            if due is None or due > now:
                return
            callback, self._heap[0][2].callback = self._heap[0][2].callback, None
            heapq.heappop(self._heap)
            if callback:
                callback()
