"""Ten minutes at 30 pictures a second: memory and age stay flat."""

from __future__ import annotations

import time
from typing import Any

from bench.measure import Row, Settings, memory_mb, percentile
from bench.networks import plugins_with_networks
from bench.overload import FLAT, ages_of_frames
from xmaker import Project

GROWTH = 1.0


def run(settings: Settings) -> list[Row]:
    """Watch the 8-bit network at work; the first tenth does not count, memory is still being taken then."""
    plugins, minutes = plugins_with_networks(settings, ("int8",)), settings.minutes or 10.0
    make: Any = plugins.nodes["classifier"]
    start, memory = time.monotonic(), list[tuple[float, float]]()

    def note() -> None:
        memory.append((time.monotonic() - start, memory_mb()))

    ages = ages_of_frames(Project("soak", plugins=plugins), make(model="imagenet-int8"), minutes * 60, note)
    memory, ages = memory[len(memory) // 10 :], ages[len(ages) // 10 :]
    tenth, window = max(1, len(memory) // 9), max(1, len(ages) // 9)
    first, last = (sum(size for _, size in part) / tenth for part in (memory[:tenth], memory[-tenth:]))
    young, old = percentile(ages[:window], 50), percentile(ages[-window:], 50)
    return [
        Row("memory, last tenth less second", last - first, "MB", GROWTH, beside=f"{first:.1f} then {last:.1f} MB"),
        Row("memory, slope", _slope(memory) * 60, "MB/min", beside=f"over {minutes:g} minutes"),
        Row("age, last tenth to second", old / young, "x", FLAT, beside=f"{young * 1e3:.2f} then {old * 1e3:.2f} ms"),
        Row("age, p99", percentile(ages, 99) * 1e3, "ms", beside=f"{len(ages)} frames"),
    ]


def _slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the line through the points that leaves the smallest squares; 0 of a single one."""
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
