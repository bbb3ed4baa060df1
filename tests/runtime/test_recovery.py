"""What goes wrong in a node is reported once for each kind, and the run goes on; a lost device comes back by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from xmaker import (
    Action,
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
    hookimpl,
)
from xmaker.runtime import SetClock


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
class Lamp(Output):
    """A lamp whose wire the test can cut (`there = False`)."""

    use: ClassVar[str] = "lamp"
    done: list[str]
    there: ClassVar[bool] = True

    def open(self) -> None:
        self.reach("open")

    @action(level=True)
    def on(self) -> None:
        self.reach("on")

    @action(level=True)
    def off(self) -> None:
        self.reach("off")

    @action
    def toggle(self) -> str:
        self.reach("toggle")
        return "on"

    @action
    def blink(self) -> None:
        self.reach("blink")

    def safe(self) -> None:
        self.reach("safe")

    def reach(self, what: str) -> None:
        if not Lamp.there:
            raise DeviceError("The lamp does not answer.")
        self.done.append(what)


@dataclass
class Words(Input):
    """Gives the labels that the test sends."""

    use: ClassVar[str] = "words"
    gives: ClassVar = Label


@pytest.fixture
def lamp(project: Project, seen: Any, xmaker_run: Any) -> Any:
    """A lamp and a word that switches it: what the lamp did, what was seen, and how to say a word and let time pass."""
    done: list[str] = []
    project.add(Words(), name="word").add(Lamp(done), name="lamp")
    for word in ("on", "off", "toggle", "blink"):
        project.rule(when=f'word == "{word}"', then=[f"lamp.{word}"])
    run = xmaker_run(project)
    run.done = done  # type: ignore[attr-defined]
    yield run
    Lamp.there = True


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


def test_every_action_done_is_an_event_with_its_cause(lamp: Any) -> None:
    lamp.send("word", "on")
    act = lamp.events[-1]
    assert (act.node, act.value, act.cause.value.label) == ("lamp", Action("on"), "on")


def test_on_for_a_lamp_that_is_on_is_nothing(lamp: Any) -> None:
    lamp.send("word", "on", "blink", "on", "off", "off", "toggle", "on")
    assert lamp.done == ["open", "on", "blink", "on", "off", "toggle"]
    assert lamp.actions == ["lamp.on", "lamp.blink", "lamp.on", "lamp.off", "lamp.toggle"]


def test_the_last_level_is_set_again_when_the_device_is_back(lamp: Any, seen: Any) -> None:
    lamp.send("word", "on")
    Lamp.there = False
    lamp.send("word", "blink")
    Lamp.there = True
    lamp.advance(1)
    assert lamp.done == ["open", "on", "open", "on"]
    assert seen.notices == ["XM503"]


def test_what_was_asked_of_a_lost_device_is_done_when_it_is_back_the_latest_level_only(lamp: Any, seen: Any) -> None:
    Lamp.there = False
    lamp.send("word", *["on", "off", "blink"] * 50, "on", "blink")
    Lamp.there = True
    lamp.advance(1)
    assert lamp.done == ["open", "open", "on"]
    assert lamp.actions == ["lamp.on"]
    assert [str(error) for error in seen.errors] == ["lamp: The lamp does not answer."]


def test_a_level_that_is_asked_for_again_while_the_device_is_lost_is_set(lamp: Any) -> None:
    lamp.send("word", "on")
    Lamp.there = False
    lamp.send("word", "off", "on")
    Lamp.there = True
    lamp.advance(1)
    assert lamp.done == ["open", "on", "open", "on"]


def test_observers_are_called_one_by_one_and_one_that_raises_is_unplugged(project: Project, xmaker_run: Any) -> None:
    class Bad:
        calls = 0

        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            Bad.calls += 1
            raise SystemExit("no")

    order: list[str] = []

    class Good:
        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            order.append(event.value.label)

    class Errors:
        errors: ClassVar[list[Any]] = []

        @hookimpl
        def xmaker_error(self, error: Any) -> None:
            Errors.errors.append(error)

    for observer in (Good(), Bad(), Good(), Errors()):
        project.plugins.manager.register(observer)
    run = xmaker_run(project.add(Words(), name="word"))
    run.send("word", "a", "b")
    assert order == ["a", "a", "b", "b"]
    assert Bad.calls == 1
    assert [error.code for error in Errors.errors] == ["XM509"]


@pytest.mark.parametrize("hook", ["xmaker_start", "xmaker_stop"])
def test_an_observer_of_start_and_stop_may_raise(project: Project, seen: Any, hook: str, xmaker_run: Any) -> None:
    def listen(project: Project) -> None:
        raise SystemExit("no")

    bad = type("Bad", (), {hook: staticmethod(hookimpl(listen))})()
    project.plugins.manager.register(bad)
    run = xmaker_run(project.add(Words(), name="word"))
    run.send("word", "a")
    run.stop()
    assert seen.codes == ["XM509"]
    assert len(seen.values("word")) == 1


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
