"""Projects of the gallery, played in a real browser as a pupil without a board plays them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.panel.conftest import says

pytestmark = pytest.mark.slow

PROJECTS = Path(__file__).resolve().parents[3] / "projects"


@pytest.fixture
def play(
    look: Callable[..., Any], start: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Give a function that runs a project of the gallery and opens its page."""
    monkeypatch.chdir(tmp_path)  # what it writes belongs here
    return lambda name, **options: look(start(PROJECTS / name, **options))


def move(page: Any, node: str, number: float, field: str = "") -> None:
    """Move a slider."""
    page.get_by_label(f"{node} {field}", exact=not field).fill(str(number))


def press(page: Any, node: str, seconds: float) -> None:
    page.locator(f"[data-node={node}] .push").focus()
    page.keyboard.down("Space")
    page.wait_for_timeout(seconds * 1000)
    page.keyboard.up("Space")


def test_night_light(play: Callable[..., Any]) -> None:
    page = play("night_light")
    move(page, "room", 80)
    says(page, "[data-node=lamp]", "lamp: off")
    move(page, "room", 10)
    says(page, "[data-node=lamp]", "lamp: on")
    says(page, "[data-rule='1']", "fired")


def test_servo_knob(play: Callable[..., Any]) -> None:
    page = play("servo_knob")
    move(page, "knob", 0.25)
    says(page, "[data-node=arm]", "45°")


def test_parking_radar(play: Callable[..., Any]) -> None:
    page = play("parking_radar")
    move(page, "radar", 15)
    says(page, ".screen", "Stop!")
    says(page, "[data-node=horn]", "1000 Hz")
    says(page, "[data-node=lamp]", "lamp: 94 %")
    move(page, "radar", 200)
    says(page, "[data-node=horn]", "horn: silent")
    says(page, "[data-node=lamp]", "lamp: off")


def test_weather_station(play: Callable[..., Any]) -> None:
    page = play("weather_station")
    move(page, "air", 35, "temperature")
    says(page, ".screen", "It is hot: 35 °C")
    says(page, "[data-node=fan]", "fan: on")


def test_spirit_level(play: Callable[..., Any]) -> None:
    page = play("spirit_level")
    for axis in ("x", "y"):
        move(page, "board", 0, axis)
    says(page, "[data-node=lamp]", "lamp: on")
    move(page, "board", 1, "x")
    says(page, "[data-node=lamp]", "lamp: off")


def test_doorbell(play: Callable[..., Any], tmp_path: Path) -> None:
    page = play("doorbell")
    page.wait_for_function("() => document.querySelector('.picture canvas')?.width > 100")
    press(page, "bell", 0.4)
    says(page, ".screen", "Somebody is at the door")
    says(page, "[data-wired=chime]", "melody")
    says(page, "[data-wired=voice]", "say")
    says(page, "[data-wired=photo]", "save")
    assert list(tmp_path.glob("snapshots/*.jpg"))


def test_morse_lamp(play: Callable[..., Any]) -> None:
    page = play("morse_lamp")
    for _ in range(3):
        press(page, "key", 0.08)
        page.wait_for_timeout(80)
    says(page, ".screen", "S")


def test_cat_dog(play: Callable[..., Any]) -> None:
    page = play("cat_dog")
    says(page, ".labels", "cat")
    says(page, ".screen", "Hello, cat!")
    says(page, "[data-node=light]", "light: on")


def test_person_alarm(play: Callable[..., Any], tmp_path: Path) -> None:
    page = play("person_alarm")
    page.wait_for_function("() => document.querySelector('.picture canvas')?.dataset.boxes?.includes('person')", timeout=20_000)
    says(page, "[data-node=red]", "red: on")
    says(page, "[data-rule='2']", "fired")
    says(page, "[data-wired=siren]", "beep")
    says(page, "[data-wired=photo]", "save")
    assert list(tmp_path.glob("snapshots/*.jpg"))
    page.wait_for_function("() => !document.querySelector('.picture canvas').dataset.boxes", timeout=20_000)
    says(page, "[data-node=red]", "red: off")
