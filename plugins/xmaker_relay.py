"""A relay: a switch for something stronger than a pin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from xmaker import Handle, Output, Pin, action, hookimpl
from xmaker.looks import Switch


@dataclass
class Relay(Output):
    """A relay module on a pin switches a pump or a fan of up to 24 V. Never mains voltage.
    引脚上的继电器模块，用来开关 24 V 以下的水泵或风扇。绝不能接市电。
    """

    use: ClassVar[str] = "relay"
    pin: Annotated[Pin, "output"] = Pin()
    """The pin of the module's IN.
    模块 IN 接的引脚。"""
    active_low: bool = False
    """Whether the module switches on when the pin goes low; many do.
    模块是否在引脚为低电平时接通；很多模块是这样。"""
    _coil: Handle = field(init=False, repr=False)
    _is_on: bool = field(init=False, default=False, repr=False)

    def open(self) -> None:
        self._coil = self.pin.open()
        self._set(False)

    @action(level=True)
    def on(self) -> None:
        """Switch on.
        接通。"""
        self._set(True)

    @action(level=True)
    def off(self) -> None:
        """Switch off.
        断开。"""
        self._set(False)

    @action
    def toggle(self) -> str:
        """Switch to the other.
        切换到另一种状态。"""
        self._set(not self._is_on)
        return "on" if self._is_on else "off"

    def _set(self, on: bool) -> None:
        self._coil.write(float(on is not self.active_low))
        self._is_on = on

    def looks(self) -> Switch:
        return Switch(self._is_on)

    def safe(self) -> None:
        self._set(False)


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Relay]
