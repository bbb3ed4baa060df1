"""Stopping takes at most two seconds and leaves every output safe, whatever hangs, and however the run is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from xmaker import Event, Input, Label, Output, Project, Runtime, action, hookimpl
from xmaker.testing import wait_until


@dataclass
class Words(Input):
    """Gives the labels that the test sends."""

    use: ClassVar[str] = "words"
    gives: ClassVar = Label

    def read(self) -> None:
        self.host.sleep(float("inf"))


@dataclass
class Lamp(Output):
    use: ClassVar[str] = "lamp"
    done: list[str]

    @action(level=True)
    def on(self) -> None:
        self.done.append("on")

    def safe(self) -> None:
        self.done.append("safe")

    def close(self) -> None:
        self.done.append("close")


@dataclass
class Stuck(Lamp):
    """Hangs in its action, in its thread or on the event loop, until the test is over."""

    use: ClassVar[str] = "stuck"
    blocking: ClassVar[bool] = True
    freed: ClassVar[threading.Event]

    @action
    def hang(self) -> None:
        self.done.append("hang")
        self.freed.wait()


@dataclass
class StuckLoop(Stuck):
    use: ClassVar[str] = "stuck_loop"
    blocking: ClassVar[bool] = False


@dataclass
class StuckInput(Words):
    """Hangs in `read`, as a camera without its cable may."""

    use: ClassVar[str] = "stuck_input"

    def read(self) -> None:
        Stuck.freed.wait()


@pytest.fixture(autouse=True)
def freed() -> Iterator[None]:
    Stuck.freed = threading.Event()
    yield
    Stuck.freed.set()


@pytest.mark.parametrize("stuck", [Stuck, StuckLoop])
def test_a_hanging_output_keeps_neither_the_end_nor_the_other_outputs_waiting(project: Project, stuck: type[Stuck]) -> None:
    lamp: list[str] = []
    hanging: list[str] = []
    project.add(Words(), name="word").add(StuckInput(), name="camera").add(stuck(hanging), name="voice").add(
        Lamp(lamp), name="lamp"
    )
    project.rule(each="word", then=["lamp.on", "voice.hang"])
    runtime = Runtime(project.plugins)
    runtime.apply(project)
    wait_until(lambda: {stats.state for stats in runtime.stats()} == {"on"})
    runtime.workers["word"].node.host.emit(Label("go"))
    wait_until(lambda: hanging == ["hang"])
    before = time.monotonic()
    runtime.stop()
    assert time.monotonic() - before < 3  # two, and one for a busy computer
    assert lamp == ["on", "safe", "close"]
    assert "safe" in hanging


def test_what_a_hanging_input_gives_after_the_end_reaches_nobody(project: Project, seen: Any) -> None:
    class Late(Words):
        use = "late"
        every = 0.01

        def read(self) -> Label:  # type: ignore[override]
            Stuck.freed.wait()
            return Label("late")

    project.add(Late(), name="camera")
    runtime = Runtime(project.plugins)
    runtime.run(project, 0.05)
    Stuck.freed.set()
    runtime.workers["camera"].thread.join(2)
    assert seen.values("camera") == []


def test_an_output_that_cannot_be_stopped_is_told_of(project: Project, seen: Any) -> None:
    class StuckSafe(Stuck):
        use = "stuck_safe"

        def safe(self) -> None:
            self.freed.wait()

    project.add(StuckSafe([]), name="motor").add(Lamp([]), name="lamp")
    Runtime(project.plugins).run(project, 0.05)
    assert [(error.node, error.code) for error in seen.errors] == [("motor", "XM756")]


def test_an_output_that_is_still_being_opened_has_nothing_to_be_made_safe(project: Project, seen: Any) -> None:
    class SlowLamp(Lamp):
        use = "slow_lamp"

        def open(self) -> None:
            Stuck.freed.wait()
            self.lamp = self.done

        def safe(self) -> None:
            self.lamp.append("safe")

    project.add(SlowLamp([]), name="lamp")
    Runtime(project.plugins).run(project, 0.05)
    assert seen.errors == []


def test_an_output_that_cannot_be_made_safe_does_not_keep_the_others_from_it(project: Project, seen: Any) -> None:
    @dataclass
    class Broken(Output):
        use: ClassVar[str] = "broken"

        @action
        def go(self) -> None: ...

        def safe(self) -> None:
            raise SystemExit("no")

    lamp: list[str] = []
    project.add(Broken(), name="broken").add(Lamp(lamp), name="lamp")
    Runtime(project.plugins).run(project, 0.05)
    assert lamp == ["safe", "close"]
    assert "SystemExit" in str(seen.errors[0])


def test_after_its_end_no_rule_can_switch_an_output_on(project: Project) -> None:
    lamp: list[str] = []
    project.add(Words(), name="word").add(Lamp(lamp), name="lamp").rule(each="word", then=["lamp.on"])
    runtime = Runtime(project.plugins)
    runtime.apply(project)
    wait_until(lambda: runtime.workers["lamp"].state == "on")
    runtime.stop()
    runtime.perform("lamp", "on", (), None)
    assert lamp == ["safe", "close"]


def test_one_process_can_run_projects_one_after_another(project: Project) -> None:
    lamp: list[str] = []
    project.add(Words(), name="word").add(Lamp(lamp), name="lamp")
    runtime = Runtime(project.plugins)
    for _ in range(2):
        assert runtime.run(project, 0.05) is False
    Runtime(project.plugins).run(project, 0.05)
    project.run(0.05)
    project.run(0.05)
    assert lamp == ["safe", "close"] * 5


def test_stopping_twice_or_before_the_start_is_nothing(project: Project, start: Any) -> None:
    Runtime(project.plugins).stop()
    runtime = start(project.add(Words(), name="word"))
    runtime.stop()
    runtime.stop()


PROGRAM = """
import os, signal, sys, time
from dataclasses import dataclass
from typing import ClassVar
from xmaker import Input, Output, Plugins, Project, ProjectError, Quantity, Runtime, XMakerError, action

