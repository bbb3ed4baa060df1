"""Pins, buses, and how hardware is simulated."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from xmaker import (
    DeviceError,
    Driver,
    I2CAddress,
    Input,
    Output,
    Pin,
    Plugins,
    Project,
    ProjectError,
    Quantity,
    Reading,
    Runtime,
    Seconds,
    action,
    hookimpl,
)
from xmaker.options import convert_value
from xmaker.runtime.hardware import is_hardware
from xmaker.testing import FakeI2C, check_plugin, wait_until

BOTH = {"pi": "17", "unihiker": "P25"}


@pytest.mark.parametrize(("given", "names"), [(17, "17"), ("P25", "P25"), (None, ""), ({"pi": 17, "unihiker": "P25"}, BOTH)])
def test_a_pin_has_a_name_or_one_for_each_board(given: object, names: object) -> None:
    assert Pin.parse(given).names == names


@pytest.mark.parametrize("given", [True, 3.5, [], {}, "", {"pi": None}, {"pi": [1]}])
def test_what_is_no_pin_says_what_is(given: object) -> None:
    with pytest.raises(ValueError, match=r"17|P25"):
        Pin.parse(given)


def test_each_board_takes_its_own_name_and_the_simulator_any() -> None:
    pin = Pin.parse({"pi": 17, "unihiker": "P25"})
    assert (pin.name_on("pi"), pin.name_on("unihiker"), pin.name_on("simulator")) == ("17", "P25", "17")
    assert Pin.parse(4).name_on("pi") == "4"
    with pytest.raises(DeviceError, match="No pin is given for the board “toaster”"):
        pin.name_on("toaster")


def test_a_pin_without_a_driver_is_an_error_not_a_crash() -> None:
    with pytest.raises(DeviceError):
        Pin("17").open()


@pytest.mark.parametrize("role", ["output", "servo", "analog"])
def test_a_driver_says_what_it_cannot_do(role: str) -> None:
    class Small(Driver):
        name = "small"

    with pytest.raises(DeviceError, match=f"small has no pins of the kind “{role}”"):
        Pin("1", Small(), "pi", role).open()


@pytest.mark.parametrize("given", [0x76, 8, 0x77])
def test_an_i2c_address_is_an_option(given: int) -> None:
    made = convert_value(I2CAddress, given)
    assert made == given
    assert isinstance(made, I2CAddress)


@pytest.mark.parametrize("given", [7, 0x78, -1, "0x76", True, None, 3.0])
def test_what_is_no_i2c_address_says_what_is(given: object) -> None:
    with pytest.raises(ValueError, match="0x08"):
        convert_value(I2CAddress, given)


@dataclass
class Bme280(Input):
    """Temperature and pressure from a BME280 (a much simplified one)."""

    use: ClassVar[str] = "bme280"
    gives: ClassVar = {"temperature": Quantity("°C", -40, 85), "pressure": Quantity("hPa", 300, 1100)}
    address: I2CAddress = I2CAddress(0x76)  # an int cannot change
    every: Seconds = 1.0

    def open(self) -> None:
        self._bus = self.i2c(self.address)
        if self._bus.read(0xD0) != b"\x60":
            raise DeviceError("This is no BME280.")
        self._bus.write(0xF4, b"\x27")

    def read(self) -> Reading:
        pressure, temperature = self._bus.read(0xF7, 3), self._bus.read(0xFA, 3)
        return Reading(temperature=int.from_bytes(temperature, "big") / 16, pressure=int.from_bytes(pressure, "big") / 16)


REGISTERS = {0xD0: 0x60, 0xF7: b"\x00\x3f\x50", 0xFA: b"\x00\x01\x50"}


def on_bench(**options: Any) -> Project:
    return Project("test", plugins=Plugins.load()).add(Bme280(**options), name="air")


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Bme280]


def test_a_sensor_on_a_bus_passes_the_check_for_plugins() -> None:
    check_plugin(sys.modules[__name__], i2c=FakeI2C({0x76: REGISTERS}))


def test_a_sensor_on_a_bus_is_read_through_a_test_bus(xmaker_run: Any) -> None:
    bus = FakeI2C({0x76: REGISTERS})
    run = xmaker_run(on_bench(), real=("air",), i2c=bus)
    run.advance(1)
    assert [event.value for event in run.events if event.node == "air"] == [Reading(temperature=21.0, pressure=1013.0)] * 2
    assert bus.registers(0x76)[0xF4] == 0x27


def test_a_sensor_that_does_not_answer_is_asked_again(xmaker_run: Any) -> None:
    bus = FakeI2C({})
    run = xmaker_run(on_bench(), real=("air",), i2c=bus)
    assert "Nothing answers at I2C address 0x76" in str(run.errors[0])
    bus.devices[0x76] = FakeI2C({0x76: REGISTERS}).devices[0x76]
    run.advance(0.5)
    assert run.events[-1].value == Reading(temperature=21.0, pressure=1013.0)


def simulated(run: Any) -> list[Reading]:
    return [event.value for event in run.events if isinstance(event.value, Reading)]


def test_a_strangers_sensor_is_simulated_without_a_line_of_code(xmaker_run: Any) -> None:
    run = xmaker_run(on_bench(), real=("air",))
    run.advance(30)
    shown = simulated(run)
    assert len(shown) == 31
    assert min(reading.values["temperature"] for reading in shown) == pytest.approx(-40, abs=13)
    assert max(reading.values["pressure"] for reading in shown) == pytest.approx(1100, abs=80)
    assert [event.value.code for event in run.events if hasattr(event.value, "notice")] == ["XM901", "XM904"]


def test_what_a_simulated_sensor_shows_can_be_given_beforehand_and_set(xmaker_run: Any) -> None:
    (project := on_bench()).nodes["air"].preset = {"temperature": 21.0}
    run = xmaker_run(project, real=("air",))
    run.advance(1)
    assert [reading.values["temperature"] for reading in simulated(run)] == [21.0, 21.0]
    run.runtime.workers["air"].node.set("pressure", 1000)
    run.advance(1)
    assert simulated(run)[-1] == Reading(temperature=21.0, pressure=1000)


@dataclass
class Button(Input):
    """A sensor that is hardware by its own word, with a flag for a field."""

    use: ClassVar[str] = "button"
    gives: ClassVar = {"pressed": Quantity(kind="flag")}
    hardware: ClassVar[bool] = True


@dataclass
class Lamp(Output):
    use: ClassVar[str] = "lamp"
    pin: Pin = Pin()

    @action
    def on(self) -> None: ...


@dataclass
class Paper(Output):
    use: ClassVar[str] = "paper"

    @action
    def write(self) -> None: ...


def test_what_has_pins_or_an_address_or_says_so_is_hardware() -> None:
    assert [is_hardware(node) for node in (Bme280, Button, Lamp, Paper)] == [True, True, True, False]


def test_a_flag_is_simulated_as_true_and_false(xmaker_run: Any) -> None:
    run = xmaker_run(Project("test", plugins=Plugins.load()).add(Button(), name="button"), real=("button",))
    run.advance(19)
    assert simulated(run) == [Reading(pressed=False), Reading(pressed=True)], "and given only when it changes"
    assert [event.value.code for event in run.events if hasattr(event.value, "notice")] == ["XM901", "XM753"]


def test_flags_of_a_simulated_sensor_never_contradict_each_other(xmaker_run: Any) -> None:
    run = xmaker_run("inputs: {door: {use: button, pin: 17}}\noutputs: {console: {}}", real=("door",))
    run.advance(19)
    still = {"held": False, "double": False}
    assert simulated(run) == [Reading(pressed=False, **still), Reading(pressed=True, **still)]
    run.runtime.workers["door"].node.set("held", True)
    run.advance(0.5)
    assert simulated(run)[-1] == Reading(pressed=True, held=True, double=False)


@pytest.mark.parametrize("node", [Bme280(), Button(), Lamp()], ids=lambda node: node.use)
def test_simulation_can_be_forbidden(node: Any) -> None:
    project = Project("test", plugins=Plugins.load()).add(node, name="thing").add(Paper(), name="paper")
    project.simulate = "never"
    runtime = Runtime(project.plugins)
    with pytest.raises(ProjectError) as raised:
        runtime.apply(project)
    runtime.stop()
    assert raised.value.code == "XM616"


def test_what_is_no_hardware_needs_no_simulation(xmaker_run: Any) -> None:
    project = Project("test", plugins=Plugins.load()).add(Paper(), name="paper")
    project.simulate = "never"
    assert xmaker_run(project).events == []


class Counted(Driver):
    """A driver that counts how often it is opened and closed."""

    name: ClassVar[str] = "counted"
    life: ClassVar[list[str]] = []

    def __init__(self, simulate: bool = False, board: str = "") -> None:
        super().__init__(simulate, board)
        self.life.append("open")

    def output(self, pin: str) -> Any:
        return SimpleNamespace(write=lambda level: None, close=lambda: self.life.append(f"close {pin}"))

    def close(self) -> None:
        self.life.append("close")
        raise ValueError("no")


@hookimpl(specname="xmaker_drivers")
def drivers() -> list[type[Driver]]:
    return [Counted]


def test_nodes_share_one_driver_which_is_closed_last() -> None:
    plugins = Plugins.load()
    led: Any = plugins.nodes["led"]
    plugins.add("mine", SimpleNamespace(xmaker_drivers=drivers))
    project = Project("test", plugins=plugins).add(led(pin=Pin("1")), name="a", driver="counted")
    project.add(led(pin=Pin("2")), name="b", driver="counted")
    runtime = Runtime(plugins)
    runtime.apply(project)
    wait_until(lambda: {stats.state for stats in runtime.stats()} == {"on"})
    runtime.stop()
    assert Counted.life[0] == "open"
    assert sorted(Counted.life[1:-1]) == ["close 1", "close 2"]
    assert Counted.life[-1] == "close"


def test_a_sensor_that_was_told_what_to_show_is_not_said_to_move(xmaker_run: Any) -> None:
    project = Project("test", plugins=Plugins.load()).add(Button(), name="button")
    project.nodes["button"].preset = {"pressed": True}
    run = xmaker_run(project, real=("button",))
    run.advance(19)
    assert [event.value.code for event in run.events if hasattr(event.value, "notice")] == ["XM901"]
