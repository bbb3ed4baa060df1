"""The boards of the driver pinpong: which they are, and what their pins can do."""

from __future__ import annotations

from pathlib import Path

import pytest
import xmaker_pinpong
from xmaker_pinpong import Pinpong
from xmaker_pinpong.boards import BOARDS

from xmaker import Plugins, ProjectError


@pytest.mark.parametrize(
    ("board", "role", "pin", "code"),
    [
        ("uno", "output", "D13", ""),
        ("uno", "output", "13", ""),
        ("uno", "output", "d13", ""),
        ("uno", "output", "A0", ""),
        ("uno", "output", "D1", "XM631"),
        ("uno", "output", "D14", "XM631"),
        ("uno", "output", "P3", "XM631"),
        ("uno", "output", "", "XM634"),
        ("uno", "analog", "A5", ""),
        ("uno", "analog", "A6", "XM631"),
        ("uno", "analog", "D3", "XM632"),
        ("uno", "servo", "A5", "XM633"),
        ("uno", "input", "A", "XM631"),
        ("uno", "accelerometer", "", "XM634"),
        ("unihiker", "output", "P21", ""),
        ("unihiker", "output", "", ""),
        ("unihiker", "input", "B", ""),
        ("unihiker", "analog", "P5", "XM632"),
        ("unihiker", "light", "", ""),
        ("unihiker", "light", "P5", "XM632"),
        ("unihiker", "servo", "P23", ""),
        ("unihiker", "servo", "P1", "XM633"),
        ("unihiker", "servo", "", "XM634"),
        ("unihiker", "output", "P30", "XM631"),
        ("unihiker", "accelerometer", "", ""),
        ("microbit", "output", "P12", "XM631"),
        ("a board that pinpong does not know", "output", "D13", ""),
    ],
)
def test_what_a_pin_can_do_is_known_before_anything_is_plugged_in(board: str, role: str, pin: str, code: str) -> None:
    assert Pinpong.problem(role, pin, board) == code


@pytest.mark.parametrize("board", BOARDS)
def test_every_special_pin_is_a_pin(board: str) -> None:
    facts = BOARDS[board]
    assert facts.analog | facts.pwm | facts.servo | facts.tone | facts.dht <= facts.digital


def test_a_wrong_pin_is_the_projects_mistake() -> None:
    with pytest.raises(ProjectError, match="The pin D3 cannot measure a voltage"):
        Pinpong(board="uno").open("analog", "D3")
    with pytest.raises(ProjectError, match="No board “toaster”"):
        Pinpong(board="toaster")
    with pytest.raises(ProjectError, match="has no resistor of its own"):
        Pinpong(board="uno").open("input", "D7", pull="up")


def test_a_unihiker_is_known_by_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = tmp_path / "Version"
    monkeypatch.setattr(xmaker_pinpong, "VERSION_FILE", version)
    assert Plugins.load().board().name == "simulator" and Pinpong().board == "uno"
    version.write_text("0.4.5")
    board = Plugins.load().board()
    assert (board.name, board.title, board.driver, board.i2c_bus) == ("unihiker", "UNIHIKER M10", "pinpong", 4)
    assert Pinpong().board == "unihiker"
    monkeypatch.setenv("XMAKER_PINPONG_BOARD", "uno")
    assert Pinpong().board == "uno"


def test_simulated_it_starts_nothing() -> None:
    driver = Pinpong(simulate=True, board="unihiker")
    lamp = driver.open("output", "")
    lamp.write(0.5)
    assert lamp.read() == 0.5 and driver._link is None
    lamp.close()
    driver.close()
