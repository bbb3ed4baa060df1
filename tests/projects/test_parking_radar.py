"""The parking radar shines brighter the nearer the wall is, and says stop."""

from __future__ import annotations

from pathlib import Path

from xmaker.testing import RunProject

PROJECT = Path(__file__).parents[2] / "projects/parking_radar"


def test_the_nearer_the_brighter(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("radar", 200, 55, 10)
    brightness = [action for action in run.actions if action.startswith("lamp")]
    assert brightness == ["lamp.brightness(0)", "lamp.brightness(0.5)", "lamp.brightness(1)"]
    assert run.actions[-1] == 'screen.write("10 cm")'


def test_it_says_stop_after_three_near_readings(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("radar", 15, 14, 60, 15, 14)
    assert 'screen.write("Stop!")' not in run.actions
    run.send("radar", 13, 12)
    assert run.actions.count('screen.write("Stop!")') == 1


def test_it_says_stop_again_only_after_two_seconds(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("radar", 15, 14, 13, 60, 15, 14, 13)
    assert run.actions.count('screen.write("Stop!")') == 1
    run.advance(1.9)
    assert run.actions.count('screen.write("Stop!")') == 1
    run.advance(0.2)
    assert [event.value.args for event in run.events if event.node == "screen"].count(("Stop!",)) == 1
    assert run.errors == []
