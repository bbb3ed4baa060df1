"""Temperature, humidity and air pressure from a BME280."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import ClassVar

from xmaker import I2C, DeviceError, I2CAddress, Input, Quantity, Reading, Seconds, hookimpl


@dataclass
class Bme280(Input):
    """Temperature, humidity and air pressure from a BME280 on the I2C bus.
    温度、湿度和气压：I2C 总线上的 BME280。
    """

    use: ClassVar[str] = "bme280"
    gives: ClassVar = {
        "temperature": Quantity("°C", -20, 50),
        "humidity": Quantity("%", 0, 100),
        "pressure": Quantity("hPa", 950, 1050),
    }
    address: I2CAddress = I2CAddress(0x76)
    """Its address on the bus: 0x76, or 0x77 when its SDO pin is high.
    总线上的地址：0x76；SDO 引脚接高电平时是 0x77。"""
    every: Seconds = 1.0
    """How long from one reading to the next.
    两次读数之间隔多久。"""
    _bus: I2C = field(init=False, repr=False)
    _t: tuple[int, ...] = field(init=False, repr=False)
    """The chip's own calibration: of temperature, pressure and humidity."""
    _p: tuple[int, ...] = field(init=False, repr=False)
    _h: tuple[int, ...] = field(init=False, repr=False)

    def open(self) -> None:
        self._bus = self.i2c(self.address)
        if self._bus.read(0xD0) != b"\x60":
            raise DeviceError.of("XM856", address=f"0x{self.address:02X}", chip="BME280")
        t_p, h1, h = self._bus.read(0x88, 24), self._bus.read(0xA1), self._bus.read(0xE1, 7)
        self._t, self._p = struct.unpack("<Hhh", t_p[:6]), struct.unpack("<Hhhhhhhhh", t_p[6:])
        h2, h3, e4, e5, e6, h6 = struct.unpack("<hBbBbb", h)
        self._h = (h1[0], h2, h3, e4 * 16 + e5 % 16, e6 * 16 + e5 // 16, h6)
        self._bus.write(0xF2, b"\x01")
        self._bus.write(0xF4, b"\x27")  # every quantity once, again and again

    def read(self) -> Reading:
        data = self._bus.read(0xF7, 8)
        fine = self._fine(int.from_bytes(data[3:6]) >> 4)
        humidity = self._humidity(fine, int.from_bytes(data[6:8]))
        pressure = self._pressure(fine, int.from_bytes(data[:3]) >> 4)
        return Reading(temperature=round(fine / 5120, 2), humidity=round(humidity, 1), pressure=round(pressure, 1))

    # The formulas are those of Bosch's data sheet BST-BME280-DS001, appendix 8.1, in floating point.
    def _fine(self, raw: int) -> float:
        t1, t2, t3 = self._t
        return (raw / 16384 - t1 / 1024) * t2 + (raw / 131072 - t1 / 8192) ** 2 * t3

    def _pressure(self, fine: float, raw: int) -> float:
        p1, p2, p3, p4, p5, p6, p7, p8, p9 = self._p
        half = fine / 2 - 64000
        low = (half * half * p6 / 32768 + half * p5 * 2) / 4 + p4 * 65536
        high = (1 + (p3 * half * half / 524288 + p2 * half) / 524288 / 32768) * p1
        if not high:
            return 0.0  # no calibration: this is no real chip
        value = (1048576 - raw - low / 4096) * 6250 / high
        return (value + (p9 * value * value / 2147483648 + value * p8 / 32768 + p7) / 16) / 100

    def _humidity(self, fine: float, raw: int) -> float:
        h1, h2, h3, h4, h5, h6 = self._h
        part = fine - 76800
        value = (raw - (h4 * 64 + h5 / 16384 * part)) * h2 / 65536
        value *= 1 + h6 / 67108864 * part * (1 + h3 / 67108864 * part)
        return max(0.0, min(100.0, value * (1 - h1 * value / 524288)))


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Bme280]
