"""The simulator: the board of a computer that is no board, and pins that only remember what they were set to."""

from __future__ import annotations

from typing import ClassVar

from xmaker import Board, Driver, Handle, hookimpl


class SimulatedPin:
    """A pin without hardware. What it shows is on the event stream, as the action that set it."""

    def __init__(self) -> None:
        self.value = 0.0

    def write(self, value: float) -> None:
        self.value = value

    def read(self) -> float:
        return self.value

    def close(self) -> None:
        self.value = 0.0


class Simulator(Driver):
    """Offers every kind of pin, under any name."""

    name: ClassVar[str] = "simulator"

    def __init__(self, simulate: bool = True) -> None:
        super().__init__(simulate)
        self.pins: dict[str, SimulatedPin] = {}

    def output(self, pin: str) -> Handle:
        return self.pins.setdefault(pin, SimulatedPin())

    servo = analog = output

    def distance(self, trigger: str, echo: str) -> Handle:
        return self.pins.setdefault(echo, SimulatedPin())


@hookimpl
def xmaker_drivers() -> list[type[Driver]]:
    return [Simulator]


@hookimpl(trylast=True)
def xmaker_board() -> Board:
    return Board("simulator", "simulator", "simulator", simulated=True)
