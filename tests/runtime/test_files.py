"""A file brings its own time: `for`, `wait` and `cooldown` count it, and its end is the end of the run."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from xmaker import Finished, Input, Label, Model, Output, Project, Quantity, Reading, Runtime, Stamped, action
from xmaker.testing import wait_until


@dataclass
class Film(Input):
    """Labels a second apart, read as fast as they are wanted."""

    use: ClassVar[str] = "film"
    gives: ClassVar = Label
    labels: str
    paced: ClassVar[bool] = False  # type: ignore[misc]
    finite: ClassVar[bool] = True  # type: ignore[misc]

    def open(self) -> None:
        self._number = -1

    def read(self) -> Stamped:
        self._number += 1
        if self._number == len(self.labels):
            raise Finished(float(self._number))
        return Stamped(Label(self.labels[self._number]), float(self._number))


@dataclass
class Slides(Film):
    """The same, shown one each twentieth of a second, like a live camera."""

    use: ClassVar[str] = "slides"
    paced: ClassVar[bool] = True  # type: ignore[misc]

    def read(self) -> Label:  # type: ignore[override]
        self.host.sleep(self.host.now() + 0.05)
        return super().read().value  # type: ignore[no-any-return]


@dataclass
class Lamp(Output):
    use: ClassVar[str] = "lamp"

    @action
    def on(self) -> None: ...

    @action
    def off(self) -> None: ...


@dataclass
class Horn(Output):
    """Sounds three times, each for a fifth of a second, as a buzzer does: it sleeps on the run's clock."""

    use: ClassVar[str] = "horn"
    blocking: ClassVar[bool] = True
    seconds: float = 0.2

    @action
    def sound(self) -> None:
        for _ in range(3):
            self.host.sleep(self.host.now() + self.seconds)


def when(project: Project, labels: str, seen: Any, **rule: Any) -> list[tuple[float, str]]:
    """Return what a rule about the film's labels does, and when."""
    project.add(Film(labels), name="film").add(Lamp(), name="lamp").rule(**rule)
    before = time.monotonic()
    Runtime(project.plugins).run(project)
    assert time.monotonic() - before < 2
    return [(event.time, event.value.action) for event in seen.events if event.node == "lamp"]


def test_for_counts_the_files_time(project: Project, seen: Any) -> None:
    done = when(project, "abaaaaaab", seen, when='film == "a"', for_="3 s", then=["lamp.on"], else_=["lamp.off"])
    assert done == [(5.0, "on"), (8.0, "off")]


def test_wait_counts_the_files_time_and_is_waited_for_beyond_its_end(project: Project, seen: Any) -> None:
    steps = ["lamp.on", {"wait": "0.5 s"}, "lamp.off", {"wait": "1 h"}, "lamp.on"]
    done = when(project, "ab", seen, when='film == "b"', then=steps)
    assert done == [(1.0, "on"), (1.5, "off"), (3601.5, "on")]


def test_cooldown_counts_the_files_time(project: Project, seen: Any) -> None:
    assert when(project, "a" * 10, seen, each="film", cooldown="4 s", then=["lamp.on"]) == [
        (0.0, "on"),
        (4.0, "on"),
        (8.0, "on"),
    ]


def test_repeat_counts_the_files_time(project: Project, seen: Any) -> None:
    done = when(project, "aab", seen, when='film == "a"', repeat="0.5 s", then=["lamp.on"])
    assert done == [(0.0, "on"), (0.5, "on"), (1.0, "on"), (1.5, "on"), (2.0, "on")]


def test_a_files_end_waits_for_what_is_on_its_way(project: Project, seen: Any) -> None:
    @dataclass
    class Slow(Model):
        use: ClassVar[str] = "slow"
        takes: ClassVar = (Label,)
        gives: ClassVar = Label

        def run(self, value: Label) -> Label:
            time.sleep(0.1)
            return value

    project.add(Film("abc"), name="film").add(Slow(), name="slow", from_="film")
    Runtime(project.plugins).run(project)
    assert [value.label for value in seen.values("slow")] == ["a", "b", "c"]


def test_a_files_end_waits_for_an_output_that_takes_its_time(project: Project, seen: Any) -> None:
    """Its pauses are the file's time, too: the run ends as soon as there is nothing else to do."""
    project.add(Film("abc"), name="film").add(Horn(), name="horn").rule(each="film", then=["horn.sound"])
    before = time.monotonic()
    Runtime(project.plugins).run(project)
    assert seen.actions == ["horn.sound"] * 3 and time.monotonic() - before < 2


