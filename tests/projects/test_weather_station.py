"""The weather station shows the air, writes it down once a minute, and switches the fan when it is hot."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from xmaker.testing import RunProject

PROJECT = Path(__file__).parents[2] / "projects/weather_station"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that came with XMaker writes its files where the user is."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_hot_room_switches_the_fan(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("air", temperature=30, humidity=50, pressure=1000)
    for _ in range(3):
        run.advance(1)
        run.send("air", temperature=30, humidity=50, pressure=1000)
    assert run.actions == ["fan.on", 'screen.write("It is hot: 30 °C")']
    run.send("air", temperature=25, humidity=50, pressure=1000)
    assert run.actions[-1] == "fan.off"


def test_the_diary_has_a_line_a_minute(xmaker_run: RunProject, here: Path) -> None:
    run = xmaker_run(PROJECT)
    for second in range(100):
        run.send("air", temperature=second, humidity=50, pressure=1000)
        run.advance(1)
    with (here / "weather.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["temperature"] for row in csv.DictReader(file)] == ["0", "60"]
