"""Processor time of a project that has next to nothing to do: a sensor ten times a second, and a rule."""

from __future__ import annotations

from bench.measure import Row, Settings, answer, child

LIMIT = 1.8


def run(settings: Settings) -> list[Row]:
    """Watch three processes at the same time: a project and two bare loops."""
    seconds = settings.seconds or 30.0
    started = [child(program, seconds) for program in ("idle_bare", "idle", "idle_bare")]
    bare, project, again = (answer(process) * 1e3 for process in started)
    own = f"bare {bare:.2f} ms/s"
    return [Row("CPU idle, a 10 Hz sensor and a rule", project, "ms/s", LIMIT, f"A/A {bare / again:.2f}", own)]
