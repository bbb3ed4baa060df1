"""The servo follows the knob."""

from __future__ import annotations

from pathlib import Path

from xmaker.testing import RunProject


def test_the_arm_turns_with_the_knob(xmaker_run: RunProject) -> None:
    run = xmaker_run(Path(__file__).parents[2] / "projects/servo_knob")
    run.send("knob", 0, 0.5, 0.5, 1)
    assert run.actions == ["arm.angle(0)", "arm.angle(90)", "arm.angle(180)"]
