"""How long a node's latest value counts: until the node has been silent for too long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from xmaker.rules.timers import Timers

MIN_FRESH = 2.0
"""Seconds that a value lasts at least, whatever its node's period."""


class Freshness(msgspec.Struct):
    """How long a node's value lasts: as the project says, or three of its periods (None: until the next value)."""

    fresh: float | None = None
    period: float | None = None
    learns: bool = False
    """Whether the shorter of its last two gaps counts as its period, if that is longer: a slow model's does."""


class Ages:
    """When each node was heard last; `lost` is called with the name of one that has been silent for too long."""

    def __init__(self, now: Callable[[], float], timers: Timers, lost: Callable[[str], None]) -> None:
        self._now, self._timers, self._lost = now, timers, lost
        self.lasts: Mapping[str, Freshness] = {}
        """The nodes whose values age."""
        self._heard: dict[str, float] = {}
        self._gap: dict[str, tuple[float, ...]] = {}
        self._watched: set[str] = set()

    def apply(self, fresh: Mapping[str, Freshness]) -> None:
        """Take what lasts how long from now on."""
        self.lasts = {name: lasts for name, lasts in fresh.items() if lasts.fresh is not None or lasts.period is not None}

    def seen(self, name: str) -> None:
        """Take note of a new value of one of these nodes."""
        now = self._now()
        if self.lasts[name].learns and (last := self._heard.get(name)) is not None:
            self._gap[name] = (now - last, *self._gap.get(name, ())[:1])
        self._heard[name] = now
        if name not in self._watched:
            self._watched.add(name)
            self._timers.at(now + self._seconds(name), partial(self._look, name))

    def silent_for(self, name: str) -> float:
        """Return for how many seconds a node has been silent, when that is too long for its value to count; else 0."""
        silence = self._now() - self._heard.get(name, self._now())
        return silence if name in self.lasts and silence >= self._seconds(name) else 0.0

    def _seconds(self, name: str) -> float:
        freshness = self.lasts[name]
        if freshness.fresh is not None:
            return freshness.fresh
        return max(MIN_FRESH, 3 * max(freshness.period or 0.0, min(self._gap.get(name, (0.0,)))))

    def _look(self, name: str) -> None:
        """One timer a node, set anew only when it is due: an event costs no heap operation."""
        if name in self.lasts and (due := self._heard[name] + self._seconds(name)) > self._now():
            self._timers.at(due, partial(self._look, name))
            return
        self._watched.discard(name)
        if name in self.lasts:
            self._lost(name)
