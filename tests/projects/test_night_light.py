"""The night light goes on after a second of darkness, and off when it is light again or the sensor is silent."""

from __future__ import annotations

from pathlib import Path

from xmaker.testing import RunProject

PROJECT = Path(__file__).parents[2] / "projects/night_light"


def test_it_goes_on_after_a_second_of_darkness(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("room", 80, 12)
    run.advance(0.9)
    assert run.actions == []
    run.advance(0.2)
    assert run.actions == ["lamp.on"]


def test_it_goes_off_when_it_is_light(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("room", 12)
    run.advance(1)
    run.send("room", 60)
    assert run.actions == ["lamp.on", "lamp.off"]


def test_a_short_shadow_does_nothing(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("room", 12)
    run.advance(0.5)
    run.send("room", 60)
    run.advance(5)
    assert run.actions == []


def test_it_goes_off_when_the_sensor_is_silent(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("room", 12)
    run.advance(2.1)
    assert run.actions == ["lamp.on", "lamp.off"]
