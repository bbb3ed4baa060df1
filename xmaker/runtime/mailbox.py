"""The bounded queue on a wire. What it does when it is full depends on what it carries."""

from __future__ import annotations

from collections import deque
from typing import Literal

from xmaker.runtime.waking import Latch, Signal
from xmaker.values import Event, Sound

Policy = Literal["newest", "queue", "sound", "wait"]
"""newest: one slot, a newer event takes the place of the older (live frames). queue: the oldest is dropped.
sound: as queue, but bounded by seconds. wait: the sender waits (a file that is read as fast as its readers can)."""

QUEUE = 64
"""Events that a queue holds."""
SOUND_SECONDS = 2.0


class Mailbox:
    """Carries events from one node to one other. One thread puts, one takes."""

    def __init__(self, policy: Policy, reader: Signal) -> None:
        self.policy = policy
        self.dropped = 0
        self.done_count = 0
        """Events that the reader has finished with."""
        self.closed = False
        """The reader is gone: what is put in is lost, and nobody waits for room."""
        self._reader, self._writer = reader, Signal()
        self._events: deque[Event] = deque(maxlen=1 if policy == "newest" else None)

    def put(self, event: Event, stopping: Latch) -> None:
        """Put an event in; with the policy `wait`, block until there is room, the reader is gone or `stopping` is set."""
        events = self._events
        if self.policy == "newest":
            self.dropped += len(events)  # a reader may take it meanwhile: one too many counted, never one lost
        elif self.policy == "wait":
            while events and not self.closed and not stopping.is_set():
                self._writer.wait(0.2)
        elif self.policy == "sound" and isinstance(event.value, Sound):
            while events and sum(waiting.value.seconds for waiting in (*events, event)) > SOUND_SECONDS:
                self._drop_oldest()
        elif len(events) >= QUEUE:
            self._drop_oldest()
        events.append(event)
        self._reader.set()

    def _drop_oldest(self) -> None:
        if self.take():  # else the reader was faster
            self.dropped += 1

    def take(self) -> Event | None:
        """Return the next event, or None when there is none now."""
        try:
            event = self._events.popleft()
        except IndexError:
            return None
        if self.policy == "wait":
            self._writer.set()
        return event

    def close(self) -> None:
        """Say that nobody will take anything any more."""
        self.closed = True
        self._writer.set()

    def waiting(self) -> int:
        """Return how many events lie in it."""
        return len(self._events)
