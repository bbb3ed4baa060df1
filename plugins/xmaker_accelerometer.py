"""How a board is held and shaken."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import Annotated, ClassVar

from xmaker import Handle, Input, Pin, Quantity, Reading, Seconds, hookimpl


@dataclass
class Accelerometer(Input):
    """How a board is held: x, y, z, and the strength of all three. Lying still that is 1 g; shaken it grows.
    板子的姿态：x、y、z，和三者合起来的强度。静止时是 1 g，晃动时变大。

    A UNIHIKER has an accelerometer of its own; a Raspberry Pi reads one on its I2C pins (an MPU6050) through Linux.
    """

    use: ClassVar[str] = "accelerometer"
    gives: ClassVar = {**{axis: Quantity("g", -2, 2) for axis in "xyz"}, "strength": Quantity("g", 0, 4)}
    part: Annotated[Pin, "accelerometer"] = Pin()
    """Nothing: the board knows where it is.
    不用写：板子知道它在哪里。"""
    every: Seconds = 0.1
    """How long from one reading to the next.
    两次读数之间隔多久。"""
    _sensor: Handle = field(init=False, repr=False)

    def open(self) -> None:
        self._sensor = self.part.open()

    def read(self) -> Reading:
        x, y, z = self._sensor.read()
        return Reading(x=round(x, 3), y=round(y, 3), z=round(z, 3), strength=round(sqrt(x * x + y * y + z * z), 3))


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Accelerometer]
