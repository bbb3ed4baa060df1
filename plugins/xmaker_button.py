"""A push button: pressed, held, pressed twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from xmaker import Handle, Input, Pin, Quantity, Reading, Seconds, hookimpl


@dataclass
class Button(Input):
    """A button from a pin to ground: `door.pressed`; `door.held` and `door.double` are true until it is let go.
    接在引脚和地之间的按钮：`door.pressed`；`door.held`（长按）和 `door.double`（双击）到松开为止都是 true。
    """

    use: ClassVar[str] = "button"
    gives: ClassVar = {name: Quantity(kind="flag") for name in ("pressed", "held", "double")}
    pin: Annotated[Pin, "input"] = Pin()
    """The pin of the button; nothing is the board's own.
    按钮的引脚；不写就是板子自己的按钮。"""
    pull: Literal["up", "down", ""] = "up"
    """The board's own resistor: up for a button to ground, down for one to the voltage, "" for a module that has its own.
    板子内部的电阻：按钮接地用 up，接电源用 down；模块自带电阻用 ""。"""
    debounce: Seconds = 0.02
    """How long the level must last before it counts: contacts bounce.
    电平要保持多久才算数：触点会抖动。"""
    hold: Seconds = 1.0
    """How long it must be pressed to count as held.
    按多久算长按。"""
    again: Seconds = 0.4
    """How soon a second press must follow to count as double.
    第二次按下要在多久之内才算双击。"""
    every: Seconds = 0.02
    """How long from one look at the pin to the next.
    每隔多久看一次引脚。"""
    _contact: Handle = field(init=False, repr=False)
    _level: bool = field(init=False, repr=False)
    _since: float = field(init=False, repr=False)
    """When the level last changed."""
    _pressed: bool = field(init=False, repr=False)
    _double: bool = field(init=False, repr=False)
    _pressed_at: float = field(init=False, repr=False)
    _given: Reading | None = field(init=False, repr=False)

    @property
    def period(self) -> None:
        """It gives a value only when something changes, and that value lasts."""

    def open(self) -> None:
        self._contact = self.pin.open(pull=self.pull)
        self._level = self._pressed = self._double = False
        self._since = self._pressed_at = float("-inf")
        self._given = None

    def read(self) -> Reading | None:
        now = self.host.now()
        level = bool(self._contact.read()) is not (self.pull == "up")  # pulled up, a press is the low level
        if level is not self._level:
            self._level, self._since = level, now
        elif level is not self._pressed and now - self._since >= self.debounce:
            self._pressed, before = level, self._pressed_at
            if level:
                self._pressed_at = now
                self._double = now - before <= self.again + self.debounce
        held = self._pressed and now - self._pressed_at >= self.hold
        reading = Reading(pressed=self._pressed, held=held, double=self._pressed and self._double)
        if reading == self._given:
            return None
        self._given = reading
        return reading


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Button]
