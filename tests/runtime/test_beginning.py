"""How a run begins: models import their libraries first, an input with large ones after them, and none waits for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from xmaker import Frame, Input, Label, Model, Project, Quantity, Reading, Runtime
from xmaker.testing import wait_until

Start = Callable[..., Runtime]


@dataclass
class Eye(Input):
    """Has large libraries."""

    use: ClassVar[str] = "eye"
    gives: ClassVar = Frame
    began: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        self.began.append("eye")

    def read(self) -> Any:
        time.sleep(0.01)


@dataclass
class Knob(Input):
    """Has none."""

    use: ClassVar[str] = "knob"
    gives: ClassVar = {"value": Quantity()}
    began: list[str] = field(default_factory=list)
    every: float = 0.01

    def open(self) -> None:
        self.began.append("knob")

    def read(self) -> Reading:
        return Reading(0)


@dataclass
class Net(Model):
    """Imports for as long as the test lets it."""

    use: ClassVar[str] = "net"
    takes: ClassVar = (Frame,)
    gives: ClassVar = Label
    began: list[str] = field(default_factory=list)
    imported: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None

    def open(self) -> None:
        self.imported.wait(10)
        self.began.append("net")
        if self.error:
            raise self.error

    def run(self, value: Frame) -> None:
        pass


def begin(project: Project, error: Exception | None = None) -> tuple[list[str], threading.Event]:
    began, imported = list[str](), threading.Event()
    project.add(Eye(began))
    project.add(Knob(began))
    project.add(Net(began, imported, error), from_="eye")
    return began, imported


def test_an_input_with_large_libraries_lets_the_models_begin(project: Project, start: Start) -> None:
    began, imported = begin(project)
    start(project)
    wait_until(lambda: began == ["knob"])
    time.sleep(0.05)
    assert began == ["knob"]
    imported.set()
    wait_until(lambda: began == ["knob", "net", "eye"])


def test_a_model_that_cannot_begin_keeps_nobody_waiting(project: Project, start: Start) -> None:
    began, imported = begin(project, ValueError("no"))
    imported.set()
    runtime = start(project)
    wait_until(lambda: runtime.finished.is_set())
    assert began.count("net") == 1


def test_a_run_is_stopped_while_an_input_still_waits(project: Project, start: Start) -> None:
    began, imported = begin(project)
    runtime = start(project)
    wait_until(lambda: began == ["knob"])
    threading.Timer(0.1, imported.set).start()
    before = time.monotonic()
    runtime.stop()
    assert time.monotonic() - before < 1.2
    assert all(worker.thread.is_alive() is False for worker in runtime.workers.values())
