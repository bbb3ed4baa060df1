"""Scans the I2C bus, as i2cdetect does."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence

import click

from xmaker import DeviceError
from xmaker.drivers import I2CBus
from xmaker.errors import message
from xmaker_doctor.checks import this_machine
from xmaker_doctor.findings import Machine, broken, rehint
from xmaker_doctor.pins import i2c_fault
from xmaker_doctor.report import tell

CHIPS = {
    0x10: "VEML7700",
    0x1E: "HMC5883L",
    0x20: "PCF8574, MCP23017",
    0x23: "BH1750",
    0x27: "LCD1602 (PCF8574)",
    0x29: "VL53L0X, TCS34725, TSL2591",
    0x38: "AHT20",
    0x39: "APDS9960",
    0x3C: "SSD1306",
    0x3D: "SSD1306",
    0x40: "INA219, PCA9685, SHT21, HTU21D",
    0x44: "SHT31",
    0x48: "ADS1115, PCF8591",
    0x50: "AT24C32",
    0x57: "MAX30102, AT24C32",
    0x5A: "MLX90614, MPR121",
    0x5C: "AM2320, BH1750",
    0x60: "MCP4725",
    0x62: "SCD40",
    0x68: "MPU6050, DS3231",
    0x69: "MPU6050",
    0x6B: "QMI8658, LSM6DS3",
    0x70: "TCA9548A, HT16K33",
    0x76: "BME280, BMP280",
    0x77: "BME280, BMP280, BMP180",
}
"""Address → the chips that makers usually meet there."""
ADDRESSES = range(0x08, 0x78)


def scan(bus: int | None) -> int:
    """Print who answers; return the exit code."""
    machine = this_machine()
    number = machine.board.i2c_bus if bus is None else bus
    if number is None:
        error = DeviceError.of("XM617", board=machine.board.title)
        rehint(error)
        raise error
    if fault := i2c_fault(machine, number):
        tell(fault)
        return 1
    return show(machine, number, answering(_reader(number)))


def show(machine: Machine, number: int, found: Sequence[tuple[int, bool]]) -> int:
    """Print the addresses, and what is usual there."""
    for address, taken in found:
        click.echo(f"0x{address:02X}  {message('XM894', 'what') if taken else CHIPS.get(address, '?')}")
    if not found:
        tell(broken("i2c", "XM893", device=machine.shown(machine.root / f"dev/i2c-{number}")))
    return int(not found)


def answering(read: Callable[[int], object]) -> list[tuple[int, bool]]:
    """Return each address that answers when a byte is read from it, and whether a driver of the system has it already."""
    found = []
    for address in ADDRESSES:
        try:
            read(address)
        except OSError as error:
            if error.errno == errno.EBUSY:
                found.append((address, True))
        else:
            found.append((address, False))
    return found


def _reader(number: int) -> Callable[[int], object]:
    """Return what reads a byte from an address. Raises DeviceError when the bus cannot be opened."""
    I2CBus(number).close()  # it says in the user's words why a bus cannot be opened
    import smbus2

    return smbus2.SMBus(number).read_byte  # type: ignore[no-any-return]
