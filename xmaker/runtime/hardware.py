"""Gives nodes their pins and buses: real ones on a board that has them, simulated ones elsewhere."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from xmaker.drivers import I2C, Board, Driver, I2CAddress, I2CBus, Pin
from xmaker.errors import DeviceError, ProjectError
from xmaker.nodes import Input, Node, Quantity
from xmaker.options import check_shown, option_types, pin_roles
from xmaker.plugins import Plugins
from xmaker.values import Reading

if TYPE_CHECKING:
    from xmaker.project import NodeSpec, Project

WAVE_SECONDS = 20.0
"""How long a simulated sensor takes to go through its range and back."""


def is_hardware(node_type: type[Node]) -> bool:
    """Return whether nodes of this type need pins or a bus."""
    declared = bool(getattr(node_type, "hardware", False))
    return declared or any(kind in (Pin, I2CAddress) for kind in option_types(node_type).values())


class Hardware:
    """The drivers and buses of one run, opened when first needed, shared, closed last."""

    def __init__(self, plugins: Plugins, board: Board, simulate: bool, i2c: Callable[[int], I2C] | None = None) -> None:
        self.board, self.simulate = board, simulate
        self._plugins, self._i2c = plugins, i2c
        self._drivers: dict[tuple[str, str], Driver] = {}
        """Driver and board → one for all nodes."""
        self._bus: I2CBus | None = None
        self._lock = threading.Lock()

    def node(self, spec: NodeSpec, never: bool = False) -> Node:
        """Return a spec's node, or a simulated sensor in its place. `never` forbids simulation. Raises ProjectError."""
        node = spec.make()
        wanted = self._simulates(spec)
        stand_in = type(node) is not spec.type  # a test's
        if stand_in or not (wanted and (spec.preset or is_hardware(spec.type))):
            return node
        if never:
            raise ProjectError.of("XM616", spec.mark, node=spec.name)
        if not (isinstance(node, Input) and isinstance(node.gives, Mapping)) or (self._i2c is not None and not spec.preset):
            return node  # on simulated pins, or on the bus of a test, the node itself can run
        return SimulatedSensor(node, spec.preset)

    def _simulates(self, spec: NodeSpec) -> bool:
        """Return whether a node's hardware is simulated: as it says, else everywhere, else where there is none."""
        if spec.simulate is not None or self.simulate:
            return self.simulate if spec.simulate is None else spec.simulate
        if not self.board.simulated:
            return spec.board == "simulator"
        kind = self._kind(spec)
        return not (kind and kind.on_usb and (not spec.board or spec.board in kind.on_usb))

    def _kind(self, spec: NodeSpec) -> type[Driver] | None:
        """Return the driver that a node asks for, by name or by its board; None when that is the project's business."""
        return self._plugins.driver(spec.driver) if spec.driver else self._plugins.driver_of(spec.board)

    def attach(self, spec: NodeSpec, node: Node) -> None:
        """Connect a node's pins with the driver that moves them."""
        roles = pin_roles(spec.type)
        for name, pin in _pins(node).items():
            driver = self._driver(spec)
            board = driver.board or spec.board or (driver.boards[0] if spec.driver and driver.boards else self.board.name)
            role = roles.get(name, "output")
            setattr(node, name, dataclasses.replace(pin, driver=driver, board=board, role=role, handles=[]))

    def detach(self, node: Node) -> None:
        """Close what is open on a node's pins."""
        for pin in _pins(node).values():
            _close(pin.handles)
            pin.handles.clear()

    def _driver(self, spec: NodeSpec) -> Driver:
        simulate = self._simulates(spec)
        kind = self._kind(spec) or self._plugins.driver("simulator" if simulate else self.board.driver)
        board = spec.board or self.board.name
        with self._lock:
            asked = kind.name, board if board in kind.boards else ""
            if asked not in self._drivers:
                made = kind(simulate, asked[1])  # which may know a board where none was named
                self._drivers[asked] = self._drivers.setdefault((kind.name, made.board), made)
            return self._drivers[asked]

    def i2c(self, address: int) -> I2C:
        """Return a device on the board's I2C bus. Raises DeviceError where there is none."""
        if self._i2c is not None:
            return self._i2c(address)
        if self.board.i2c_bus is None:
            raise DeviceError.of("XM617", board=self.board.title)
        with self._lock:
            self._bus = self._bus or I2CBus(self.board.i2c_bus)
        return self._bus.device(address)

    def close(self) -> None:
        """Close buses and drivers."""
        _close(dict.fromkeys(self._drivers.values()))
        _close([self._bus] if self._bus else [])


