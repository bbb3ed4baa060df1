"""Temperature and humidity from a DHT11 or DHT22."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from xmaker import Handle, Input, Pin, Quantity, Reading, Seconds, hookimpl


@dataclass
class Dht(Input):
    """Temperature and humidity of the air from a DHT11 (blue) or a DHT22 (white): `air.temperature`, `air.humidity`.
    空气的温度和湿度，用 DHT11（蓝色）或 DHT22（白色）：`air.temperature`、`air.humidity`。
    """

    use: ClassVar[str] = "dht"
    gives: ClassVar = {"temperature": Quantity("°C", 0, 50), "humidity": Quantity("%", 0, 100)}
    pin: Annotated[Pin, "dht"] = Pin()
    """The pin of the data wire.
    数据线的引脚。"""
    model: Literal[11, 22] = 11
    """Which of the two it is.
    是两种里的哪一种。"""
    every: Seconds = 2.0
    """How long from one reading to the next; the sensor can do no faster.
    两次读数之间隔多久；传感器不能更快。"""
    _sensor: Handle = field(init=False, repr=False)

    def open(self) -> None:
        self._sensor = self.pin.open(model=self.model)

    def read(self) -> Reading:
        temperature, humidity = self._sensor.read()
        return Reading(temperature=temperature, humidity=humidity)


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Dht]
