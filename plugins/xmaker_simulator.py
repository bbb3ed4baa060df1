"""The simulator: the board of a computer that is no board, and pins that only remember what they were set to."""

from __future__ import annotations

from typing import Any, ClassVar

from xmaker import Board, Driver, Handle, hookimpl


class SimulatedPin:
    """A pin without hardware. What it shows is on the event stream, as the action that set it."""

    def __init__(self, value: Any = 0.0) -> None:
        self.value = self.at_rest = value

    def write(self, value: Any) -> None:
        self.value = value

    def read(self) -> Any:
        return self.value

    def close(self) -> None:
        self.value = self.at_rest


AT_REST = {"dht": (20.0, 50.0), "accelerometer": (0.0, 0.0, 1.0)}
"""Role → what it reads until somebody sets it, where that is no single number."""


class Simulator(Driver):
    """Offers every kind of pin, under any name."""

    name: ClassVar[str] = "simulator"

    def __init__(self, simulate: bool = True, board: str = "") -> None:
        super().__init__(simulate, board)
        self.pins: dict[str, SimulatedPin] = {}

    def open(self, role: str, *pins: str, **settings: Any) -> Handle:
        at_rest = AT_REST.get(role, float(settings.get("pull") == "up"))
        return self.pins.setdefault(pins[-1] or role, SimulatedPin(at_rest))


@hookimpl
def xmaker_drivers() -> list[type[Driver]]:
    return [Simulator]


@hookimpl(trylast=True)
def xmaker_board() -> Board:
    return Board("simulator", "simulator", "simulator", simulated=True)
