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
    usb_address: str = ""
    """The address at which a computer on its USB cable reaches it."""


class Handle(Protocol):
    """One thing on one pin, as a driver gives it out. What is written and read says its role (see `ROLES`)."""

    def write(self, value: Any) -> None: ...

    def read(self) -> Any: ...

    def close(self) -> None:
        """Leave it safe and free the pin."""


ROLES: Mapping[str, str] = {
    "output": "takes a level from 0 to 1 (by PWM where the pin has it)",
    "input": "reads 0 or 1; the setting `pull` is the board's own resistor on it: up, down or none",
    "servo": "takes an angle from 0 to 180 degrees",
    "analog": "reads its voltage as 0 to 1",
    "light": "a light sensor that reads 0 to 1",
    "tone": "a buzzer that takes a frequency in Hz; 0 is silence",
    "distance": "the trigger of an ultrasonic sensor that reads metres; its other pin is the echo",
    "echo": "the other pin of a distance sensor",
    "dht": "a DHT11 or DHT22 (the setting `model`) that reads the temperature in °C and the humidity in %",
    "pixels": "a strip of lamps (the setting `count`) that takes a (red, green, blue) of 0 to 255 for each",
    "accelerometer": "reads x, y and z in g",
}
"""What can be on a pin. An option says it in its type: `pin: Annotated[Pin, "servo"]`."""


class Driver:
    """Base of the drivers. A driver has a method for each role that its hardware can play, with the pin's name as argument."""

    name: ClassVar[str]
    boards: ClassVar[tuple[str, ...]] = ()
    """The boards whose pins it moves, as `board:` and `pin: {pi: 17}` name them."""
    on_usb: ClassVar[tuple[str, ...]] = ()
    """Those of them that hang on USB, so that a computer without pins can use them."""

    def __init__(self, simulate: bool = False, board: str = "") -> None:
        self.simulate, self.board = simulate, board

    @classmethod
    def problem(cls, role: str, pin: str, board: str) -> str:
        """Return "", or the code of the message that says why this pin of this board cannot do this."""
        return ""

    def open(self, role: str, *pins: str, **settings: Any) -> Handle:
        """Return what is on the pins. Raises DeviceError where this hardware cannot do that."""
        if (method := getattr(self, role, None)) is None:
            raise DeviceError.of("XM611", driver=self.name, role=role)
        handle: Handle = method(*pins, **settings)
        return handle

    def close(self) -> None:
        """Free everything. The runtime calls this last."""


@dataclass(frozen=True)
class Pin:
    """A pin, named as that board's users name it: `17`, `P25`, or one for each board: `{pi: 17, unihiker: P25}`.

    No name means the board's own part. In `open()` a node asks for what is on the pin: `self.pin.open()`.
    """

    names: str | Mapping[str, str] = ""
    driver: Driver | None = field(default=None, compare=False, repr=False)
    """Set by the runtime before `open()`."""
    board: str = field(default="", compare=False, repr=False)
    role: str = field(default="", compare=False, repr=False)
    """What is on it, as its option's type says."""
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

    def open(self, *others: Pin, **settings: Any) -> Handle:
        """Return what is on the pin (and others that belong to it). Raises DeviceError where the board cannot do that."""
        if self.driver is None:
            raise DeviceError.of("XM609", driver="?")
        names = [pin.name_on(self.board) for pin in (self, *others)]
        self.handles.append(self.driver.open(self.role, *names, **settings))
        return self.handles[-1]


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

    def call(self, method: str, address: int, *args: Any) -> Any:
        """Call a method of smbus2. Raises DeviceError when nobody answers."""
        try:
            with self._lock:
                return getattr(self._bus, method)(address, *args)
        except OSError:
            raise DeviceError.of("XM613", address=f"0x{address:02X}") from None

    def close(self) -> None:
        self._bus.close()


class _I2CDevice(msgspec.Struct, frozen=True):
    bus: I2CBus
    address: int

    def read(self, register: int, length: int = 1) -> bytes:
        return bytes(self.bus.call("read_i2c_block_data", self.address, register, length))

    def write(self, register: int, data: bytes) -> None:
        self.bus.call("write_i2c_block_data", self.address, register, list(data))
