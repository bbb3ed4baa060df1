"""Console, screen, timer and clock."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest

from xmaker import Frame, Label, Reading, View
from xmaker.terminal import Terminal
from xmaker.testing import wait_until


class Shown(Terminal):
    """A terminal that keeps what screens show."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.view = View()

    def show(self, node: str, view: View) -> None:
        assert node == "screen"
        self.view = view

    @property
    def printed(self) -> str:
        assert isinstance(self._out, io.StringIO)
        return self._out.getvalue()


@pytest.fixture
def run(xmaker_run: Any) -> Any:
    """A project whose screen shows a camera, a model and a sensor, and whose knob makes it write and print."""
    run = xmaker_run(
        """
        inputs: {camera: {}, room: {use: light}, knob: {use: analog}}
        models: {pet: {use: classifier, model: cat-dog, from: camera}}
        outputs: {screen: {from: [camera, pet, room]}, paper: {use: console}}
        rules:
          - {when: knob < 1, then: ['screen.write("{knob:.1f}")', 'paper.print("{knob:.1f}, 你好")']}
          - {each: knob, then: ['screen.write("{knob}")']}
          - {when: knob > 9, then: [screen.clear]}
        """
    )
    run.runtime.terminal = Shown()
    return run


def test_the_console_prints_lines(run: Any) -> None:
    run.send("knob", 0.5)
    assert run.runtime.terminal.printed == "0.5, 你好\n"


def test_a_screen_keeps_its_last_three_lines(run: Any) -> None:
    run.send("knob", 1, 2, 3, 4)
    assert run.runtime.terminal.view.text == ["2", "3", "4"]
    run.send("knob", 10)
    assert run.runtime.terminal.view.text == []


def test_a_screen_shows_the_picture_its_labels_and_other_values(run: Any) -> None:
    import numpy as np

    frame = Frame(np.zeros((20, 20, 3), np.uint8))
    run.send("camera", frame)
    run.send("room", 40)
    view = run.runtime.terminal.view
    assert view.frame is frame
    assert {str(label) for label, _ in view.bars} == {"cat", "dog", "other"}
    assert view.values == {"room": Reading(40)}
    run.runtime.workers["pet"].emit(Label("cat", 0.5), 0.0, None)
    wait_until(lambda: run.runtime.terminal.view.bars == (("cat", 0.5),))


def test_a_timer_counts_its_ticks(xmaker_run: Any) -> None:
    run = xmaker_run(
        """
        inputs: {timer: {every: 0.5 s}}
        outputs: {light: {use: led}}
        rules: [{when: timer == 3, then: [light.on], else: [light.off]}]
        """,
        real=("timer",),
    )
    run.advance(0.4)
    assert not [event for event in run.events if event.node == "timer"]
    run.advance(2.2)
    ticks = [(event.time, event.value.values["count"]) for event in run.events if event.node == "timer"]
    assert ticks == [(0.5, 1), (1.0, 2), (1.5, 3), (2.0, 4), (2.5, 5)]
    assert run.actions == ["light.on", "light.off"]


def test_a_clock_knows_the_time_and_the_date(xmaker_run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = time.struct_time((2026, 11, 23, 7, 5, 60, 0, 327, 0))  # a Monday, in a leap second
    monkeypatch.setattr(time, "localtime", lambda: moment)
    run = xmaker_run(
        """
        inputs: {clock: {}}
        outputs: {light: {use: led}}
        rules: [{when: 'clock.time == "07:05" and clock.weekday in [1, 2, 3]', then: [light.on]}]
        """,
        real=("clock",),
    )
    run.advance(1)
    reading = next(event.value.values for event in run.events if event.node == "clock")
    assert reading == {"time": "07:05", "hour": 7, "minute": 5, "second": 59, "weekday": 1, "date": "2026-11-23"}
    assert run.actions == ["light.on"]


def test_a_paused_timer_is_silent(xmaker_run: Any) -> None:
    run = xmaker_run(
        """
        inputs: {timer: {}, knob: {use: analog, fresh: 1 min}}
        rules: [{when: knob == 1, then: [timer.pause], else: [timer.resume]}]
        """,
        real=("timer",),
    )
    run.advance(1)
    run.send("knob", 1)
    run.advance(5)
    run.send("knob", 0)
    run.advance(1)
    assert [event.time for event in run.events if event.node == "timer" and hasattr(event.value, "values")] == [1.0, 7.0]


def test_a_plain_terminal_prints_what_a_screen_newly_says() -> None:
    out = io.StringIO()
    terminal = Terminal(out)
    for text in (["Hello"], ["Hello"], ["Hello", "Cat"], []):
        terminal.show("screen", View(text))
    assert out.getvalue() == "screen: Hello\nscreen: Cat\n"
