"""Whether something warm moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from xmaker import Handle, Input, Pin, Quantity, Reading, Seconds, hookimpl


@dataclass
class Motion(Input):
    """A motion sensor (PIR, such as HC-SR501) on a pin: true while it sees something move. It needs a minute to settle.
    引脚上的人体感应传感器（PIR，例如 HC-SR501）：看到有东西动时是 true。通电后要等一分钟才稳定。
    """

    use: ClassVar[str] = "motion"
    gives: ClassVar = {"value": Quantity(kind="flag")}
    pin: Annotated[Pin, "input"] = Pin()
    """The pin of the sensor.
    传感器的引脚。"""
    every: Seconds = 0.1
    """How long from one reading to the next.
    两次读数之间隔多久。"""
    _sensor: Handle = field(init=False, repr=False)

    def open(self) -> None:
        self._sensor = self.pin.open(pull="down")

    def read(self) -> Reading:
        return Reading(bool(self._sensor.read()))


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Motion]
