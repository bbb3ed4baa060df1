"""What is wired to which pin in each project of the gallery; make_wiring.py draws it."""

from __future__ import annotations

from typing import NamedTuple


class Wire(NamedTuple):
    pin: int
    """The pin of the header; 0 is a USB socket."""
    leg: str
    resistor: str = ""
    joins: bool = False
    """It ends on the wire above, on the board's side of that one's resistor: the lower half of a divider."""


class Part(NamedTuple):
    name: str
    icon: str
    wires: tuple[Wire, ...]


class Analog(NamedTuple):
    """A sensor on channel 0 of an MCP3008, between 3.3 V and ground."""

    name: str
    chinese: str
    knob: bool


def led(ground: int = 9, name: str = "LED 发光二极管") -> Part:
    return Part(name, "led", (Wire(11, "long leg 长脚 +", "330 Ω"), Wire(ground, "short leg 短脚 −")))


def buzzer(ground: int) -> Part:
    return Part("Passive buzzer 无源蜂鸣器", "buzzer", (Wire(12, "+"), Wire(ground, "−")))


BUTTON = Part("Button 按键", "button", (Wire(7, "one side 一边"), Wire(9, "other side 另一边")))
CAMERA = Part("USB camera 摄像头", "camera", (Wire(0, "USB"),))
MICROPHONE = Part("USB microphone 麦克风", "microphone", (Wire(0, "USB"),))
RGB_LED = Part(
    "RGB LED 三色灯",
    "led",
    (
        *(Wire(11, "red 红", "330 Ω"), Wire(13, "green 绿", "330 Ω"), Wire(15, "blue 蓝", "330 Ω")),
        Wire(9, "long leg 长脚 −"),
    ),
)
RADAR = (
    *(Wire(2, "VCC"), Wire(16, "Trig"), Wire(18, "Echo", "1 kΩ")),
    *(Wire(20, "", "2 kΩ", joins=True), Wire(6, "GND")),
)
WIRINGS: dict[str, tuple[Part | Analog, ...]] = {
    "cat_dog": (CAMERA, led()),
    "thousand_objects": (CAMERA, Part("USB keyboard 键盘", "keyboard", (Wire(0, "USB"),))),
    "night_light": (Analog("Photoresistor", "光敏电阻", knob=False), led(14)),
    "servo_knob": (
        Analog("Knob, 10 kΩ", "旋钮电位器", knob=True),
        Part("Servo 舵机", "servo", (Wire(2, "red 红"), Wire(14, "brown 棕"), Wire(12, "orange 橙"))),
    ),
    "parking_radar": (Part("HC-SR04 超声波", "radar", RADAR), led(), buzzer(14)),
    "weather_station": (
        Part("BME280", "chip", (Wire(1, "VIN"), Wire(6, "GND"), Wire(5, "SCL"), Wire(3, "SDA"))),
        led(9, "LED 发光二极管 (fan)"),
    ),
    "spirit_level": (
        Part("MPU6050", "chip", (Wire(1, "VCC"), Wire(6, "GND"), Wire(5, "SCL"), Wire(3, "SDA"), Wire(7, "INT"))),
        led(),
    ),
    "morse_lamp": (BUTTON, led(14)),
    "my_own_model": (CAMERA, led()),
    "rock_paper_scissors": (CAMERA, led()),
    "dictation": (MICROPHONE,),
    "clap_lamp": (MICROPHONE, led()),
    "person_alarm": (CAMERA, led(), buzzer(14)),
    "pet_counter": (CAMERA,),
    "voice_lamp": (MICROPHONE, RGB_LED),
    "dialect": (MICROPHONE, led()),
    "doorbell": (BUTTON, buzzer(14), CAMERA, Part("USB speaker 音箱", "speaker", (Wire(0, "USB"),))),
}
