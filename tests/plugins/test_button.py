"""The button: bounces, holds and double presses, on a simulated pin and a clock that the test moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xmaker import Project
from xmaker.testing import FakeI2C, ProjectRun

PROJECT = """
inputs: {{door: {{use: button, pin: 4{options}}}}}
outputs: {{light: {{use: led, pin: 17}}, bell: {{use: led, pin: 18}}, lamp: {{use: led, pin: 19}}}}
rules:
  - {{when: door.pressed, then: [light.on], else: [light.off]}}
  - {{when: door.held, then: [bell.on], else: [bell.off]}}
  - {{when: door.double, then: [lamp.on], else: [lamp.off]}}
"""


class Finger:
    """Presses the button on the simulated pin."""

    def __init__(self, run: ProjectRun, pull: str = "up") -> None:
        self.run, self.up = run, pull == "up"
        self.let_go(0.1)

    def press(self, seconds: float) -> None:
        self._level(not self.up, seconds)

    def let_go(self, seconds: float) -> None:
        self._level(self.up, seconds)

    def _level(self, level: bool, seconds: float) -> None:
        worker: Any = self.run.runtime.workers["door"]
        worker.node.pin.handles[0].write(float(level))
        self.run.advance(seconds)


@pytest.fixture
def finger(xmaker_run: Any) -> Finger:
    return Finger(xmaker_run(PROJECT.format(options=""), real=("door",), i2c=FakeI2C({})))


def test_pressed_until_it_is_let_go(finger: Finger) -> None:
    finger.press(0.5)
    assert finger.run.actions == ["light.on"]
    finger.let_go(0.5)
    assert finger.run.actions == ["light.on", "light.off"]


def test_a_bouncing_contact_counts_once(finger: Finger) -> None:
    for _ in range(5):
        finger.press(0.01)
        finger.let_go(0.01)
    assert finger.run.actions == []
    finger.press(0.3)
    assert finger.run.actions == ["light.on"]


def test_held_after_a_second(finger: Finger) -> None:
    finger.press(0.9)
    assert "bell.on" not in finger.run.actions
    finger.press(0.3)
    assert finger.run.actions == ["light.on", "bell.on"]
    finger.let_go(0.2)
    assert finger.run.actions[2:] == ["light.off", "bell.off"]


def test_double_is_a_second_press_soon_after_the_first(finger: Finger) -> None:
    finger.press(0.1)
    finger.let_go(0.1)
    finger.press(0.1)
    assert "lamp.on" in finger.run.actions
    finger.let_go(1)
    assert finger.run.actions[-1] == "lamp.off"
    finger.press(0.1)
    assert finger.run.actions.count("lamp.on") == 1


def test_pulled_down_it_is_the_other_way_round(xmaker_run: Any) -> None:
    finger = Finger(xmaker_run(PROJECT.format(options=", pull: down"), real=("door",), i2c=FakeI2C({})), "down")
    assert finger.run.actions == []
    finger.press(0.2)
    assert finger.run.actions == ["light.on"]


def test_a_simulated_button_is_pressed_by_set(xmaker_run: Any, tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(PROJECT.format(options=""))
    run = xmaker_run(Project.load(tmp_path, options={"door": {"pressed": True}}), real=("door",))
    run.advance(0.5)
    assert "light.on" in run.actions
