"""Moves the pins of a Raspberry Pi with gpiozero; with `--simulate`, gpiozero's own mock pins."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from xmaker import Board, DeviceError, Driver, Handle, MissingDependency, ProjectError, hookimpl

MODEL_FILE = Path("/proc/device-tree/model")
IIO = Path("/sys/bus/iio/devices")
"""Where Linux shows the sensors that it reads itself."""
STANDARD_GRAVITY = 9.80665
"""m/s² in 1 g (3rd General Conference on Weights and Measures, 1901)."""
PIXELS_PIN = "10"
"""The pin of the SPI bus's data: only there the system keeps the exact rhythm that NeoPixels want."""
SILENCE = 1.0
"""So many seconds without an echo, and a distance sensor is lost: it answers ten times a second, however far it is."""
POWER = ("3V3", "3.3V", "5V", "GND", "0V")


class _Device:
    """A gpiozero device as a handle."""

    def __init__(self, device: Any) -> None:
        self.device = device

    def write(self, value: Any) -> None:
        self.device.value = value

    def read(self) -> Any:
        return float(self.device.value)

    def close(self) -> None:
        self.device.close()


class _Input(_Device):
    def read(self) -> float:
        return float(self.device.pin.state)  # the voltage itself: gpiozero's value is turned round where the pin is pulled up


class _Servo(_Device):
    def write(self, value: float) -> None:
        self.device.angle = value


class _Distance(_Device):
    """Gives what was measured lately: of a sensor that falls silent gpiozero gives the last distance for ever, or waits."""

    def __init__(self, device: Any) -> None:
        super().__init__(device)
        self._began = time.monotonic()

    def read(self) -> float:
        while self.device.heard < self._began and time.monotonic() - self._began < SILENCE:
            time.sleep(0.005)
        if time.monotonic() - max(self._began, self.device.heard) >= SILENCE:
            raise DeviceError.of("XM647", pin=self.device.pin.info.name)
        return float(self.device.distance)


class _Tone(_Device):
    def write(self, value: float) -> None:
        if value > 0:
            self.device.frequency = value
        self.device.value = 0.5 if value > 0 else 0.0


class _KernelDht:
    """A DHT that Linux reads: the rhythm of its bits is too fast for Python on a busy computer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, value: Any) -> None: ...

    def read(self) -> tuple[float, float]:
        try:
            milli = [int((self.folder / f"in_{name}_input").read_text()) for name in ("temp", "humidityrelative")]
        except (OSError, ValueError) as error:
            raise DeviceError.of("XM628", reason=getattr(error, "strerror", None) or error) from None
        return milli[0] / 1000, milli[1] / 1000

    def close(self) -> None: ...


class _KernelAccelerometer:
    """An accelerometer that Linux reads (an MPU6050, say); units as in Linux's Documentation/ABI/testing/sysfs-bus-iio."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, value: Any) -> None: ...

    def read(self) -> tuple[float, ...]:
        try:
            scale = float((self.folder / "in_accel_scale").read_text()) / STANDARD_GRAVITY
            return tuple(scale * int((self.folder / f"in_accel_{axis}_raw").read_text()) for axis in "xyz")
        except (OSError, ValueError) as error:
            raise DeviceError.of("XM648", reason=getattr(error, "strerror", None) or error) from None

    def close(self) -> None: ...


