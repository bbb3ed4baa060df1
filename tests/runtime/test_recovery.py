"""What goes wrong in a node is reported once for each kind, and the run goes on; a lost device comes back by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from xmaker import (
    DeviceError,
    Event,
    Frame,
    Input,
    Label,
    MissingDependency,
    Model,
    NodeError,
    Notice,
    Output,
    Project,
    Quantity,
    Reading,
    Runtime,
    action,
)
from xmaker.runtime import SetClock
from xmaker.testing import wait_until


@dataclass
class Sensor(Input):
    """Works as the test's `script` says: numbers are read, errors are raised."""

    use: ClassVar[str] = "sensor"
    gives: ClassVar = {"value": Quantity()}
    script: list[Any]
    every: float = 1.0

    def open(self) -> None:
        self._next("open")

    def read(self) -> Reading:
        return Reading(self._next("read"))

    def _next(self, asked: str) -> Any:
        if not self.script or self.script[0][0] != asked:
            return 0
        _, answer = self.script.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass
class Net(Model):
    use: ClassVar[str] = "net"
    takes: ClassVar = (Frame, Label)
    gives: ClassVar = Label
    fail: Callable[[Any], None]

    def run(self, value: Label) -> Label:
        self.fail(value)
        return value


@dataclass
class Words(Input):
    """Gives the labels that the test sends."""

    use: ClassVar[str] = "words"
    gives: ClassVar = Label


def test_a_lost_device_is_opened_again_and_again_ever_less_often(project: Project, seen: Any, xmaker_run: Any) -> None:
    lost = DeviceError("The sensor does not answer.")
    project.add(Sensor([("open", lost)] * 4), name="sensor")
    run = xmaker_run(project, real=("sensor",))
    run.advance(10)
    assert seen.events[0].time == 0.5 + 1.0 + 2.0 + 4.0
    assert [type(value) for value in seen.values("sensor")][:2] == [Notice, Reading]
    assert seen.notices == ["XM503"]
    assert [(error.count, str(error)) for error in seen.errors] == [(4, "sensor: The sensor does not answer.")]


def test_a_device_that_opens_but_does_not_work_is_not_called_back(project: Project, seen: Any, xmaker_run: Any) -> None:
    broken = [("open", None), ("read", DeviceError("gone"))]
    project.add(Sensor(broken * 3), name="sensor")
    run = xmaker_run(project, real=("sensor",))
    run.advance(10)
    assert seen.notices == ["XM503"]
    assert len(seen.errors) == 1


def test_a_device_that_fails_again_after_each_return_is_told_of_once(project: Project, seen: Any, xmaker_run: Any) -> None:
    flaky = [("open", None), ("read", 1), ("read", DeviceError("gone"))]
    project.add(Sensor(flaky * 4, every=0.01), name="sensor")
    run = xmaker_run(project, real=("sensor",))
    run.advance(15)
    assert (seen.notices, [error.count for error in seen.errors]) == (["XM503"], [4])
    run.runtime.workers["sensor"].node.script += [("read", DeviceError("gone"))]  # it has worked for long enough
    run.advance(1)
    assert (seen.notices, [error.count for error in seen.errors]) == (["XM503", "XM503"], [4, 1])


def test_a_device_that_cannot_be_opened_after_its_return_is_told_of_again(project: Project, seen: Any, xmaker_run: Any) -> None:
    gone = DeviceError("gone")
    script = [("open", None), ("read", 1), ("read", gone), ("open", None), ("read", 1), ("read", gone), ("open", gone)]
    project.add(Sensor(script, every=0.01), name="sensor")
    xmaker_run(project, real=("sensor",)).advance(5)
    assert seen.notices == ["XM503", "XM503"]
    assert [error.count for error in seen.errors] == [2, 1]


def test_an_error_is_reported_once_for_each_kind_and_counted(project: Project, seen: Any, xmaker_run: Any) -> None:
    bad = [("read", ValueError("a")), ("read", ValueError("b")), ("read", ValueError("a")), ("read", 7)]
    project.add(Sensor(bad, every=0.01), name="sensor")
    run = xmaker_run(project, real=("sensor",))
    run.advance(0.1)
    assert [(str(error), error.count) for error in seen.errors] == [  # type: ignore[attr-defined]
        ("sensor failed: ValueError: a", 2),
        ("sensor failed: ValueError: b", 1),
    ]
    assert run.runtime.stats()[0].errors == 3
    assert Reading(7) in seen.values("sensor")


