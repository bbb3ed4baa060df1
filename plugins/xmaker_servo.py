"""A servo that turns to an angle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from xmaker import Handle, Output, Pin, ProjectError, action, hookimpl
from xmaker.looks import Arm

STEP = 0.02
"""Seconds between two steps of a slow turn: a servo takes a pulse that often."""


@dataclass
class Servo(Output):
    """A servo on a pin: brown wire to ground, red to 5 V, orange to the pin.
    引脚上的舵机：棕线接地，红线接 5 V，橙线接引脚。
    """

    use: ClassVar[str] = "servo"
    pin: Annotated[Pin, "servo"] = Pin()
    """The pin of the servo's signal wire.
    舵机信号线的引脚。"""
    low: float = 0.0
    """The smallest angle, in degrees.
    最小的角度，单位度。"""
    high: float = 180.0
    """The largest angle, in degrees.
    最大的角度，单位度。"""
    speed: float = 0.0
    """How fast it turns, in degrees a second; 0 is as fast as it can.
    转得多快，每秒多少度；0 表示尽可能快。"""
    _arm: Handle = field(init=False, repr=False)
    _at: float | None = field(init=False, default=None, repr=False)
    """Where it is; nobody knows before the first angle."""
    _moves: int = field(init=False, default=0, repr=False)
    """Goes up with each action, so that an earlier turn ends."""

    def check(self) -> None:
        if not self.speed >= 0:
            raise ProjectError.of("XM842", option="speed", node=self.host.name, limits="≥ 0", value=f"{self.speed:g}")
        if not self.low < self.high:
            raise ProjectError.of("XM859", low=f"{self.low:g}", high=f"{self.high:g}")

    def open(self) -> None:
        self._arm, self._at = self.pin.open(), None

    @action(level=True)
    def angle(self, degrees: float) -> None:
        """Turn to an angle in degrees; what lies outside low..high stops there.
        转到某个角度（度）；超出 low..high 就停在边上。"""
        self._moves += 1
        self._turn(self._within(degrees), self.speed, self._moves)

    @action(level=True)
    def sweep(self, seconds: float = 2.0) -> None:
        """Turn from low to high and back, so many seconds each way, until another action.
        从 low 转到 high 再转回来，每趟多少秒，直到别的动作。"""
        self._moves += 1
        self._write(self.low)
        self._turn(self.high, (self.high - self.low) / max(0.1, seconds), self._moves, back=self.low)

    @action(level=True)
    def release(self) -> None:
        """Give no signal any more: it holds nothing and gets no hotter.
        不再给信号：不再用力，也不再发热。"""
        self._moves += 1
        self._at = None
        self._arm.close()
        self._arm = self.pin.open()

    def _turn(self, target: float, speed: float, number: int, back: float | None = None) -> None:
        """Turn to the target, step by step where it has a speed, and then to `back`, again and again."""
        if not speed or self._at is None:
            self._write(target)
            return
        far = target - self._at
        step = speed * STEP
        self._write(target if abs(far) <= step else self._at + (step if far > 0 else -step))
        if self._at == target and back is not None:
            target, back = back, target
        if self._at != target:
            self.host.after(STEP, lambda: self._turn(target, speed, number, back) if number == self._moves else None)

    def _write(self, degrees: float) -> None:
        self._arm.write(degrees)
        self._at = degrees

    def _within(self, degrees: float) -> float:
        return max(self.low, min(self.high, degrees))

    def looks(self) -> Arm:
        return Arm(self._at, self.low, self.high)

    def safe(self) -> None:
        self._moves += 1
        self._arm.close()  # without its signal a servo holds nothing and gets no hotter


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Servo]