class _Pixels:
    """NeoPixels on the SPI bus: each of their bits is three of its, 100 for 0 and 110 for 1, at 2.4 MHz (WS2812B)."""

    def __init__(self, lgpio: Any, count: int) -> None:
        self._lgpio, self._dark = lgpio, [(0, 0, 0)] * count
        self._bus = lgpio.spi_open(0, 0, 2_400_000, 0)

    def write(self, value: Sequence[tuple[int, int, int]]) -> None:
        data = bytes(part for red, green, blue in value for part in (green, red, blue))
        bits = "".join("110" if byte >> place & 1 else "100" for byte in data for place in range(7, -1, -1))
        self._lgpio.spi_write(self._bus, int(bits, 2).to_bytes(len(bits) // 8) + bytes(20))

    def read(self) -> Any: ...

    def close(self) -> None:
        self.write(self._dark)
        self._lgpio.spi_close(self._bus)


class Gpiozero(Driver):
    """Pins by their GPIO number, `17` or `GPIO17`; analog ones by the channel of an MCP3008 on SPI, `A0` to `A7`."""

    name: ClassVar[str] = "gpiozero"
    boards: ClassVar[tuple[str, ...]] = ("pi",)

    def __init__(self, simulate: bool = False, board: str = "") -> None:
        super().__init__(simulate, board)
        try:
            import gpiozero
            from gpiozero.pins.mock import MockFactory, MockPWMPin
        except ImportError:
            raise MissingDependency.of("XM601", library="gpiozero", command='pip install "xmaker[pi]"') from None
        from gpiozero import DistanceSensorNoEcho, PinFactoryFallback, PWMSoftwareFallback, SPISoftwareFallback

        for advice in (PWMSoftwareFallback, PinFactoryFallback, SPISoftwareFallback, DistanceSensorNoEcho):
            warnings.filterwarnings("ignore", category=advice)  # nothing that a pupil could act on, or said by XMaker
        self._gpiozero = gpiozero
        self.factory = MockFactory(pin_class=MockPWMPin) if simulate else _exact_factory()

    @classmethod
    def problem(cls, role: str, pin: str, board: str) -> str:
        """Return "", or the code of the message that says why this pin cannot do this."""
        if pin.upper() in POWER:
            return "XM626"
        if role == "accelerometer":
            return ""  # Linux knows where it is
        if role == "pixels" and pin.upper().removeprefix("GPIO") != PIXELS_PIN:
            return "XM627"
        try:
            number = _number(pin, "A" if role in ("analog", "light") else "GPIO")
        except ProjectError as error:
            return error.code
        return "" if number <= (7 if role in ("analog", "light") else 27) else "XM621"

    def output(self, pin: str) -> Handle:
        return self._open(_Device, "PWMOutputDevice", _number(pin))

    def input(self, pin: str, pull: str = "") -> Handle:
        pull_up = {"up": True, "down": False}.get(pull)
        return self._open(_Input, "DigitalInputDevice", _number(pin), pull_up=pull_up, active_state=None if pull else True)

    def servo(self, pin: str) -> Handle:
        limits = {"min_angle": 0, "max_angle": 180, "initial_angle": None}
        pulses = {"min_pulse_width": 0.0005, "max_pulse_width": 0.0025}
        return self._open(_Servo, "AngularServo", _number(pin), **limits, **pulses)

    def tone(self, pin: str) -> Handle:
        return self._open(_Tone, "PWMOutputDevice", _number(pin), frequency=440)

    def analog(self, pin: str) -> Handle:
        return self._open(_Device, "MCP3008", _number(pin, "A"))

    light = analog

    def distance(self, trigger: str, echo: str) -> Handle:
        class Sensor(self._gpiozero.DistanceSensor):  # type: ignore[misc, name-defined, unused-ignore]  # gpiozero has no types
            heard = float("-inf")
            """When its last echo came."""

            def _read(self) -> float | None:
                if (value := super()._read()) is not None:
                    self.heard = time.monotonic()
                return value  # type: ignore[no-any-return, unused-ignore]

        return self._open(_Distance, Sensor, echo=_number(echo), trigger=_number(trigger), max_distance=4, partial=True)

    def dht(self, pin: str, model: int) -> Handle:
        number = _number(pin)
        for folder in IIO.glob("iio:device*"):
            if (folder / "name").read_text(errors="replace").startswith("dht11"):  # Linux calls both so
                return _KernelDht(folder)
        raise DeviceError.of("XM629", pin=number)

    def accelerometer(self, pin: str) -> Handle:
        for found in sorted(IIO.glob("iio:device*/in_accel_x_raw")):
            return _KernelAccelerometer(found.parent)
        raise DeviceError.of("XM649")

    def pixels(self, pin: str, count: int) -> Handle:
        try:
            import lgpio  # type: ignore[import-not-found, unused-ignore]  # on a Pi alone

            return _Pixels(lgpio, count)
        except Exception as error:
            raise DeviceError.of("XM620", driver=self.name, reason=f"{type(error).__name__}: {error}") from error

    def _open(self, handle: type[_Device], device: str | type, *arguments: Any, **options: Any) -> Handle:
        made = getattr(self._gpiozero, device) if isinstance(device, str) else device
        try:
            return handle(made(*arguments, pin_factory=self.factory, **options))
        except Exception as error:  # noqa: BLE001  # gpiozero has 61 kinds of error, and its pin factories have their own
            reason = f"{type(error).__name__}: {error}"
        # raised here, because the first error holds the half-made device, and that would hold the pin
        if "GPIO busy" in reason:
            raise DeviceError.of("XM646")
        raise DeviceError.of("XM620", driver=self.name, reason=reason)

    def close(self) -> None:
        if self.factory is not None:
            self.factory.close()


def _exact_factory() -> Any:
    """Return lgpio's pins with exact PWM, or None for gpiozero's own choice.

    gpiozero's lgpio pins cut the duty to whole percent: of a servo's 20 ms that is 0.2 ms, or 18 degrees. And what they are set
    to last may never reach the pin: a lamp that was lit is still lit when the pin is closed.
    """
    if os.environ.get("GPIOZERO_PIN_FACTORY", "lgpio") != "lgpio":
        return None
    try:
        import lgpio
        from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin

        class ExactPin(LGPIOPin):  # type: ignore[misc, unused-ignore]  # gpiozero has no types
            _pwm: tuple[float, float] | None
            _pulsing = False

            def _set_state(self, value: float) -> None:
                if self._pwm:
                    self._pwm = (self._pwm[0], value * 100)
                    self._drive(*self._pwm)
                else:
                    super()._set_state(value)

            def _set_frequency(self, value: float | None) -> None:
                duty = self._pwm[1] if self._pwm else 0.0
                if not value and self._pulsing:
                    duty = 0.0  # it may end within a pulse
                self._pwm = (value, duty) if value else None
                self._drive(value or 0.0, duty)

            def _drive(self, frequency: float, duty: float) -> None:
                line = self.factory._handle, self._number  # noqa: SLF001  # as gpiozero's own class does
                if 0 < duty < 100:
                    lgpio.tx_pwm(*line, frequency, duty)
                elif self._pulsing:
                    lgpio.tx_pwm(*line, 0, 0)
                self._pulsing = 0 < duty < 100
                if not self._pulsing:  # at once: lgpio's thread would wait for the next cycle, and a closed pin has none
                    lgpio.gpio_write(*line, int(duty > 0))

        factory = LGPIOFactory()
        factory.pin_class = ExactPin
        return factory
    except Exception:  # noqa: BLE001  # no lgpio, or no chip: gpiozero tries others and says why each one failed
        return None


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
