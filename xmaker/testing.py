"""The test kit: runs a project with scripted inputs, a clock that the test sets, and a record of every action. A pytest plugin.

def test_lamp_goes_on_in_the_dark(xmaker_run):
    run = xmaker_run("projects/night_light")
    run.send("room", 12)
    run.advance(1)
    assert run.actions == ["lamp.on"]
"""

from __future__ import annotations

import dataclasses
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from xmaker.drivers import I2C
from xmaker.errors import DeviceError, XMakerError
from xmaker.hookspecs import hookimpl
from xmaker.nodes import EVERY_NODE, Input, Model, Node, Output, actions_of
from xmaker.plugins import Plugins
from xmaker.project import Project
from xmaker.runtime import Runtime, SetClock
from xmaker.values import Action, Event, Reading

PATIENCE = 10.0
"""Real seconds that `advance` waits for the graph to become quiet."""


class FakeClock(SetClock):
    """A clock that only the test moves."""


class FakeI2C:
    """An I2C bus of registers: `FakeI2C({0x76: {0xD0: 0x60}})` has one device, whose register 0xD0 reads 0x60.

    A register's value may be one byte or several (`{0xF7: b"\\x80\\x00"}`); what a plugin writes can be read again.
    """

    def __init__(self, devices: Mapping[int, Mapping[int, int | bytes]]) -> None:
        self.devices: dict[int, dict[int, int]] = {}
        for address, registers in devices.items():
            self.devices[address] = {}
            for register, value in registers.items():
                data = bytes([value]) if isinstance(value, int) else value
                self.devices[address] |= {register + offset: byte for offset, byte in enumerate(data)}

    def __call__(self, address: int) -> I2C:
        return _FakeDevice(self, address)

    def registers(self, address: int) -> dict[int, int]:
        """Return a device's registers. Raises DeviceError where there is none, as a real bus does."""
        if address not in self.devices:
            raise DeviceError.of("XM613", address=f"0x{address:02X}")
        return self.devices[address]


@dataclasses.dataclass
class _FakeDevice:
    bus: FakeI2C
    address: int

    def read(self, register: int, length: int = 1) -> bytes:
        registers = self.bus.registers(self.address)
        return bytes(registers.get(register + offset, 0) for offset in range(length))

    def write(self, register: int, data: bytes) -> None:
        self.bus.registers(self.address).update({register + offset: byte for offset, byte in enumerate(data)})


class ScriptedInput(Input):
    """Stands in for any input: gives what the test sends, nothing else."""

    def __init__(self, real: Input) -> None:
        self.gives = real.gives  # type: ignore[misc]  # the fields of the input that it stands in for
        self.every = real.period

    def read(self) -> None:
        self.host.sleep(float("inf"))


class _Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.errors: list[XMakerError] = []
        self.xmaker_wants_media = True

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        self.events.append(event)

    @hookimpl
    def xmaker_error(self, error: XMakerError) -> None:
        self.errors.append(error)


