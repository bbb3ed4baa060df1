"""A lamp's level: an action that changes nothing is left out, and after an outage the last one asked for is set again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from xmaker import Action, DeviceError, Input, Label, Output, Project, action


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
