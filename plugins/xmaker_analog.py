"""The voltage on an analog pin: a knob, a joystick, a soil sensor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from xmaker import Handle, Input, Pin, Quantity, Reading, Seconds, hookimpl


@dataclass
class Analog(Input):
    """An analog pin: 0 is no voltage, 1 the board's own.
    模拟引脚：0 是没有电压，1 是板子自己的电压。

    A knob's outer legs go to the two, its middle leg to the pin.
    """

    use: ClassVar[str] = "analog"
    gives: ClassVar = {"value": Quantity("", 0, 1)}
    pin: Annotated[Pin, "analog"] = Pin()
    """The analog pin: `A0`.
    模拟引脚：`A0`。"""
    every: Seconds = 0.05
    """How long from one reading to the next.
    两次读数之间隔多久。"""
    _sensor: Handle = field(init=False, repr=False)

    def open(self) -> None:
        self._sensor = self.pin.open()

    def read(self) -> Reading:
        return Reading(round(self._sensor.read(), 3))


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Analog]
