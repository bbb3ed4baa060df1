"""Processor time of classifying ten pictures a second: small only when waiting threads do not spin."""

from __future__ import annotations

from bench.measure import Row, Settings, answer, child
from bench.networks import network_file, plugins_with_networks

LIMIT = 6.0


def run(settings: Settings) -> list[Row]:
    """Watch three processes at the same time: a project and two bare loops."""
    seconds = settings.seconds or 30.0
    network, _ = network_file(plugins_with_networks(settings, ("int8",)), "imagenet-int8")
    started = [child(program, seconds, network) for program in ("pace_bare", "pace", "pace_bare")]
    bare, project, again = (answer(process) * 100 for process in started)
    return [Row("CPU at 10 fps, INT8", project, "% of a core", LIMIT, f"A/A {bare / again:.2f}", f"bare {bare:.2f} %")]
