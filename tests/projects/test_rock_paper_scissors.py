"""Rock, paper, scissors with its own pictures: each hand is known, and the computer always wins."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from xmaker import Frame, Plugins
from xmaker.testing import RunProject

PROJECT = Path(__file__).parents[2] / "projects/rock_paper_scissors"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("picture", "does"),
    [
        ("0_nothing", []),
        ("1_paper", ['screen.write("Paper? Scissors cut it: I win!")', "light.on"]),
        ("2_rock", ['screen.write("Rock? Paper wraps it: I win!")', "light.on"]),
        ("3_scissors", ['screen.write("Scissors? A rock blunts them: I win!")', "light.on"]),
    ],
)
def test_each_hand_is_beaten(xmaker_run: RunProject, picture: str, does: list[str]) -> None:
    run = xmaker_run(PROJECT)
    for _ in range(2):
        run.send("camera", Frame(cv2.imread(str(PROJECT / f"media/{picture}.jpg")), f"{picture}.jpg"))
        run.advance(0.6)
    assert sorted(run.actions) == sorted(does)
    assert not run.errors


def test_the_head_is_small_and_speaks_chinese() -> None:
    head = PROJECT / "hands.json"
    assert head.stat().st_size < 20_000
    assert [name.other for name in Plugins.load().model(str(head), Path()).label_names()] == ["没有", "布", "石头", "剪刀"]
