"""An LED: on, off, or anything between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from xmaker import Handle, Output, Pin, action, hookimpl
from xmaker.looks import Lamp


@dataclass
class Led(Output):
    """A lamp on a pin. Wire it from the pin through a resistor of 330 Ω to the LED's long leg, its short leg to ground.
    引脚上的灯。从引脚经过 330 Ω 电阻接到 LED 的长脚，短脚接地。
    """

    use: ClassVar[str] = "led"
    pin: Annotated[Pin, "output"] = Pin()
    """The pin of the lamp; nothing is the board's own lamp.
    灯的引脚；不写就是板子自己的灯。"""
    _lamp: Handle = field(init=False, repr=False)
    _level: float = field(init=False, default=0.0, repr=False)
    _blinks: int = field(init=False, default=0, repr=False)
    """Goes up with each action, so that the blinking of an earlier one ends."""

    def open(self) -> None:
        self._lamp = self.pin.open()

    @action(level=True)
    def on(self) -> None:
        """Light the lamp fully.
        把灯开到最亮。"""
        self._set(1.0)

    @action(level=True)
    def off(self) -> None:
        """Put the lamp out.
        关灯。"""
        self._set(0.0)

    @action(level=True)
    def brightness(self, level: float) -> None:
        """Light the lamp from 0 (off) to 1 (full).
        把灯调到 0（灭）到 1（最亮）之间。"""
        self._set(max(0.0, min(1.0, level)))

    @action(level=True)
    def blink(self, seconds: float = 0.5) -> None:
        """Go on and off again, so many seconds each, until another action.
        一亮一灭，每次各多少秒，直到别的动作。"""
        self._set(1.0)
        self._blink(max(0.05, seconds), self._blinks)

    @action
    def toggle(self) -> str:
        """Put it out if it is on, and on if it is out.
        亮着就关，灭着就开。"""
        self._set(0.0 if self._level else 1.0)
        return "on" if self._level else "off"

    def _blink(self, seconds: float, number: int) -> None:
        def turn() -> None:
            if number == self._blinks:
                self._level = 0.0 if self._level else 1.0
                self._lamp.write(self._level)
                self._blink(seconds, number)

        self.host.after(seconds, turn)

    def _set(self, level: float) -> None:
        self._blinks += 1
        self._lamp.write(level)
        self._level = level

    def looks(self) -> Lamp:
        return Lamp(self._level)

    def safe(self) -> None:
        self._set(0.0)


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Led]
