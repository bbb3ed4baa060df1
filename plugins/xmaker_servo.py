"""A servo that turns to an angle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from xmaker import Handle, Output, Pin, action, hookimpl


@dataclass
class Servo(Output):
    """A servo on a pin: brown wire to ground, red to 5 V, orange to the pin."""

    use: ClassVar[str] = "servo"
    pin: Annotated[Pin, "servo"] = Pin()
    """The pin of the servo's signal wire."""
    low: float = 0.0
    """The smallest angle, in degrees."""
    high: float = 180.0
    """The largest angle, in degrees."""
    _arm: Handle = field(init=False, repr=False)

    def open(self) -> None:
        self._arm = self.pin.open()

    @action(level=True)
    def angle(self, degrees: float) -> None:
        """Turn to an angle in degrees; what lies outside low..high stops there."""
        self._arm.write(max(self.low, min(self.high, degrees)))

    def safe(self) -> None:
        self._arm.close()  # without its signal a servo holds nothing and gets no hotter


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Servo]
