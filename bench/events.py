"""How many sensor events a second pass five observers and a rule, as fast as an input can give them."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, ClassVar

from bench.measure import Row, Settings, against_bare, take_turns
from bench.rig import Sink
from xmaker import Event, Finished, Input, Plugins, Project, Quantity, Reading, Runtime, hookimpl
from xmaker.runtime.waking import Signal

EVENTS = 50_000
OBSERVERS = 5
LIMIT = 150_000.0
HIGH = 0.998


@dataclass
class Flood(Input):
    """Gives a block of readings without a pause, each time that it is asked to."""

    use: ClassVar[str] = "flood"
    gives: ClassVar = {"value": Quantity("", 0, 1)}
    left: int = field(init=False, default=0)
    go: Signal = field(init=False, default_factory=Signal)

    def read(self) -> Reading:
        if not self.left:
            self.go.wait()
            if not self.left:
                raise Finished
        self.left -= 1
        return Reading(self.left % 1000 / 1000)


class Counter:
    """An observer that counts events, and says when it has seen the last."""

    def __init__(self) -> None:
        self.left, self.finished = 0, Signal()

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if event.node == "flood":
            self.left -= 1
            if not self.left:
                self.finished.set()


def run(settings: Settings) -> list[Row]:
    """Measure blocks of events, and beside them a bare thread that calls five functions and compares."""
    plugins, counters = Plugins.load(), [Counter() for _ in range(OBSERVERS)]
    for counter in counters:
        plugins.manager.register(counter)
    project = Project("events", plugins=plugins).add(Flood()).add(Sink())
    project.rule(when=f"flood > {HIGH}", then=["sink.show(flood)"])
    runtime = Runtime(plugins)
    runtime.apply(project)
    flood: Any = runtime.workers["flood"].node

    def block() -> float:
        for counter in counters:
            counter.left = EVENTS
        start, flood.left = time.perf_counter(), EVENTS
        flood.go.set()
        for counter in counters:
            counter.finished.wait(60)
        return (time.perf_counter() - start) / EVENTS

    block()  # warm
    seconds = take_turns({"bare": _bare_block, "project": block, "bare again": _bare_block}, settings.rounds or 20)
    flood.go.set()
    runtime.stop()
    rate, bare = 1 / statistics.median(seconds["project"]), 1 / statistics.median(seconds["bare"])
    ratio, control = against_bare(seconds)
    best = f"best block {1 / min(seconds['project']):,.0f}/s, bare {bare:,.0f}/s"
    return [
        Row("sensor events through 5 observers and a rule", rate, "/s", LIMIT, beside=best, at_least=True),
        Row("time an event", ratio, "x bare", control=f"A/A {control:.3f}"),
    ]


def _bare_block() -> float:
    """Return the seconds of a reading that goes through a queue to a thread, which calls five functions and compares."""
    queue: SimpleQueue[tuple[str, float, float] | None] = SimpleQueue()
    seen = [0] * OBSERVERS

    def observer(number: int) -> Callable[[tuple[str, float, float]], None]:
        def observe(event: tuple[str, float, float]) -> None:
            seen[number] += 1

        return observe

    def consume() -> None:
        observers = [observer(number) for number in range(OBSERVERS)]
        while (event := queue.get()) is not None:
            for observe in observers:
                observe(event)
            if event[1] > HIGH:
                seen[0] += 0

    thread = threading.Thread(target=consume)
    start = time.perf_counter()
    thread.start()
    for number in range(EVENTS):
        while queue.qsize() > 1024:
            time.sleep(0.001)
        queue.put(("flood", number % 1000 / 1000, time.monotonic()))
    queue.put(None)
    thread.join()
    return (time.perf_counter() - start) / EVENTS
