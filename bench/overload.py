"""A camera of 30 pictures a second before a model that takes 100 ms: how old a picture is when its action is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bench.measure import Row, Settings, percentile
from bench.rig import Ages, Sink, pictures
from xmaker import Frame, Input, Label, Model, Project, Runtime, Seconds

PERIOD = 1 / 30
MODEL_SECONDS = 0.1
LIMIT, FLAT = 137.0, 1.1


@dataclass
class SteadyCamera(Input):
    """Gives a picture every thirtieth of a second, whether or not anybody is ready for it."""

    use: ClassVar[str] = "camera"
    gives: ClassVar = Frame
    every: Seconds = PERIOD
    _images: list[Any] = field(init=False, default_factory=pictures)

    def read(self) -> Frame:
        return Frame(self._images[0])


@dataclass
class SlowModel(Model):
    """Takes its time, as a network does: without holding Python's lock."""

    use: ClassVar[str] = "pet"
    takes: ClassVar = (Frame,)
    gives: ClassVar = Label

    def run(self, value: Frame) -> Label:
        time.sleep(MODEL_SECONDS)
        return Label("cat")


def run(settings: Settings) -> list[Row]:
    """Watch for a minute."""
    ages = ages_of_frames(Project("overload"), SlowModel(), settings.seconds or 60.0)[1:]
    third = max(1, len(ages) // 3)
    # the oldest, not the middle: where in the camera's period the model asks drifts slowly, and the middle drifts with it
    first, last = percentile(ages[:third], 99), percentile(ages[-third:], 99)
    ideal = f"ideal {1e3 * MODEL_SECONDS:.0f} to {1e3 * (MODEL_SECONDS + PERIOD):.0f} ms"
    return [
        Row("age at the action under overload, p50", percentile(ages, 50) * 1e3, "ms", beside=f"{len(ages)} frames"),
        Row("age at the action under overload, p99", percentile(ages, 99) * 1e3, "ms", LIMIT, beside=ideal),
        Row("p99 of age, last third to first", last / first, "x", FLAT, beside=f"{first * 1e3:.1f} then {last * 1e3:.1f} ms"),
    ]


def ages_of_frames(project: Project, model: Model, seconds: float, tick: Callable[[], None] = lambda: None) -> list[float]:
    """Run steady camera → model → rule → sink, and return the seconds from capture to action of each frame."""
    ages = Ages()
    project.plugins.manager.register(ages)
    project.add(SteadyCamera()).add(model, name="pet", from_="camera").add(Sink())
    project.rule(each="pet", then=["sink.show(pet.score)"])
    runtime, end = Runtime(project.plugins), time.monotonic() + seconds
    runtime.apply(project)
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(1.0, left))
        tick()
    runtime.stop()
    return list(ages.seconds)
