"""Setting what simulated sensors show while a project runs."""

from __future__ import annotations

from typing import Any

import pytest

from xmaker import ProjectError, Quantity

HOUSE = """
inputs: {room: {use: light}, door: {use: button}, air: {use: dht}, clock: {}}
outputs: {lamp: {use: led}}
rules:
  - {when: room < 30, then: [lamp.on], else: [lamp.off]}
"""


@pytest.fixture
def run(xmaker_run: Any) -> Any:
    """A project with simulated sensors, and a clock, which is no hardware."""
    return xmaker_run(HOUSE, real=("room", "door", "air", "clock"))


def readings(run: Any, node: str) -> list[dict[str, Any]]:
    return [event.value.values for event in run.events if event.node == node and hasattr(event.value, "values")]


def test_rules_see_it_at_once_and_it_stays(run: Any) -> None:
    run.set("room", value=77)
    before = len(run.actions)
    run.set("room", value=12)
    assert run.actions[before:] == ["lamp.on"]
    run.advance(30)
    assert run.actions[before:] == ["lamp.on"]
    assert readings(run, "room")[-1] == {"value": 12}
    run.set("room", value=40.5)
    assert run.actions[before:] == ["lamp.on", "lamp.off"]


def test_a_slow_sensor_does_not_wait_for_its_next_reading(run: Any) -> None:
    run.set("air", humidity=33)
    assert readings(run, "air")[-1]["humidity"] == 33


def test_a_flag_is_given_when_it_changes(run: Any) -> None:
    still = {"held": False, "double": False}
    run.set("door", pressed=True)
    run.set("door", pressed=True)
    run.set("door", pressed=False)
    shown = [{"pressed": pressed, **still} for pressed in (False, True, False)]
    assert readings(run, "door") == shown


def test_what_can_be_set_is_told_with_unit_and_range(run: Any) -> None:
    settable = run.runtime.settable()
    assert [*settable] == ["room.value", "door.pressed", "door.held", "door.double", "air.temperature", "air.humidity"]
    assert settable["room.value"] == Quantity("%", 0, 100)


@pytest.mark.parametrize(
    ("name", "value", "code", "words"),
    [
        ("rom.value", 3, "XM763", "room.value"),
        ("room", 3, "XM763", "room.value"),
        ("lamp.pin", 3, "XM763", "These can"),
        ("clock.hour", 3, "XM763", "These can"),
        ("room.value", "dark", "XM208", "a number"),
        ("room.value", True, "XM208", "a number"),
        ("room.value", float("inf"), "XM208", "a number"),
        ("door.pressed", 1, "XM208", "true or false"),
    ],
)
def test_what_cannot_be_set_is_told_and_changes_nothing(run: Any, name: str, value: Any, code: str, words: str) -> None:
    run.advance(1)
    before = [{**reading} for reading in readings(run, "room")]
    with pytest.raises(ProjectError) as raised:
        run.runtime.set(name, value)
    assert raised.value.code == code
    assert words in raised.value.show("en")
    assert readings(run, "room") == before and not run.errors


def test_a_sensors_name_alone_means_its_value_as_in_rules(run: Any) -> None:
    run.runtime.set_typed("room=7")
    run.advance(0)
    assert readings(run, "room")[-1] == {"value": 7}
    with pytest.raises(ProjectError) as raised:
        run.runtime.set_typed("air=7")
    assert raised.value.code == "XM763" and "air.humidity" in raised.value.show("en")
