"""A board that is plugged in by USB: the panel is there too, asks for its PIN, and the board's own screen says where.

The board is a project's plugin; its cable is an address that only this computer has.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.panel.conftest import PATIENCE
from xmaker.testing import wait_until

CABLE = "127.8.7.6"
BOARD = f"""
from xmaker import Board, hookimpl

@hookimpl
def xmaker_board():
    return Board("unihiker", "UNIHIKER M10", "simulator", usb_address="{CABLE}")
"""
TEXT = """
simulate: true
inputs: {door: {use: button}}
outputs: {lamp: {use: led}}
rules: [{when: door.pressed, then: [lamp.on]}]
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.1 is the only address of its kind")


def status(address: str, port: int, path: str = "/here", **headers: str) -> int:
    line = HTTPConnection(address, port, timeout=5)
    line.request("GET", path, headers=headers)
    found = line.getresponse().status
    line.close()
    return found


@pytest.fixture
def board(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "board.py").write_text(BOARD, encoding="utf-8")


def test_who_comes_by_the_cable_gives_the_pin(board: None, start: Callable[..., Any]) -> None:
    panel = start(TEXT)
    port = int(panel.address.rpartition(":")[2])
    assert status("127.0.0.1", port) == 204, "this computer is not asked"
    assert status(CABLE, port) == 401 and status(CABLE, port, "/") == 200
    assert status(CABLE, port, "/editor") == 401
    panel.address, own = f"{CABLE}:{port}", panel.address
    given = panel.ask("/pin", "POST", f'"{panel.pin}"', Origin=f"http://{panel.address}")
    assert given.status == 204
    assert status(CABLE, port, Cookie=given.headers["Set-Cookie"].split(";")[0]) == 204
    panel.address = own
    assert panel.ask("/here", Host="evil.example").status == 403, "names are still looked at"


def test_the_terminal_and_the_projects_screen_say_where(board: None, start: Callable[..., Any]) -> None:
    panel = start(TEXT.replace("lamp: {use: led}", "lamp: {use: led}, screen: {}"))
    port = int(panel.address.rpartition(":")[2])
    assert re.search(rf"http://{CABLE}:{port}/ +PIN: \d{{6}}", panel.words)
    shown = lambda: panel.runtime.workers["screen"].node.looks().text  # noqa: E731
    wait_until(lambda: len(shown()) == 2, PATIENCE)
    assert list(shown()) == [f"http://{CABLE}:{port}/", f"PIN: {panel.pin}"]


def test_a_project_without_a_screen_gets_one_that_says_where(board: None, tmp_path: Path) -> None:
    """Without a window, as here, that is a line where errors are written."""
    (tmp_path / "project.yaml").write_text(TEXT, encoding="utf-8")
    command = [sys.executable, "-m", "xmaker", "run", str(tmp_path), "--panel", "--simulate", "--for", "3s", "--json"]
    environment = {**os.environ, "LC_ALL": "C", "XMAKER_SCREEN": "terminal"}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert re.search(rf"screen: http://{CABLE}:\d+/\nscreen: PIN: \d{{6}}\n", ran.stderr), ran.stderr
    assert all(line.startswith("{") for line in ran.stdout.splitlines()), "the stream of events stays clean"


def test_a_board_whose_cable_has_no_address_goes_without(start: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "board.py").write_text(BOARD.replace(CABLE, "192.0.2.7"), encoding="utf-8")
    panel = start(TEXT)
    assert "PIN" not in panel.words and panel.ask("/here").status == 204


def test_with_an_address_for_all_the_pin_is_the_same_one(board: None, start: Callable[..., Any]) -> None:
    panel = start(TEXT.replace("lamp: {use: led}", "lamp: {use: led}, screen: {}"), host="0.0.0.0")
    wait_until(lambda: len(panel.runtime.workers["screen"].node.looks().text) == 2, PATIENCE)
    assert f"PIN: {panel.pin}" in panel.runtime.workers["screen"].node.looks().text
