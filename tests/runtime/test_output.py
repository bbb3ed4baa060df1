"""An output does its actions in their order: quick ones on the event loop, those that may block on its own thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from xmaker import Input, Label, Output, Project, action
from xmaker.runtime.output import MAX_ACTIONS
from xmaker.testing import wait_until


@dataclass
class Words(Input):
    """Gives the labels that the test sends."""

    use: ClassVar[str] = "words"
    gives: ClassVar = Label

    def read(self) -> None:
        self.host.sleep(float("inf"))


@dataclass
class Voice(Output):
    """Speaks, and takes as long as the test wants."""

    use: ClassVar[str] = "voice"
    blocking: ClassVar[bool] = True
    silent: threading.Event = field(default_factory=threading.Event)
    said: list[str] = field(default_factory=list)

    @action
    def say(self, text: str) -> None:
        self.silent.wait()
        self.said.append(text)


@dataclass
class Bell(Output):
    use: ClassVar[str] = "bell"
    threads: list[str]

    @action
    def ring(self) -> None:
        self.threads.append(threading.current_thread().name)


@pytest.fixture
def speaking(project: Project, seen: Any, start: Any) -> Any:
    """A running project that says every word, once the test lets it."""
    project.add(Words(), name="word").add(Voice(), name="voice").rule(each="word", then=['voice.say("{word}")'])
    runtime = start(project)
    wait_until(lambda: runtime.workers["voice"].state == "on")
    yield runtime
    runtime.workers["voice"].node.silent.set()


def say(runtime: Any, *words: str) -> None:
    for word in words:
        runtime.workers["word"].node.host.emit(Label(word))
    runtime.loop.call_and_wait(lambda: None)


def test_a_slow_output_does_its_actions_in_order_and_keeps_nobody_waiting(speaking: Any, seen: Any) -> None:
    say(speaking, "a", "b", "c")
    assert len(seen.values("word")) == 3
    speaking.workers["voice"].node.silent.set()
    wait_until(lambda: seen.actions == ["voice.say"] * 3)
    assert speaking.workers["voice"].node.said == ["a", "b", "c"]


def test_a_slow_output_with_too_much_to_do_says_so(speaking: Any, seen: Any) -> None:
    say(speaking, "0")
    wait_until(lambda: not speaking.workers["voice"].jobs)  # it has begun with the first
    say(speaking, *map(str, range(1, MAX_ACTIONS + 10)))
    assert [(error.code, error.count) for error in seen.errors] == [("XM506", 9)]
    speaking.workers["voice"].node.silent.set()
    wait_until(lambda: speaking.workers["voice"].node.said == [str(number) for number in range(MAX_ACTIONS + 1)])


def test_a_quick_action_is_done_at_once_on_the_event_loop(project: Project, xmaker_run: Any) -> None:
    threads: list[str] = []
    project.add(Words(), name="word").add(Bell(threads), name="bell").rule(each="word", then=["bell.ring"])
    run = xmaker_run(project)
    run.send("word", "now")
    assert threads == ["xmaker-loop"]


@pytest.mark.parametrize("name", ["word", "bell"])
def test_every_node_can_be_paused(project: Project, name: str, xmaker_run: Any) -> None:
    project.add(Words(), name="word").add(Words(), name="switch").add(Bell([]), name="bell")
    project.rule(each="word", then=["bell.ring"])
    project.rule(when='switch == "off"', then=[f"{name}.pause"], **{"else": [f"{name}.resume"]})
    run = xmaker_run(project)
    run.send("switch", "off", "off")
    assert [stats.state for stats in run.runtime.stats() if stats.name == name] == ["paused"]
    run.send("word", "a")
    run.send("switch", "on")
    run.send("word", "b")
    assert [act for act in run.actions if act != "bell.ring"] == [f"{name}.pause", f"{name}.resume"]
    assert run.actions.count("bell.ring") == 1
