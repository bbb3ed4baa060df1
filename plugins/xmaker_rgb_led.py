"""Lamps in colour: one RGB LED on three pins, or a strip of NeoPixels on one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from xmaker import Count, Handle, Output, Pin, ProjectError, XMakerError, action, hookimpl
from xmaker.looks import Lamp, Lamps

Colour = tuple[int, int, int]
"""Red, green, blue, each 0..255."""

NAMES: dict[str, Colour] = {
    **dict.fromkeys(("red", "红", "红色"), (255, 0, 0)),
    **dict.fromkeys(("orange", "橙", "橙色"), (255, 100, 0)),
    **dict.fromkeys(("yellow", "黄", "黄色"), (255, 200, 0)),
    **dict.fromkeys(("green", "绿", "绿色"), (0, 255, 0)),
    **dict.fromkeys(("cyan", "青", "青色"), (0, 255, 255)),
    **dict.fromkeys(("blue", "蓝", "蓝色"), (0, 0, 255)),
    **dict.fromkeys(("purple", "紫", "紫色"), (160, 0, 255)),
    **dict.fromkeys(("pink", "粉", "粉色"), (255, 80, 120)),
    **dict.fromkeys(("white", "白", "白色"), (255, 255, 255)),
    **dict.fromkeys(("black", "off", "黑", "黑色"), (0, 0, 0)),
}


def colour_of(text: str) -> Colour:
    """Return the colour of a name or of `#ff8000`. Raises XMakerError for what is neither."""
    word = text.strip().lower()
    if word in NAMES:
        return NAMES[word]
    if found := re.fullmatch(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", word):
        red, green, blue = (int(part, 16) for part in found.groups())
        return red, green, blue
    known = ", ".join(name for name in NAMES if name.isascii())
    raise XMakerError.of("XM853", colour=text, known=known)


def hex_of(colour: Colour) -> str:
    """Return a colour as `#ff8000`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


ColourName = Annotated[str, colour_of]
LONGEST = 1000
"""Lamps of a strip: at 30 µs each, more could not change thirty times a second."""


@dataclass
class RgbLed(Output):
    """One LED of three colours on three pins, each through a resistor of 330 Ω, the longest leg to ground.
    三个引脚上的三色 LED，每个颜色经过 330 Ω 电阻，最长的脚接地。
    """

    use: ClassVar[str] = "rgb_led"
    red: Annotated[Pin, "output"] = Pin()
    """The pin of the red leg.
    红色引脚接的引脚。"""
    green: Annotated[Pin, "output"] = Pin()
    """The pin of the green leg.
    绿色引脚接的引脚。"""
    blue: Annotated[Pin, "output"] = Pin()
    """The pin of the blue leg.
    蓝色引脚接的引脚。"""
    common_anode: bool = False
    """Whether the longest leg goes to the voltage instead of to ground.
    最长的脚是否接电源而不是接地（共阳）。"""
    _legs: list[Handle] = field(init=False, repr=False)
    _shown: Colour = field(init=False, default=(0, 0, 0), repr=False)

    def open(self) -> None:
        self._legs = [self.red.open(), self.green.open(), self.blue.open()]
        self._show((0, 0, 0))

    @action(level=True)
    def colour(self, colour: ColourName) -> None:
        """Shine in a colour: `red`, `红`, `#ff8000`.
        发一种颜色的光：`red`、`红`、`#ff8000`。"""
        self._show(colour_of(colour))

    @action(level=True)
    def mix(self, red: float, green: float, blue: float) -> None:
        """Shine in a colour of three parts, each from 0 to 255.
        用红、绿、蓝三个数（0 到 255）混出一种颜色。"""
        self._show((_part(red), _part(green), _part(blue)))

    @action(level=True)
    def off(self) -> None:
        """Put it out.
        关灯。"""
        self._show((0, 0, 0))

    def _show(self, colour: Colour) -> None:
        for leg, part in zip(self._legs, colour, strict=True):
            leg.write(1 - part / 255 if self.common_anode else part / 255)
        self._shown = colour

    def looks(self) -> Lamp:
        return Lamp(max(self._shown) / 255, hex_of(self._shown))

    def safe(self) -> None:
        self._show((0, 0, 0))


@dataclass
class NeoPixel(Output):
    """A strip or ring of WS2812 lamps on one pin; more than eight want a power supply of their own.
    一个引脚上的 WS2812 灯带或灯环；超过八个灯要单独供电。
    """

    use: ClassVar[str] = "neopixel"
    pin: Annotated[Pin, "pixels"] = Pin()
    """The pin of the strip's DIN.
    灯带 DIN 接的引脚。"""
    count: Count = 8
    """How many lamps the strip has, up to 1000.
    灯带有多少个灯，最多 1000。"""
    brightness: float = 0.3
    """How bright full is, from 0 to 1.
    最亮有多亮，0 到 1。"""
    _strip: Handle = field(init=False, repr=False)
    _shown: list[Colour] = field(init=False, default_factory=list, repr=False)

    def check(self) -> None:
        if not 1 <= self.count <= LONGEST:
            raise ProjectError.of("XM842", option="count", node=self.host.name, limits=f"1..{LONGEST}", value=self.count)

    def open(self) -> None:
        self._strip = self.pin.open(count=self.count)
        self._shown = [(0, 0, 0)] * self.count

    @action(level=True)
    def fill(self, colour: ColourName) -> None:
        """Make every lamp shine in this colour.
        所有的灯都发这种颜色的光。"""
        self._show([colour_of(colour)] * self.count)

    @action
    def lamp(self, number: float, colour: ColourName) -> None:
        """Make one lamp shine in this colour; the first is 1.
        让一个灯发这种颜色的光；第一个是 1。"""
        if not 1 <= number <= self.count:
            raise XMakerError.of("XM854", number=int(number), count=self.count)
        self._show([colour_of(colour) if at == int(number) else shown for at, shown in enumerate(self._shown, 1)])

    @action(level=True)
    def bar(self, level: float, colour: ColourName = "green") -> None:
        """Light a part of the strip, from 0 (none) to 1 (all).
        点亮灯带的一部分，0（全灭）到 1（全亮）。"""
        lit = round(max(0.0, min(1.0, level)) * self.count)
        self._show([colour_of(colour)] * lit + [(0, 0, 0)] * (self.count - lit))

    @action(level=True)
    def off(self) -> None:
        """Put all lamps out.
        关掉所有的灯。"""
        self._show([(0, 0, 0)] * self.count)

    def _show(self, colours: list[Colour]) -> None:
        level = max(0.0, min(1.0, self.brightness))
        self._strip.write([tuple(round(part * level) for part in colour) for colour in colours])
        self._shown = colours

    def looks(self) -> Lamps:
        return Lamps(tuple(map(hex_of, self._shown)))

    def safe(self) -> None:
        self.off()


def _part(value: float) -> int:
    return round(max(0.0, min(255.0, value)))


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [RgbLed, NeoPixel]
