"""Pins, buses and boards: what a node may touch, and the interface of what moves it.

A `Driver` (gpiozero, pinpong, the simulator) moves pins; the runtime shares one driver of a kind among all nodes
and closes it last. Nodes never see the driver: they ask their `Pin` for a handle.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import msgspec

from xmaker.errors import DeviceError, MissingDependency, message


class Board(msgspec.Struct, frozen=True):
    """The computer that XMaker runs on."""

    name: str
    """The word that `pin: {pi: 17, unihiker: P25}` uses."""
    title: str
    driver: str
    """The driver that moves its pins, unless a project names another."""
    i2c_bus: int | None = None
    simulated: bool = False


class Handle(Protocol):
    """One thing on one pin, as a driver gives it out."""

    def write(self, value: float) -> None:
        """Set it: 0..1 for an output, degrees for a servo."""

    def read(self) -> float:
        """Return what it shows: 0..1 for an analog pin, metres for a distance."""

    def close(self) -> None:
        """Leave it safe and free the pin."""


class Driver:
    """Base of the drivers. A driver offers what its hardware can; the rest stays as it is here and says so."""

    name: ClassVar[str]

    def __init__(self, simulate: bool = False) -> None:
        self.simulate = simulate

    def output(self, pin: str) -> Handle:
        """Return a pin whose level can be set from 0 to 1 (by PWM where the pin has it)."""
        raise self._cannot("output")

    def servo(self, pin: str) -> Handle:
        """Return a servo that takes an angle from 0 to 180 degrees."""
        raise self._cannot("servo")

    def analog(self, pin: str) -> Handle:
        """Return a pin whose voltage reads as 0 to 1."""
        raise self._cannot("analog")

    def distance(self, trigger: str, echo: str) -> Handle:
        """Return an ultrasonic distance sensor that reads metres."""
        raise self._cannot("distance")

    def input(self, pin: str, pull: str = "") -> Handle:
        """Return a pin that reads 0 or 1; `pull` is the board's own resistor on it: "up", "down" or none."""
        raise self._cannot("input")

    def light(self, pin: str) -> Handle:
        """Return a light sensor that reads 0 to 1."""
        raise self._cannot("light")

    def tone(self, pin: str) -> Handle:
        """Return a buzzer that takes a frequency in Hz; 0 is silence."""
        raise self._cannot("tone")

    def dht(self, pin: str, model: int) -> Handle:
        """Return a DHT11 or DHT22 (`model` 11 or 22) that reads the temperature in °C and the humidity in %."""
        raise self._cannot("dht")

    def pixels(self, pin: str, count: int) -> Handle:
        """Return a strip of `count` coloured lamps that takes a (red, green, blue) for each, 0 to 255."""
        raise self._cannot("pixels")

    def accelerometer(self) -> Handle:
        """Return the board's own accelerometer, which reads x, y and z in g."""
        raise self._cannot("accelerometer")

    def close(self) -> None:
        """Free everything. The runtime calls this last."""

    def _cannot(self, role: str) -> DeviceError:
        return DeviceError.of("XM611", driver=self.name, role=role)


@dataclass(frozen=True)
class Pin:
    """A pin, named as that board's users name it: `17`, `P25`, or one for each board: `{pi: 17, unihiker: P25}`.

    No name means the board's own part. In `open()` a node asks for what is on the pin: `self.pin.output()`.
    """

    names: str | Mapping[str, str] = ""
    driver: Driver | None = field(default=None, compare=False, repr=False)
    """Set by the runtime before `open()`."""
    board: str = field(default="", compare=False, repr=False)
    handles: list[Handle] = field(default_factory=list, compare=False, repr=False)
    """What is open on it; the runtime closes that together with the node."""

    @staticmethod
    def parse(value: object) -> Pin:
        """Read the option's value. Raises ValueError with words for what was expected."""
        if value is None:
            return Pin()
        if isinstance(value, dict) and value and all(_is_pin_name(name) for name in value.values()):
            return Pin({str(board): str(name) for board, name in value.items()})
        if _is_pin_name(value):
            return Pin(str(value))
        raise ValueError(message("XM228", "what"))

    def name_on(self, board: str) -> str:
        """Return the pin's name on a board, or "" for the board's own part. Raises DeviceError when none is given for it."""
        if isinstance(self.names, str):
            return self.names
        if board in self.names:
            return self.names[board]
        if board == "simulator":
            return next(iter(self.names.values()))
        raise DeviceError.of("XM610", board=board, known=", ".join(self.names))

    def output(self) -> Handle:
        return self._keep(self._ready().output(self.name_on(self.board)))

    def servo(self) -> Handle:
        return self._keep(self._ready().servo(self.name_on(self.board)))

    def analog(self) -> Handle:
        return self._keep(self._ready().analog(self.name_on(self.board)))

    def distance(self, echo: Pin) -> Handle:
        """Return the distance sensor that is triggered by this pin and answers on `echo`."""
        return self._keep(self._ready().distance(self.name_on(self.board), echo.name_on(self.board)))

    def _keep(self, handle: Handle) -> Handle:
        self.handles.append(handle)
        return handle

    def _ready(self) -> Driver:
        if self.driver is None:
            raise DeviceError.of("XM609", driver="?")
        return self.driver


def _is_pin_name(value: object) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool) and value != ""


class I2CAddress(int):
    """The address of a device on the I2C bus, 0x08..0x77. An option of this type makes its node a hardware node."""

    @staticmethod
    def parse(value: object) -> I2CAddress:
        """Read the option's value. Raises ValueError with words for what was expected."""
        if isinstance(value, int) and not isinstance(value, bool) and 0x08 <= value <= 0x77:
            return I2CAddress(value)
        raise ValueError(message("XM709", "what"))


class I2C(Protocol):
    """One device on the I2C bus: registers are read and written, one node at a time."""

    def read(self, register: int, length: int = 1) -> bytes: ...

    def write(self, register: int, data: bytes) -> None: ...


class I2CBus:
    """The board's I2C bus through smbus2, shared by all nodes under one lock."""

    def __init__(self, number: int) -> None:
        try:
            import smbus2
        except ImportError:
            raise MissingDependency.of("XM601", library="smbus2", command="pip install smbus2") from None
        self._lock = threading.Lock()
        try:
            self._bus: Any = smbus2.SMBus(number)
        except OSError as error:
            raise DeviceError.of("XM612", bus=number, reason=error.strerror or error) from None

    def device(self, address: int) -> I2C:
        """Return the device at an address; nothing is sent yet."""
        return _I2CDevice(self, address)

    def transfer(self, address: int, register: int, data: bytes | None, length: int) -> bytes:
        """Write `data`, or read `length` bytes when it is None. Raises DeviceError when nobody answers."""
        try:
            with self._lock:
                if data is None:
                    return bytes(self._bus.read_i2c_block_data(address, register, length))
                self._bus.write_i2c_block_data(address, register, list(data))
                return b""
        except OSError:
            raise DeviceError.of("XM613", address=f"0x{address:02X}") from None

    def close(self) -> None:
        self._bus.close()


class _I2CDevice(msgspec.Struct, frozen=True):
    bus: I2CBus
    address: int

    def read(self, register: int, length: int = 1) -> bytes:
        return self.bus.transfer(self.address, register, None, length)

    def write(self, register: int, data: bytes) -> None:
        self.bus.transfer(self.address, register, data, 0)
