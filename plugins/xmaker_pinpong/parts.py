"""What can be connected to a board on USB, on top of pinpong's Firmata. Runs in the child only."""

from __future__ import annotations

import itertools
import math
import time
from typing import Any

from xmaker_pinpong.boards import Facts

FIRST_REPORT = 0.5
"""Seconds that a board is given to report a pin for the first time."""
FAR_AWAY = 4.0
"""Metres that a distance sensor shows when no echo comes back."""
OLDEST = 10.0
"""Seconds for which a DHT's last good values stand in: every now and then one of its answers is garbled."""


class NoAnswer(Exception):
    """The sensor says nothing."""


class Part:
    """One thing on a board: what the child does for a handle of the parent."""

    repeats = False
    """Whether its last value is sent again: an UNO that makes PWM misses one message in fifty."""

    def __init__(self, pinpong: Any, board: Any, facts: Facts) -> None:
        self.pinpong, self.facts = pinpong, facts
        self.firmata: Any = getattr(board, "board", None)

    def open(self, pins: list[int], option: Any) -> None:
        """Take the pins."""

    def write(self, value: Any) -> None:
        """Set it; only for what can be set."""
        raise TypeError("this part can only be read")

    def read(self) -> Any:
        """Return what it shows; only for what measures."""
        raise TypeError("this part can only be written")

    def close(self) -> None:
        """Leave it safe."""


class Output(Part):
    """On and off are written as such until another level is wanted; then PWM does it all, for nothing stops its timer."""

    repeats = True
    _pwm: Any = None

    def open(self, pins: list[int], option: Any) -> None:
        self.number = pins[0]
        self.pin = self.pinpong.Pin(self.number, self.pinpong.Pin.OUT)

    def write(self, value: Any) -> None:
        if self._pwm is None and self.number in self.facts.pwm and 0 < value < 1:
            self._pwm = self.pinpong.PWM(self.pinpong.Pin(self.number))
        if self._pwm is not None:
            self._pwm.duty(math.ceil(value * self.facts.full))
        else:
            self.pin.write_digital(int(value >= 0.5))

    def close(self) -> None:
        self.write(0)


class Input(Part):
    def open(self, pins: list[int], option: Any) -> None:
        self.pin = self.pinpong.Pin(pins[0])
        self.shown = self.firmata.digital_pins[self.pin.pin]
        self.shown.current_value = None  # so that the first report can be told from none
        self.firmata.set_pin_mode_digital_input(self.pin.pin)
        self.until = time.monotonic() + FIRST_REPORT

    def read(self) -> Any:
        while self.shown.current_value is None and time.monotonic() < self.until:
            time.sleep(0.005)
        return self.shown.current_value or 0


class Analog(Part):
    def open(self, pins: list[int], option: Any) -> None:
        pin = self.pinpong.Pin(pins[0])
        self.shown = self.firmata.analog_pins[pin.apin]
        self.shown.current_value = -1  # as above
        self.adc = self.pinpong.ADC(pin)
        self.until = time.monotonic() + FIRST_REPORT

    def read(self) -> Any:
        while self.shown.current_value < 0 and time.monotonic() < self.until:
            time.sleep(0.005)
        return min(1.0, max(0, self.adc.read()) / self.facts.top)


class Servo(Part):
    repeats = True

    def open(self, pins: list[int], option: Any) -> None:
        self.pin = self.pinpong.Pin(pins[0])
        self.servo: Any = None

    def write(self, value: Any) -> None:
        self.servo = self.servo or self.pinpong.Servo(self.pin)  # it moves at once: not before the first angle is known
        self.servo.write_angle(round(min(180, max(0, value))))

    def close(self) -> None:
        if self.servo is not None:
            self.firmata.set_pin_mode_digital_input(self.pin.pin)  # pinpong's detach() fails; the firmware knows none
            self.servo = None


class Tone(Part):
    def open(self, pins: list[int], option: Any) -> None:
        self.tone = self.pinpong.Tone(self.pinpong.Pin(pins[0]))

    def write(self, value: Any) -> None:
        self.tone.off()
        if (frequency := round(value)) > 0:
            self.tone.freq(frequency)
            self.tone.on()

    def close(self) -> None:
        self.write(0)


class Distance(Part):
    def open(self, pins: list[int], option: Any) -> None:
        self.sensor = self.pinpong.SR04_URM10(*map(self.pinpong.Pin, pins))
        self.until = time.monotonic() + FIRST_REPORT

    def read(self) -> Any:
        while (centimetres := self.sensor.distance_cm()) <= 0 and time.monotonic() < self.until:
            time.sleep(0.01)
        return min(FAR_AWAY, centimetres / 100) if centimetres > 0 else FAR_AWAY


class Dht(Part):
    def open(self, pins: list[int], option: Any) -> None:
        self.sensor = (self.pinpong.DHT11 if option == 11 else self.pinpong.DHT22)(self.pinpong.Pin(pins[0]))
        self.last, self.time = (0.0, 0.0), float("-inf")

    def read(self) -> Any:
        shown = self.sensor.temp_c(), self.sensor.humidity()
        if shown[1] > 0:  # 0 and -1 are pinpong's words for no answer
            self.last, self.time = shown, time.monotonic()
        elif time.monotonic() > self.time + OLDEST:
            raise NoAnswer
        return self.last


class Pixels(Part):
    pause = 0.03
    """An UNO hears nothing while it talks to its pixels."""

    def open(self, pins: list[int], option: Any) -> None:
        self.count = option
        self.strip = self.pinpong.NeoPixel(self.pinpong.Pin(pins[0]), option)
        self.shown: list[tuple[int, ...]] = []
        time.sleep(self.pause)

    def write(self, value: Any) -> None:
        colours = [tuple(min(255, max(0, round(part))) for part in colour) for colour in value][: self.count]
        start = 0
        for colour, same in itertools.groupby(colours):  # one message for neighbours of one colour
            end = start + len(list(same))
            if self.shown[start:end] != [colour] * (end - start):
                self.strip.range_color(start, end - 1, colour)
                time.sleep(self.pause)
            start = end
        self.shown[:start] = colours

    def close(self) -> None:
        self.strip.clear()


PARTS: dict[str, type[Part]] = {
    "output": Output,
    "input": Input,
    "analog": Analog,
    "servo": Servo,
    "tone": Tone,
    "distance": Distance,
    "dht": Dht,
    "pixels": Pixels,
}
