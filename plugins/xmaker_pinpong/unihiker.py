"""What is on a UNIHIKER M10 and on its pins, on top of pinpong's files. Runs in the child only."""

from __future__ import annotations

from typing import Any

from xmaker_pinpong import parts

BUZZER_PIN = 208
"""The pin of the buzzer, as the kernel counts."""


class Output(parts.Part):
    def open(self, pins: list[int], option: Any) -> None:
        pin = self.pinpong.Pin
        self.has_pwm = pins[0] in self.facts.pwm
        self.device: Any = self.pinpong.PWM(pin(pins[0])) if self.has_pwm else pin(pins[0], pin.OUT)

    def write(self, value: Any) -> None:
        if self.has_pwm:
            self.device.duty(round(value * self.device.freq_value))  # what pinpong calls freq here is the period
        else:
            self.device.write_digital(int(value >= 0.5))

    def close(self) -> None:
        self.write(0)


class Input(parts.Part):
    def open(self, pins: list[int], option: Any) -> None:
        self.pin = self.pinpong.Pin(pins[0], self.pinpong.Pin.IN)

    def read(self) -> Any:
        return self.pin.read_digital()


class Button(Input):
    def read(self) -> Any:
        return 1 - super().read()  # pressed, it connects its pin to ground


class Analog(parts.Part):
    def open(self, pins: list[int], option: Any) -> None:
        self.adc = self.pinpong.ADC(self.pinpong.Pin(pins[0]))

    def read(self) -> Any:
        return min(1.0, self.adc.read() / self.facts.top)


class Light(Analog):
    def read(self) -> Any:
        shown = sorted(self.adc.read() for _ in range(5))[1:-1]  # the lamp flickers at 100 Hz
        return 1 - min(1.0, sum(shown) / len(shown) / self.facts.top)


class Servo(parts.Servo):
    repeats = False  # here nothing gets lost

    def write(self, value: Any) -> None:
        self.servo = self.servo or self.pinpong.Servo(self.pin)
        self.servo.write_angle(min(180, max(0, value)))

    def close(self) -> None:
        if self.servo is not None:
            self.servo.detach()


class Pixels(parts.Pixels):
    pause = 0.0


class Accelerometer(parts.Part):
    def open(self, pins: list[int], option: Any) -> None:
        from pinpong.extension import unihi

        buzzer = unihi.pin_default_state[BUZZER_PIN - 200]
        from pinpong.extension import unihiker

        unihi.pinReuse(BUZZER_PIN, buzzer)  # this import took the buzzer's pin, on which a tone may be playing
        self.sensor = unihiker.accelerometer

    def read(self) -> Any:
        return self.sensor.get_x(), self.sensor.get_y(), self.sensor.get_z()


PARTS: dict[str, type[parts.Part]] = {
    **parts.PARTS,
    "output": Output,
    "input": Input,
    "button": Button,
    "analog": Analog,
    "light": Light,
    "servo": Servo,
    "pixels": Pixels,
    "accelerometer": Accelerometer,
}
