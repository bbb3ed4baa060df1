"""How bright it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from xmaker import Handle, Input, Pin, Quantity, Reading, Seconds, hookimpl


@dataclass
class Light(Input):
    """A photoresistor on an analog pin, with a resistor of 10 kΩ to ground: 0 % is dark, 100 % is bright.
    模拟引脚上的光敏电阻，另接 10 kΩ 电阻到地：0 % 是黑暗，100 % 是明亮。
    """

    use: ClassVar[str] = "light"
    gives: ClassVar = {"value": Quantity("%", 0, 100)}
    pin: Annotated[Pin, "light"] = Pin()
    """The analog pin of the sensor; nothing is the board's own.
    传感器的模拟引脚；不写就是板子自己的传感器。"""
    every: Seconds = 0.2
    """How long from one reading to the next.
    两次读数之间隔多久。"""
    _sensor: Handle = field(init=False, repr=False)

    def open(self) -> None:
        self._sensor = self.pin.open()

    def read(self) -> Reading:
        return Reading(round(self._sensor.read() * 100, 1))


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Light]