def test_an_error_whose_words_always_change_does_not_flood_the_screen(project: Project, seen: Any, xmaker_run: Any) -> None:
    numbers = iter(range(10_000))

    def fail(value: Label) -> None:
        raise ValueError(f"error {next(numbers)}")

    project.add(Words(), name="word").add(Net(fail), name="net", from_="word")
    run = xmaker_run(project)
    for _ in range(150):
        run.send("word", "cat")
    assert len(seen.errors) == 101
    assert run.runtime.stats()[1].errors == 150


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), RuntimeError("oh")], ids=repr)
def test_whatever_a_model_raises_the_run_goes_on(project: Project, seen: Any, error: BaseException, xmaker_run: Any) -> None:
    errors = [error]

    def fail(value: Label) -> None:
        if errors:
            raise errors.pop()

    project.add(Words(), name="word").add(Net(fail), name="net", from_="word")
    run = xmaker_run(project)
    run.send("word", "cat")
    run.send("word", "dog")
    assert [value.label for value in seen.values("net")] == ["dog"]
    assert type(error).__name__ in str(seen.errors[0])


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), RuntimeError("oh")], ids=repr)
def test_whatever_an_action_raises_the_loop_goes_on(project: Project, seen: Any, error: BaseException, xmaker_run: Any) -> None:
    @dataclass
    class Bell(Output):
        use: ClassVar[str] = "bell"

        @action
        def ring(self) -> None:
            raise error

        @action
        def hum(self) -> None: ...

    project.add(Words(), name="word").add(Bell(), name="bell")
    project.rule(when='word == "ring"', then=["bell.ring", "bell.hum"])
    run = xmaker_run(project)
    run.send("word", "ring")
    assert seen.actions == ["bell.hum"]
    assert type(error).__name__ in str(seen.errors[0])


def test_a_rule_that_fails_is_reported_once(project: Project, seen: Any, xmaker_run: Any) -> None:
    project.add(Sensor([]), name="sensor").rule(when="1 / sensor > 3", then=["sensor.pause"])
    run = xmaker_run(project)
    run.send("sensor", 0, 0, 0)
    assert [(error.code, error.count) for error in seen.errors] == [("XM508", 3)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("error", [MissingDependency("The library dht is missing."), ValueError("no such bus")], ids=repr)
def test_a_node_that_cannot_be_opened_at_all_ends_the_run(project: Project, error: Exception) -> None:
    project.add(Sensor([("open", error)]), name="sensor")
    with pytest.raises(NodeError, match=str(error)) as raised:
        Runtime(project.plugins).run(project)
    assert raised.value.node == "sensor"
    assert raised.value.__cause__ is error


def test_a_lost_output_behind_a_file_comes_back_though_the_files_time_stands_still(project: Project, seen: Any) -> None:
    from xmaker import Finished, Stamped

    @dataclass
    class Film(Input):
        use: ClassVar[str] = "film"
        gives: ClassVar = Label
        paced: ClassVar[bool] = False  # type: ignore[misc]
        finite: ClassVar[bool] = True  # type: ignore[misc]
        count: int = 0

        def read(self) -> Stamped:
            self.count += 1
            if self.count > 3:
                raise Finished(3)
            return Stamped(Label(str(self.count)), self.count)

    @dataclass
    class Paper(Output):
        use: ClassVar[str] = "paper"
        takes: ClassVar = (Label,)
        shown: list[str]
        tries: int = 0

        def open(self) -> None:
            self.tries += 1
            if self.tries < 2:
                raise DeviceError("no paper")

        def receive(self, event: Event) -> None:
            self.shown.append(event.value.label)

    shown: list[str] = []
    project.add(Film(), name="film").add(Paper(shown), name="paper", from_="film")
    Runtime(project.plugins).run(project)
    assert shown == ["1", "2", "3"]


def test_time_given_by_a_test_only_goes_forward() -> None:
    clock = SetClock()
    clock.set(5)
    clock.set(3)
    assert clock.now() == 5


def test_a_read_that_hangs_is_told_of_once(project: Project, seen: Any, start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xmaker.runtime.feed.HANGS_SECONDS", 0.2)

    @dataclass
    class Hanging(Input):
        use: ClassVar[str] = "hanging"
        gives: ClassVar = {"value": Quantity()}
        every: float = 0.01
        good: int = 1000000

        def read(self) -> Reading:
            self.good -= 1
            if not self.good:
                self.host.sleep(float("inf"))
            return Reading(1)

    start(project.add(Hanging(), name="well").add(Hanging(good=30), name="ill"))
    wait_until(lambda: seen.notices == ["XM755"])
    time.sleep(0.6)
    assert [event.node for event in seen.events if isinstance(event.value, Notice)] == ["ill"]
