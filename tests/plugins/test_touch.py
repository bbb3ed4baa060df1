"""Buttons to touch, where no window shows them: the keys of the terminal press them. (In a window: test_screen_life.py.)"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import xmaker_touch

from xmaker import Event, ProjectError, Runtime, hookimpl
from xmaker.terminal import Terminal
from xmaker.testing import as_project, wait_until

PROJECT = """
inputs: {touch: {buttons: [Start, 停, 3]}}
outputs: {lamp: {use: led}}
rules:
  - {each: touch, then: [lamp.toggle]}
"""


class Keys(Terminal):
    """A terminal at which the test presses keys."""

    def __init__(self, free: bool = True) -> None:
        super().__init__(io.StringIO())
        self.free, self.typed, self.taken = free, list[str](), False

    def take_keys(self) -> bool:
        self.taken = self.free
        return self.free

    def give_keys(self) -> None:
        self.taken = False

    def key(self, timeout: float) -> str | None:
        time.sleep(0.005)
        return self.typed.pop(0) if self.typed else None

    @property
    def printed(self) -> str:
        assert isinstance(self._out, io.StringIO)
        return self._out.getvalue()


class Heard:
    def __init__(self) -> None:
        self.events: list[Any] = []

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        self.events.append(event.value.to_json() if event.node == "touch" else event.node)


Start = Callable[[Keys], Heard]


@pytest.fixture
def start() -> Iterator[Start]:
    """Give a function that runs the project at a terminal."""
    runs: list[Runtime] = []

    def start(terminal: Keys) -> Heard:
        project = as_project(PROJECT)
        project.plugins.manager.register(heard := Heard())
        runs.append(Runtime(project.plugins, terminal=terminal, simulate=True))
        runs[-1].apply(project)
        return heard

    yield start
    for run in runs:
        run.stop()
        assert not run.terminal.buttons


def test_the_keys_of_the_terminal_press_the_buttons(start: Start) -> None:
    heard = start(terminal := Keys())
    wait_until(lambda: terminal.taken)
    assert terminal.printed == "touch: [1] Start  [2] 停  [3] 3\n"
    terminal.typed += ["2", "4", "a", "space", "0", "3"]
    wait_until(lambda: heard.events.count("lamp") == 2)
    assert [event for event in heard.events if isinstance(event, dict)] == [{"button": "停"}, {"button": "3"}]


def test_a_window_that_comes_takes_over_and_one_that_goes_gives_back(start: Start) -> None:
    heard = start(terminal := Keys())
    for _ in range(2):
        wait_until(lambda: terminal.taken)
        terminal.windowed = True
        wait_until(lambda: not terminal.taken)
        terminal.windowed = False
    names, press = terminal.buttons["touch"]
    assert names == ("Start", "停", "3")
    press("Start")
    wait_until(lambda: {"button": "Start"} in heard.events)


def test_the_buttons_of_a_paused_touch_do_nothing(xmaker_run: Any) -> None:
    run = xmaker_run(
        """
        inputs: {touch: {}, knob: {use: analog}}
        outputs: {lamp: {use: led}}
        rules: [{when: knob == 1, then: [touch.pause], else: [touch.resume]}, {each: touch, then: [lamp.toggle]}]
        """,
        real=("touch",),
    )
    press = run.runtime.terminal.buttons["touch"][1]
    for value, presses in ((1, 0), (0, 1)):
        run.send("knob", value)
        press("OK")
        run.settle()
        assert len([event for event in run.events if hasattr(event.value, "button")]) == presses


def test_where_nobody_can_touch_it_that_is_said(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xmaker_touch, "PATIENCE", 0.3)
    heard = start(Keys(free=False))
    wait_until(lambda: any("notice" in event for event in heard.events if isinstance(event, dict)))
    time.sleep(0.5)
    assert len([event for event in heard.events if isinstance(event, dict)]) == 1


@pytest.mark.parametrize("buttons", ["[]", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "Start"])
def test_one_to_nine_buttons(buttons: str) -> None:
    with pytest.raises(ProjectError, match="buttons"):
        as_project(f"inputs:\n  touch: {{buttons: {buttons}}}\n")


@pytest.mark.parametrize("buttons", ["[A, A]", '[1, "1"]', '["", B]', '[A, "A "]'])
def test_every_button_has_a_name_of_its_own(xmaker_run: Any, buttons: str) -> None:
    with pytest.raises(ProjectError) as raised:
        xmaker_run(f"inputs:\n  touch: {{buttons: {buttons}}}\n")
    assert raised.value.code == "XM805"
