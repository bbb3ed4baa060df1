"""The parking radar shines brighter the nearer the wall is, and says stop."""

from __future__ import annotations

from pathlib import Path

from xmaker.testing import ProjectRun, RunProject

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


def beeps(run: ProjectRun, distance: float) -> int:
    """How often it beeps in four seconds."""
    before = run.actions.count("horn.beep")
    for _ in range(8):
        run.send("radar", distance)
        run.advance(0.5)
    return run.actions.count("horn.beep") - before


def test_the_nearer_the_faster_it_beeps(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    assert beeps(run, 200) == 0
    assert 4 <= beeps(run, 70) <= 5
    assert 10 <= beeps(run, 30) <= 11
    assert run.errors == []


def test_very_near_it_sounds_until_there_is_room_again(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("radar", 15, 14, 13)
    run.advance(1)
    assert [action for action in run.actions if action.startswith("horn")] == ["horn.tone(1000)"]
    run.send("radar", 200)
    assert run.actions[-1] == "horn.off"
