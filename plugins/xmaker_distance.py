"""How far away something is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from xmaker import Handle, Input, Pin, Quantity, Reading, Seconds, hookimpl


@dataclass
class Distance(Input):
    """An ultrasonic sensor (HC-SR04) on two pins; its echo pin needs a divider from 5 V to 3.3 V on a Raspberry Pi.
    接在两个引脚上的超声波传感器（HC-SR04）；在树莓派上，回波引脚要用电阻把 5 V 分压到 3.3 V。
    """

    use: ClassVar[str] = "distance"
    gives: ClassVar = {"value": Quantity("cm", 2, 400)}
    trigger: Annotated[Pin, "distance"] = Pin()
    """The pin that starts a measurement.
    触发测量的引脚（Trig）。"""
    echo: Annotated[Pin, "echo"] = Pin()
    """The pin on which the sensor answers.
    传感器回答的引脚（Echo）。"""
    every: Seconds = 0.1
    """How long from one reading to the next.
    两次读数之间隔多久。"""
    _sensor: Handle = field(init=False, repr=False)

    def open(self) -> None:
        self._sensor = self.trigger.open(self.echo)

    def read(self) -> Reading:
        return Reading(round(self._sensor.read() * 100, 1))


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Distance]
