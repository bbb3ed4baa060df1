"""The test kit: what a plugin's or a project's author tests with."""

from __future__ import annotations

import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from xmaker import DeviceError, Input, Key, Label, Output, Pin, Quantity, Reading, Seconds, action, hookimpl
from xmaker.testing import FakeClock, FakeI2C, as_project, check_plugin, wait_until

NIGHT = """
    inputs: {room: {use: light, fresh: 1 min}, keyboard: {}}
    outputs: {lamp: {use: led}, screen: {}}
    rules:
      - {when: room < 30, for: 1 s, then: [lamp.on, {wait: 2 s}, 'screen.write("Night, {room:.0f}")'], else: [lamp.off]}
      - {when: keyboard == "space", then: [lamp.brightness(0.5)]}
"""


def test_a_project_is_played_through_in_no_time(xmaker_run: Any) -> None:
    run = xmaker_run(NIGHT)
    run.send("room", 12)
    assert run.actions == []
    run.advance(1)
    assert run.actions == ["lamp.on"]
    run.advance(2)
    assert run.actions == ["lamp.on", 'screen.write("Night, 12")']
    run.send("room", 80)
    run.send("keyboard", "space")
    assert run.actions[2:] == ["lamp.off", "lamp.brightness(0.5)"]
    assert run.errors == []


def test_what_is_sent_becomes_what_the_node_gives(xmaker_run: Any) -> None:
    run = xmaker_run(
        """
        inputs: {keyboard: {}, camera: {}, room: {use: light}}
        models: {pet: {use: classifier, model: cat-dog, from: camera}}
        """
    )
    run.send("keyboard", "space")
    run.send("room", 3)
    run.send("room", value=4)
    run.send("pet", label="cat", score=0.5)
    run.send("pet", Label("dog"))
    values = [event.value for event in run.events if event.node != "xmaker"]
    assert values == [Key("space"), Reading(3), Reading(4), Label("cat", 0.5), Label("dog")]


def test_an_input_can_run_for_real(xmaker_run: Any) -> None:
    run = xmaker_run("inputs: {timer: {every: 1 s}}\noutputs: {lamp: {use: led}}", real=("timer",))
    run.advance(3)
    assert [event.time for event in run.events if event.node == "timer"] == [1, 2, 3]


def test_a_project_can_be_a_path_or_text_and_is_checked(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text("name: Mine\ninputs: {timer: {}}\n")
    assert as_project(tmp_path).name == "Mine"
    assert as_project(str(tmp_path)).name == "Mine"
    assert list(as_project("inputs:\n  timer: {}\n").nodes) == ["timer"]


def test_a_clock_knows_who_sleeps_longest() -> None:
    clock = FakeClock()
    assert clock.next_sleeper() is None
    clock.sleeping = {1: 5.0, 2: 3.0}
    assert clock.next_sleeper() == 3.0


def test_a_test_bus_keeps_registers() -> None:
    bus = FakeI2C({0x76: {0xD0: 0x60, 0xF7: b"\x80\x01"}})
    device = bus(0x76)
    assert device.read(0xD0) == b"\x60"
    assert device.read(0xF7, 3) == b"\x80\x01\x00"
    device.write(0xF4, b"\x27\x28")
    assert device.read(0xF4, 2) == b"\x27\x28"
    for use in (lambda: bus(0x77).read(0), lambda: bus(0x77).write(0, b"\x00")):
        with pytest.raises(DeviceError, match="0x77"):
            use()


def test_waiting_in_vain_says_so() -> None:
    with pytest.raises(TimeoutError, match="MainThread"):
        wait_until(lambda: False, 0.01)


def plugin(*node_types: type) -> Any:
    """Return a module that offers these node types."""
    module = types.ModuleType("xmaker_mine")
    module.xmaker_nodes = hookimpl(lambda: node_types)  # type: ignore[attr-defined]
    return module


@dataclass
class Thermometer(Input):
    """A thermometer."""

    use: ClassVar[str] = "thermometer"
    gives: ClassVar = {"temperature": Quantity("°C", 0, 50)}
    every: Seconds = 1.0

    def open(self) -> None:
        self._bus = self.i2c(0x40)

    def read(self) -> Reading:
        return Reading(temperature=self._bus.read(0)[0])


def test_a_good_plugin_passes() -> None:
    check_plugin(plugin(Thermometer))
    check_plugin(plugin(Thermometer), i2c=FakeI2C({0x40: {0: 21}}))


def test_a_plugin_is_held_to_its_promises() -> None:
    class NoDoc(Thermometer):
        pass

    @dataclass
    class Liar(Thermometer):
        """A liar."""

        use: ClassVar[str] = "liar"

        def read(self) -> Reading:
            return Reading(3)

    @dataclass
    class Idle(Output):
        """Does nothing."""

        use: ClassVar[str] = "idle"

    with pytest.raises(AssertionError, match="NoDoc lacks @dataclass"):
        check_plugin(plugin(NoDoc))
    with pytest.raises(AssertionError, match=r"Liar: .*promises Reading\(temperature\)"):
        check_plugin(plugin(Liar), i2c=FakeI2C({0x40: {}}))
    with pytest.raises(AssertionError, match="Idle has no @action"):
        check_plugin(plugin(Idle))


def test_a_plugins_outputs_are_tried_on_the_simulator() -> None:
    @dataclass
    class Lamp(Output):
        """A lamp that forgets its pin."""

        use: ClassVar[str] = "forgetful"
        pin: Pin = Pin()

        @action(level=True)
        def on(self) -> None:
            self._lamp.write(1)  # type: ignore[attr-defined]

    with pytest.raises(AssertionError, match=r"forgetful\.on.*_lamp"):
        check_plugin(plugin(Lamp))


def test_a_settled_run_has_handled_everything(xmaker_run: Any) -> None:
    run = xmaker_run(NIGHT)
    for _ in range(50):
        run.send("room", 12)
    assert len([event for event in run.events if event.node == "room"]) == 50