@dataclass
class Lamp(Output):
    use: ClassVar[str] = "lamp"
    def open(self):
        print("ready", flush=True)
    @action
    def on(self): ...
    def safe(self):
        print("safe", flush=True)
        {safe}

@dataclass
class Clock(Input):
    use: ClassVar[str] = "clock"
    gives: ClassVar = {{"value": Quantity()}}
    def read(self):
        {read}

project = Project("test", plugins=Plugins()).add(Lamp(), name="lamp").add(Clock(), name="clock")
try:
    print("interrupted", Runtime(project.plugins).run(project))
except KeyboardInterrupt:
    print("at once")
except XMakerError as error:
    print(error)
"""


def run_program(*signals: int, read: str = "self.host.sleep(1e9)", safe: str = "") -> str:
    """Run the program, send it signals once its lamp is open, and return what it printed."""
    program = PROGRAM.format(read=read, safe=safe)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = process.stdout.readline()
        for number in signals:
            os.kill(process.pid, number)
            time.sleep(0.2)
        printed += process.communicate(timeout=60)[0]
    return " ".join(printed.split())


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_leave_everything_safe(number: int) -> None:
    assert run_program(number) == "ready safe interrupted True"


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_pressing_ctrl_c_again_and_again_still_leaves_everything_safe() -> None:
    printed = run_program(signal.SIGINT, signal.SIGINT, signal.SIGINT, safe="time.sleep(0.9)")
    assert printed in (
        "ready safe interrupted True",
        "ready safe safe interrupted True",
    )  # so slow that somebody else tries, too


def test_an_error_that_ends_the_run_leaves_everything_safe() -> None:
    assert run_program(read='raise ProjectError("no such file")') == "ready safe clock: no such file"


def test_every_thread_of_a_run_is_a_daemon(project: Project, start: Any) -> None:
    start(project.add(Words(), name="word"))
    assert all(thread.daemon for thread in threading.enumerate() if thread.name.startswith("xmaker-"))


def test_the_signal_handlers_are_put_back(project: Project) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    Runtime(project.plugins).run(project.add(Words(), name="word"), 0.01)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_an_observer_may_stop_the_run(project: Project) -> None:
    """Also on the thread of the node whose event it sees, and while `run` waits for the end."""

    class Stops:
        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            if event.node == "lamp":
                runtime.stop()

    @dataclass
    class Ticks(Words):
        use: ClassVar[str] = "ticks"
        every: float = 0.01

        def read(self) -> Label:  # type: ignore[override]
            return Label("tick")

    lamp: list[str] = []
    project.plugins.manager.register(Stops())
    project.add(Ticks(), name="ticks").add(Lamp(lamp), name="lamp").rule(each="ticks", then=["lamp.on"])
    runtime = Runtime(project.plugins)
    before = time.monotonic()
    runtime.run(project, 20)
    assert time.monotonic() - before < 5
    assert lamp == ["on", "safe", "close"]