def test_an_output_that_is_asked_for_more_than_a_files_time_holds_stops_neither(project: Project, seen: Any) -> None:
    """Its pauses end only as the file goes on, so the file must not wait for them."""
    project.add(Film("a" * 60), name="film").add(Horn(seconds=20), name="horn").rule(each="film", then=["horn.sound"])
    Runtime(project.plugins).run(project, 10)
    assert len(seen.values("film")) == 60
    assert seen.codes == ["XM506"]
    assert len(seen.actions) >= 32


@pytest.mark.parametrize("kind", [Film, Slides])
def test_an_endless_run_plays_its_files_once_and_stays(kind: type[Film], project: Project, seen: Any) -> None:
    project.add(kind("abc"), name="film").add(Lamp(), name="lamp")
    project.rule(when='film == "c"', then=["lamp.on", {"wait": "1 s"}, "lamp.off"])
    runtime, came_to = Runtime(project.plugins), []
    runtime.endless = True
    running = threading.Thread(target=lambda: came_to.append(runtime.run(project)), daemon=True)
    running.start()
    try:
        wait_until(lambda: "XM935" in seen.notices and seen.actions == ["lamp.on", "lamp.off"])
        used = time.process_time()
        time.sleep(0.5)
        assert running.is_alive() and runtime.workers["film"].newest.value.label == "c", "what was seen last stays"
        assert time.process_time() - used < 0.1, "and standing still costs nothing"
        again = Project("test", plugins=project.plugins).add(kind("ab"), name="film").add(Lamp(), name="lamp")
        runtime.apply(again)
        wait_until(lambda: seen.notices.count("XM935") == 2)
        assert [value.label for value in seen.values("film")] == [*"abcab"], "each time once"
    finally:
        runtime.interrupted.set()
        runtime.finished.set()
        running.join(4)
    assert came_to == [True]


def test_an_endless_run_ends_after_its_time(project: Project, seen: Any) -> None:
    project.add(Film("abc"), name="film")
    runtime = Runtime(project.plugins)
    runtime.endless = True
    began = time.monotonic()
    assert runtime.run(project, 0.5) is False
    assert 0.5 <= time.monotonic() - began < 2 and seen.notices == ["XM935"]


def test_a_paced_file_lives_in_real_time_and_ends_the_run_too(project: Project, seen: Any) -> None:
    project.add(Slides("abc"), name="slides").add(Lamp(), name="lamp").rule(when='slides == "c"', then=["lamp.on"])
    Runtime(project.plugins).run(project)
    assert [value.label for value in seen.values("slides")] == ["a", "b", "c"]
    assert seen.actions == ["lamp.on"]
    assert 0.1 < seen.events[-1].time < 2


@pytest.mark.parametrize("film", [Film, Slides])
def test_the_time_of_a_run_counts_for_what_is_on_its_way_too(project: Project, film: type[Film]) -> None:
    @dataclass
    class Slow(Output):
        use: ClassVar[str] = "slow"
        takes: ClassVar = (Label,)

        def receive(self, event: Any) -> None:
            time.sleep(0.3)

    project.add(film("a" * 20), name="film").add(Slow(), name="slow", from_="film")
    before = time.monotonic()
    Runtime(project.plugins).run(project, 1.2)
    assert 1.1 < time.monotonic() - before < 3


def test_the_run_ends_when_the_last_of_several_files_does(project: Project, seen: Any) -> None:
    Runtime(project.plugins).run(project.add(Film("ab"), name="short").add(Film("abcd"), name="long"))
    assert (len(seen.values("short")), len(seen.values("long"))) == (2, 4)


def test_a_live_input_beside_a_file_does_not_keep_the_run_from_ending(project: Project) -> None:
    @dataclass
    class Sensor(Input):
        use: ClassVar[str] = "sensor"
        gives: ClassVar = {"value": Quantity()}

        def read(self) -> Reading:
            time.sleep(0.001)
            return Reading(1)

    Runtime(project.plugins).run(project.add(Film("ab"), name="film").add(Sensor(), name="sensor"))


@pytest.mark.parametrize("film", [Film, Slides])
def test_ctrl_c_ends_a_file_whose_output_hangs(project: Project, film: type[Film], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xmaker.runtime.runtime.STOP_SECONDS", 0.2)
    freed = threading.Event()

    @dataclass
    class Stuck(Output):
        use: ClassVar[str] = "stuck"
        takes: ClassVar = (Label,)

        def receive(self, event: Any) -> None:
            freed.wait()

    project.add(film("abc"), name="film").add(Stuck(), name="stuck", from_="film")
    runtime = Runtime(project.plugins)
    running = threading.Thread(target=runtime.run, args=(project,))
    running.start()
    wait_until(lambda: "film" in runtime.workers and runtime.workers["film"].events > 1)
    runtime.interrupted.set()
    runtime.finished.set()
    running.join(4)
    assert not running.is_alive()
    freed.set()