class ProjectRun:
    """A project that runs under a test's control. Inputs are scripted, except those named in `real`."""

    def __init__(self, project: Project, *, real: tuple[str, ...] = (), i2c: FakeI2C | None = None) -> None:
        self.clock = FakeClock()
        self.project = project
        self._recorder, self._plugins = _Recorder(), project.plugins
        self._plugins.manager.register(self._recorder)
        self.runtime = Runtime(self._plugins, clock=self.clock, simulate=True, i2c=i2c)
        self._real = real
        self.apply(project)

    def apply(self, project: Project) -> None:
        """Change the running project, as a live edit does."""
        self.project = project
        for spec in project.nodes.values():
            if issubclass(spec.type, Input) and spec.name not in self._real:
                spec.make = lambda spec=spec: ScriptedInput(spec.type(**spec.options))  # type: ignore[method-assign, misc]
        self.runtime.apply(project)
        self.settle()

    @property
    def events(self) -> list[Event]:
        """Every event so far, actions included."""
        return self._recorder.events

    @property
    def errors(self) -> list[XMakerError]:
        """What has failed so far."""
        return self._recorder.errors

    @property
    def actions(self) -> list[str]:
        """Every action so far, as a project would write it: `light.on`, `screen.write("Hello")`."""
        return [_written(event) for event in self.events if isinstance(event.value, Action)]

    def send(self, node: str, *values: Any, **fields: Any) -> None:
        """Have a node give values now: values, plain ones (`send("knob", 0.5)`, `send("keyboard", "space")`), or the fields of
        one value (`send("air", humidity=40)`, `send("pet", label="cat", score=0.8)`).
        """
        worker = self.runtime.workers[node]
        gives: Any = worker.node.gives  # type: ignore[attr-defined]  # an output gives nothing, and cannot be sent from
        make = Reading if isinstance(gives, Mapping) else gives
        for value in values or (make(**fields),):
            worker.emit(make(value) if isinstance(value, int | float | str) else value, self.clock.now(), None)
            self.settle()

    def set(self, node: str, **fields: float | bool | str) -> None:
        """Have a simulated sensor show these values from now on; it must be one of those in `real`."""
        for field, value in fields.items():
            self.runtime.set(f"{node}.{field}", value)
        self.settle()

    def advance(self, seconds: float) -> None:
        """Let time pass: everything that is due happens in its order, each time until the graph is quiet."""
        end = self.clock.now() + seconds
        self.settle()
        while True:
            due = [moment for moment in (self.runtime.loop.timers.next_time(), self.clock.next_sleeper()) if moment is not None]
            moment = min([moment for moment in due if moment > self.clock.now()], default=end)
            self.clock.set(min(moment, end))
            self.settle()
            if moment >= end:
                return

    def settle(self) -> None:
        """Wait until every event on its way has arrived. Raises TimeoutError after 10 real seconds."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.runtime.quiet():
                return
            time.sleep(0.0005)
        busy = [stats.name for stats in self.runtime.stats() if stats.state not in ("done", "failed")]
        raise TimeoutError(f"the project does not become quiet; its nodes are {', '.join(busy)}")

    def stop(self) -> None:
        """End the run."""
        self.runtime.stop()
        if self._plugins.manager.is_registered(self._recorder):
            self._plugins.manager.unregister(self._recorder)


def _written(event: Event) -> str:
    args = ", ".join(f'"{arg}"' if isinstance(arg, str) else f"{arg:g}" for arg in event.value.args)
    return f"{event.node}.{event.value.action}" + (f"({args})" if args else "")


RunProject = Callable[..., ProjectRun]


@pytest.fixture
def xmaker_run() -> Iterator[RunProject]:
    """Give a function that runs a project (a path, a Project, or YAML text) and stops it when the test is over."""
    runs: list[ProjectRun] = []

    def run(project: Project | Path | str, *, real: tuple[str, ...] = (), i2c: FakeI2C | None = None) -> ProjectRun:
        runs.append(ProjectRun(as_project(project), real=real, i2c=i2c))
        return runs[-1]

    yield run
    for started in runs:
        started.stop()


def as_project(project: Project | Path | str) -> Project:
    """Return the project of a path or of YAML text (recognized by its line breaks)."""
    if isinstance(project, str) and "\n" in project:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "project.yaml"
            path.write_text(textwrap.dedent(project), encoding="utf-8")
            return Project.load(path)
    return project if isinstance(project, Project) else Project.load(project)


def check_plugin(module: Any, *, i2c: FakeI2C | None = None) -> None:
    """Check what every plugin must keep to: its node types load, say what they are, and work.

    Sensors are read once, with `i2c` as their bus; outputs do each of their actions on the simulator.
    Raises AssertionError with what is wrong.
    """
    state = (plugins := Plugins()).add(module.__name__, module)
    assert state.state == "on", state.error and state.error.show("en")
    if not plugins.manager.has_plugin("xmaker_simulator"):
        plugins.add("xmaker_simulator", "xmaker_simulator")
    for node_type in [plugins.nodes[use] for use in state.nodes]:
        name = node_type.__name__
        assert node_type.__doc__, f"{name} lacks a docstring: it is what `xmaker nodes` shows"
        if issubclass(node_type, Model):
            assert node_type.takes, f"{name} does not say what it takes"
        elif issubclass(node_type, Output):
            assert set(actions_of(node_type)) - {*EVERY_NODE} or node_type.takes, f"{name} has no @action and takes nothing"
            _try(plugins, node_type, i2c)
        elif isinstance(getattr(node_type, "gives", None), Mapping) and i2c is not None:
            _try(plugins, node_type, i2c)


def _try(plugins: Plugins, node_type: type[Node], i2c: FakeI2C | None) -> None:
    """Read a sensor, or do each action once. A node that needs options, or hardware that cannot be simulated, is left alone."""
    try:
        node = node_type()
    except TypeError:
        return
    with tempfile.TemporaryDirectory() as folder:  # an output may write files
        project = Project("check", folder=folder, plugins=plugins).add(node, name="node")
        run = ProjectRun(project, real=("node",), i2c=i2c)
        try:
            if issubclass(node_type, Input):
                assert run.events and not run.errors, f"{node_type.__name__}: {run.errors or 'nothing was read'}"
            elif run.runtime.workers["node"].state == "on":
                _do_each_action(run, node_type)
        finally:
            run.stop()


def _do_each_action(run: ProjectRun, node_type: type[Node]) -> None:
    given = {"number": 0.5, "text": "text", "flag": True}
    for name, spec in actions_of(node_type).items():
        args = tuple(given.get(parameter.kind) for parameter in spec.parameters)
        run.runtime.loop.call_and_wait(partial(run.runtime.perform, "node", name, args, None))
        run.advance(10)
        unclear = [error for error in run.errors if error.code == "XM501"]  # an argument may be refused, in the plugin's words
        assert not unclear, f"{node_type.use}.{name}: {unclear[0]}"


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until something has happened in another thread. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it did not happen; threads: {[thread.name for thread in threading.enumerate()]}")
        time.sleep(0.002)