def _pins(node: Node) -> dict[str, Pin]:
    return {name: value for name, value in vars(node).items() if isinstance(value, Pin)}


def _close(things: Iterable[Any]) -> None:
    for thing in things:
        try:
            thing.close()
        except Exception:  # noqa: BLE001, S112  # the device may be gone; the next one must be closed all the same
            continue


class SimulatedSensor(Input):
    """Stands in for any sensor: its numbers go slowly through their ranges, until somebody sets them.

    Of its flags only the first one is false and true in turn: which of them may be true together, only the sensor knows.
    """

    def __init__(self, real: Input, preset: dict[str, Any]) -> None:
        assert isinstance(real.gives, Mapping)  # only sensors are simulated
        self.gives = self.fields = real.gives  # type: ignore[misc]  # the fields of the sensor that it stands in for
        self.every = getattr(real, "every", None) or 0.1
        self._shown = dict(preset)
        flags = [name for name, quantity in real.gives.items() if quantity.kind == "flag"]
        self._first_flag, self._only_flags = flags[0] if flags else "", len(flags) == len(real.gives)
        self._given: Reading | None = None

    @property
    def period(self) -> float | None:
        """Flags alone are given when one of them changes, and last until then."""
        return None if self._only_flags else self.every

    def open(self) -> None:
        self._given = None
        moving = [self._first_flag] if self._only_flags else [name for name, one in self.fields.items() if one.kind != "text"]
        if not self._shown.keys() >= set(moving):  # else somebody said what it is to show
            self.host.notice("XM753" if self._only_flags else "XM904", node=self.host.name, flag=self._first_flag)

    def set(self, field: str, value: Any) -> None:
        """Show this value from now on, and at once. Raises ValueError with words for what was expected."""
        check_shown(self.fields[field], value)
        self._shown[field] = value
        if (reading := self.read()) is not None:
            self.host.emit(reading)

    def read(self) -> Reading | None:
        waves = {name: self._wave(name, quantity, number) for number, (name, quantity) in enumerate(self.fields.items())}
        reading = Reading(**(waves | self._shown))
        if self._only_flags and reading == self._given:
            return None
        self._given = reading
        return reading

    def _wave(self, name: str, quantity: Quantity, number: int) -> float | bool | str:
        turns = self.host.now() / WAVE_SECONDS
        if quantity.kind == "flag":
            return name == self._first_flag and turns % 1.0 >= 0.5
        if quantity.kind == "text":
            return quantity.example
        level = 1.0 - abs(2.0 * ((turns + number / 3) % 1.0) - 1.0)
        return round(quantity.low + (quantity.high - quantity.low) * level, 2)


def board_of(plugins: Plugins, project: Project, simulate: bool) -> Board:
    """Return the computer that this is, or the one that the project is for, simulated. Raises ProjectError."""
    found = plugins.board()
    if project.board in ("", found.name):
        return found
    driver = plugins.driver_of(project.board)
    if driver and project.board in driver.on_usb and not simulate:
        return Board(project.board, project.board, driver.name)
    if project.board != "simulator" and not simulate:
        raise ProjectError.of("XM622", board=project.board, found=found.title)
    return Board(project.board, project.board, "simulator", simulated=True)
