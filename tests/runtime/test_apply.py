"""Starting is applying to nothing; a live edit is applying to what runs, and touches only what has changed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from xmaker import Event, Finished, Input, Label, Model, Output, Plugins, Project, ProjectError, Stamped, action, hookimpl
from xmaker.testing import wait_until

LIFE: list[str] = []
"""What the nodes of a test went through."""


@dataclass
class Words(Input):
    use: ClassVar[str] = "words"
    gives: ClassVar = Label
    size: int = 1

    def open(self) -> None:
        LIFE.append(f"open {self.host.name}")

    def read(self) -> None:
        self.host.sleep(float("inf"))

    def close(self) -> None:
        LIFE.append(f"close {self.host.name}")


@dataclass
class Net(Model):
    use: ClassVar[str] = "net"
    takes: ClassVar = (Label,)
    gives: ClassVar = Label

    def open(self) -> None:
        LIFE.append(f"open {self.host.name}")

    def run(self, value: Label) -> Label:
        return value


@dataclass
class Lamp(Output):
    use: ClassVar[str] = "lamp"
    pin: int = 1

    def open(self) -> None:
        LIFE.append(f"open {self.host.name}")

    @action(level=True)
    def on(self) -> None:
        LIFE.append(f"on {self.host.name}")

    def safe(self) -> None:
        LIFE.append(f"safe {self.host.name}")


@dataclass
class Film(Input):
    """A file that is over at once."""

    use: ClassVar[str] = "film"
    gives: ClassVar = Label
    labels: str = "ab"
    paced: ClassVar[bool] = False  # type: ignore[misc]
    finite: ClassVar[bool] = True  # type: ignore[misc]
    number: int = -1

    def read(self) -> Stamped:
        self.number += 1
        if self.number >= len(self.labels):
            raise Finished(float(self.number))
        return Stamped(Label(self.labels[self.number]), float(self.number))


@pytest.fixture
def plugins() -> Plugins:
    LIFE.clear()
    return Plugins()


@pytest.fixture
def edited(plugins: Plugins, xmaker_run: Any) -> Any:
    """Give a function that applies one project after another to the same run."""
    runs: list[Any] = []

    def apply(project: Project) -> Any:
        if runs:
            runs[0].apply(project)
        else:
            runs.append(xmaker_run(project, real=("word", "film")))
        return runs[0]

    return apply


def home(plugins: Plugins, *, pin: int = 1, size: int = 1, fresh: float | None = None) -> Project:
    project = Project("home", plugins=plugins)
    return project.add(Words(size), name="word", fresh=fresh).add(Net(), name="net", from_="word").add(Lamp(pin), name="lamp")


def nodes(run: Any) -> dict[str, object]:
    return {name: worker.node for name, worker in run.runtime.workers.items()}


def test_nothing_changed_means_nothing_happens(plugins: Plugins, edited: Any) -> None:
    run = edited(home(plugins))
    before, life = nodes(run), list(LIFE)
    edited(home(plugins))
    assert nodes(run) == before
    assert life == LIFE
    run.send("word", "a")
    assert [event.node for event in run.events] == ["word", "net"]


def test_a_changed_node_starts_again_and_the_others_keep_running(plugins: Plugins, edited: Any) -> None:
    run = edited(home(plugins))
    before = nodes(run)
    LIFE.clear()
    edited(home(plugins, size=2))
    assert LIFE == ["close word", "open word"]
    assert [name for name, node in nodes(run).items() if node is not before[name]] == ["word"]
    run.send("word", "a")
    assert [event.node for event in run.events] == ["word", "net"]  # the model works on what the new one gives


def test_a_removed_output_is_left_safe(plugins: Plugins, edited: Any) -> None:
    run = edited(home(plugins))
    del (project := home(plugins)).nodes["lamp"]
    edited(project)
    assert LIFE[-1] == "safe lamp"
    assert set(run.runtime.workers) == {"word", "net"}


def test_a_new_node_and_a_new_wire_work_at_once(plugins: Plugins, edited: Any) -> None:
    run = edited(home(plugins))
    before = nodes(run)
    edited(home(plugins).add(Net(), name="second", from_=["net", "word"]))
    run.send("word", "a")
    assert sorted(event.node for event in run.events) == ["net", "second", "second", "word"]
    assert all(nodes(run)[name] is node for name, node in before.items())


def test_a_new_wire_does_not_restart_the_nodes_at_its_ends(plugins: Plugins, edited: Any) -> None:
    run = edited(home(plugins).add(Words(), name="other"))
    before = nodes(run)
    (project := home(plugins).add(Words(), name="other")).nodes["net"].wires = ("other",)
    edited(project)
    run.send("word", "a")
    run.send("other", "b")
    assert [event.value.label for event in run.events if event.node == "net"] == ["b"]
    assert nodes(run) == before


def test_how_long_a_value_lasts_is_no_reason_to_start_its_node_again(plugins: Plugins, edited: Any) -> None:
    edited(home(plugins))
    LIFE.clear()
    edited(home(plugins, fresh=5.0))
    assert LIFE == []


def test_a_rule_that_stays_keeps_its_state(plugins: Plugins, edited: Any) -> None:
    def ruled(**more: Any) -> Project:
        project = home(plugins).rule(when='net == "a"', for_="2 s", then=["lamp.on"])
        return project.rule(**more) if more else project

    run = edited(ruled())
    run.send("word", "a")
    run.advance(1)
    edited(ruled(when='net == "b"', then=["word.pause"]))
    run.advance(1)
    assert run.actions == ["lamp.on"]


def test_a_rule_about_a_removed_node_stops_with_it(plugins: Plugins, edited: Any) -> None:
    run = edited(home(plugins).rule(each="net", then=["lamp.on"]))
    del (project := home(plugins)).nodes["lamp"]
    edited(project)
    run.send("word", "a")
    assert (run.actions, run.errors) == ([], [])


def test_a_project_that_cannot_be_made_changes_nothing(plugins: Plugins, edited: Any) -> None:
    class Never(Lamp):
        def __init__(self, pin: int = 1) -> None:
            raise ProjectError("no")

    run = edited(home(plugins))
    before = nodes(run)
    project = home(plugins, size=5)
    project.nodes["lamp"].type = Never
    with pytest.raises(ProjectError):
        edited(project)
    assert nodes(run) == before
    run.send("word", "a")
    assert [event.node for event in run.events] == ["word", "net"]


def test_a_removed_reader_sets_the_file_free_that_waits_for_it(plugins: Plugins, start: Any) -> None:
    import threading

    freed, begun = threading.Event(), threading.Event()

    @dataclass
    class Stuck(Output):
        use: ClassVar[str] = "stuck"
        takes: ClassVar = (Label,)

        def receive(self, event: Any) -> None:
            begun.set()
            freed.wait(0.5)

    def cinema() -> Project:
        return Project("cinema", plugins=plugins).add(Film("abcdef"), name="film")

    runtime = start(cinema().add(Stuck(), name="stuck", from_="film"))
    begun.wait()
    runtime.apply(cinema())
    wait_until(runtime.finished.is_set)


def test_replacing_a_file_does_not_end_the_run(plugins: Plugins, start: Any) -> None:
    @dataclass
    class Endless(Film):
        use: ClassVar[str] = "endless"
        size: int = 0

        def read(self) -> Stamped:
            self.host.sleep(float("inf"))
            return Stamped(Label("a"), 0.0)

    runtime = start(Project("cinema", plugins=plugins).add(Endless(), name="film"))
    runtime.apply(Project("cinema", plugins=plugins).add(Endless(size=1), name="film"))
    runtime.loop.call_and_wait(lambda: None)
    assert not runtime.finished.is_set()


def test_while_an_observer_is_slow_no_node_is_started_twice(plugins: Plugins, xmaker_run: Any) -> None:
    class Slow:
        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            time.sleep(2.5)

    plugins.manager.register(Slow())
    run = xmaker_run(Project("home", plugins=plugins).add(Words(), name="word"), real=("word",))
    LIFE.clear()
    run.runtime.workers["word"].emit(Label("a"))
    run.runtime.apply(home(plugins))
    run.runtime.apply(home(plugins))
    wait_until(lambda: {stats.state for stats in run.runtime.stats()} == {"on"})
    assert sorted(LIFE) == ["open lamp", "open net"]
