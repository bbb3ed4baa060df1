"""From capture to action at 30 pictures a second, unloaded: what the framework adds to the bare loop's own time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from bench.measure import Row, Settings, added_to_bare, percentile, take_turns
from bench.networks import network_file, plugins_with_networks
from bench.rig import BareLoop, Rig, pictures

PERIOD = 1 / 30
FRAMES = 10
MODEL = "imagenet-int8"
LIMIT = 0.5


def run(settings: Settings) -> list[Row]:
    """Measure with the 8-bit network, both sides waiting for the next picture as a camera makes them wait."""
    plugins, images, every = plugins_with_networks(settings, ("int8",)), pictures(), list[float]()
    network, rig = network_file(plugins, MODEL), Rig(plugins, MODEL)

    def block(subject: BareLoop | Rig, kept: list[float]) -> Callable[[], float]:
        def measure() -> float:
            times = []
            for _ in range(FRAMES + 1):
                due = time.perf_counter() + PERIOD
                subject.frames(1, images)
                times.append(subject.seconds[0])
                time.sleep(max(0.0, due - time.perf_counter()))
            kept.extend(times[1:])
            return statistics.median(times[1:])

        return measure

    blocks = {"bare": block(BareLoop(*network), []), "project": block(rig, every), "bare again": block(BareLoop(*network), [])}
    path = take_turns(blocks, settings.rounds or 60)
    rig.stop()
    added, control = added_to_bare(path)
    own = f"bare {statistics.median(path['bare']) * 1e3:.2f} ms"
    return [
        Row("capture to action at 30 fps, added, p50", added * 1e3, "ms", LIMIT, f"A-A {control * 1e3:+.3f} ms", own),
        Row("capture to action at 30 fps, p50", percentile(every, 50) * 1e3, "ms"),
        Row("capture to action at 30 fps, p99", percentile(every, 99) * 1e3, "ms"),
    ]
