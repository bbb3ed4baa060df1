"""Processor time and delay that the framework adds to a frame, against the bare loop."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from bench.measure import Row, Settings, added_to_bare, against_bare, cpu_seconds, take_turns
from bench.networks import PRECISIONS, network_file, plugins_with_networks
from bench.rig import BareLoop, Rig, pictures
from xmaker import Plugins

FRAMES = 20
LIMITS = {"fp32": 1.03, "int8": 1.05}
ADDED = 150.0


def run(settings: Settings) -> list[Row]:
    """Measure with the 32-bit network, then with the 8-bit one."""
    plugins, rounds = plugins_with_networks(settings), settings.rounds or 60
    return [row for precision in PRECISIONS for row in _rows(precision, plugins, rounds)]


def _rows(precision: str, plugins: Plugins, rounds: int) -> list[Row]:
    model = f"imagenet-{precision}"
    network, images, path = network_file(plugins, model), pictures(), dict[str, list[float]]()
    rig = Rig(plugins, model)
    subjects: dict[str, BareLoop | Rig] = {"bare": BareLoop(*network), "project": rig, "bare again": BareLoop(*network)}

    def block(name: str) -> Callable[[], float]:
        subject, times = subjects[name], path.setdefault(name, [])

        def measure() -> float:
            subject.frames(1, images)  # warm
            cpu = cpu_seconds(lambda: subject.frames(FRAMES, images)) / FRAMES
            times.append(statistics.median(subject.seconds))
            return cpu

        return measure

    cpu = take_turns({name: block(name) for name in subjects}, rounds)
    rig.stop()
    title, own = precision.upper(), f"bare {statistics.median(cpu['bare']) * 1e3:.2f} ms"
    ratio, control = against_bare(cpu)
    (more, more_control), (later, later_control) = added_to_bare(cpu), added_to_bare(path)
    return [
        Row(f"CPU a frame, {title}", ratio, "x bare", LIMITS[precision], f"A/A {control:.3f}", own),
        Row(f"CPU added a frame, {title}", more * 1e6, "µs", None, f"A-A {more_control * 1e6:+.0f} µs"),
        Row(f"capture to action, added, {title}", later * 1e6, "µs", ADDED, f"A-A {later_control * 1e6:+.0f} µs"),
    ]
