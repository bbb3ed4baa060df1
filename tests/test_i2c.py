"""The board's I2C bus, through smbus2's own interface."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import smbus2

from xmaker import (
    DeviceError,
    MissingDependency,
)
from xmaker.drivers import I2CBus


class FakeSMBus:
    """smbus2's own interface, with one device at 0x76."""

    def __init__(self, number: int) -> None:
        if number != 1:
            raise FileNotFoundError(2, "No such file or directory")
        self.written: list[Any] = []
        self.closed = False

    def read_i2c_block_data(self, address: int, register: int, length: int) -> list[int]:
        if address != 0x76:
            raise OSError(121, "Remote I/O error")
        return [register] * length

    def write_i2c_block_data(self, address: int, register: int, data: list[int]) -> None:
        self.written.append((address, register, data))

    def close(self) -> None:
        self.closed = True


def test_the_boards_bus_speaks_smbus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smbus2, "SMBus", FakeSMBus)
    bus = I2CBus(1)
    assert bus.device(0x76).read(0xD0, 2) == b"\xd0\xd0"
    bus.device(0x76).write(0xF4, b"\x27")
    assert bus._bus.written == [(0x76, 0xF4, [0x27])]
    with pytest.raises(DeviceError, match="Nothing answers at I2C address 0x77"):
        bus.device(0x77).read(0)
    bus.close()
    assert bus._bus.closed


def test_a_bus_that_is_not_there_may_come_later() -> None:
    with pytest.raises(DeviceError, match="The I2C bus 99 cannot be opened"):
        I2CBus(99)


def test_without_its_library_the_bus_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smbus2", None)
    with pytest.raises(MissingDependency) as raised:
        I2CBus(1)
    assert raised.value.hint.endswith("pip install smbus2")
