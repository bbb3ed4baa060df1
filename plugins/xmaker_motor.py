"""A motor that turns both ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from xmaker import Handle, Output, Pin, action, hookimpl
from xmaker.looks import Rotor


@dataclass
class Motor(Output):
    """A DC motor behind a driver board (L298N, TB6612, DRV8833), which takes one pin for each direction.
    驱动板（L298N、TB6612、DRV8833）后面的直流电机，每个方向用一个引脚。
    """

    use: ClassVar[str] = "motor"
    forwards: Annotated[Pin, "output"] = Pin()
    """The pin of the driver board that turns it forwards (IN1).
    驱动板上让它正转的引脚（IN1）。"""
    backwards: Annotated[Pin, "output"] = Pin()
    """The pin that turns it backwards (IN2).
    让它反转的引脚（IN2）。"""
    _ahead: Handle = field(init=False, repr=False)
    _back: Handle = field(init=False, repr=False)
    _speed: float = field(init=False, default=0.0, repr=False)

    def open(self) -> None:
        self._ahead, self._back = self.forwards.open(), self.backwards.open()

    @action(level=True)
    def speed(self, speed: float) -> None:
        """Turn from -1 (backwards, full) over 0 (stop) to 1 (forwards, full).
        转动：-1（全速反转），0（停），1（全速正转）。"""
        # first the one that goes to zero: both at once would brake, or burn a simple bridge
        for handle, value in sorted(((self._ahead, speed), (self._back, -speed)), key=lambda pair: pair[1]):
            handle.write(max(0.0, min(1.0, value)))
        self._speed = max(-1.0, min(1.0, speed))

    @action(level=True)
    def stop(self) -> None:
        """Stop turning.
        停止转动。"""
        self.speed(0.0)

    def looks(self) -> Rotor:
        return Rotor(self._speed)

    def safe(self) -> None:
        self.speed(0.0)


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Motor]
