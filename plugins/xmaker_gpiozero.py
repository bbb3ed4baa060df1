"""Moves the pins of a Raspberry Pi with gpiozero; with `--simulate`, gpiozero's own mock pins."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, ClassVar

from xmaker import Board, DeviceError, Driver, Handle, MissingDependency, ProjectError, hookimpl

MODEL_FILE = Path("/proc/device-tree/model")


class _Device:
    """A gpiozero device as a handle."""

    def __init__(self, device: Any) -> None:
        self.device = device

    def write(self, value: float) -> None:
        self.device.value = value

    def read(self) -> float:
        return float(self.device.value)

    def close(self) -> None:
        self.device.close()


class _Servo(_Device):
    def write(self, value: float) -> None:
        self.device.angle = value


class _Distance(_Device):
    def read(self) -> float:
        return float(self.device.distance)


class Gpiozero(Driver):
    """Pins by their GPIO number, `17` or `GPIO17`; analog ones by the channel of an MCP3008 on SPI, `A0` to `A7`."""

    name: ClassVar[str] = "gpiozero"

    def __init__(self, simulate: bool = False) -> None:
        super().__init__(simulate)
        try:
            import gpiozero
            from gpiozero.pins.mock import MockFactory, MockPWMPin
        except ImportError:
            raise MissingDependency.of("XM601", library="gpiozero", command="pip install 'xmaker[pi]'") from None
        for advice in (gpiozero.PWMSoftwareFallback, gpiozero.PinFactoryFallback):
            warnings.filterwarnings("ignore", category=advice)  # nothing that a pupil could act on
        self._gpiozero = gpiozero
        self.factory = MockFactory(pin_class=MockPWMPin) if simulate else None

    def output(self, pin: str) -> Handle:
        return self._open(_Device, "PWMOutputDevice", _number(pin))

    def servo(self, pin: str) -> Handle:
        limits = {"min_angle": 0, "max_angle": 180, "initial_angle": None}
        pulses = {"min_pulse_width": 0.0005, "max_pulse_width": 0.0025}
        return self._open(_Servo, "AngularServo", _number(pin), **limits, **pulses)

    def analog(self, pin: str) -> Handle:
        return self._open(_Device, "MCP3008", _number(pin, "A"))

    def distance(self, trigger: str, echo: str) -> Handle:
        return self._open(_Distance, "DistanceSensor", echo=_number(echo), trigger=_number(trigger), max_distance=4)

    def _open(self, handle: type[_Device], device: str, *arguments: Any, **options: Any) -> Handle:
        try:
            return handle(getattr(self._gpiozero, device)(*arguments, pin_factory=self.factory, **options))
        except Exception as error:  # gpiozero has 61 kinds of error, and its pin factories have their own
            raise DeviceError.of("XM620", driver=self.name, reason=f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        if self.factory is not None:
            self.factory.close()


def _number(pin: str, prefix: str = "GPIO") -> int:
    digits = pin.upper().removeprefix(prefix)
    analog = prefix == "A"
    if not (digits.isascii() and digits.isdigit()) or (analog and digits == pin):
        raise ProjectError.of("XM624" if not pin else "XM623" if analog else "XM621", pin=pin)
    return int(digits)


@hookimpl
def xmaker_drivers() -> list[type[Driver]]:
    return [Gpiozero]


@hookimpl
def xmaker_board() -> Board | None:
    if MODEL_FILE.is_file() and (title := MODEL_FILE.read_text(errors="replace").strip("\0\n")).startswith("Raspberry Pi"):
        return Board("pi", title, "gpiozero", i2c_bus=1)
    return None
