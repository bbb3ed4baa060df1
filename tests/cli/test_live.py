from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from xmaker import Frame, LabelName, Project, Reading, Runtime, View
from xmaker.cli.live import LiveView

VIEW = View(
    text=["Hello, cat!"],
    frame=Frame(np.full((240, 320, 3), 200, np.uint8)),
    bars=((LabelName("cat", "猫"), 0.9), (LabelName("dog", "狗"), 0.1)),
    values={"air": Reading(21.5)},
)


def drawn(width: int, height: int = 30, colours: str = "truecolor", view: View = VIEW) -> list[str]:
    project = Project.load("projects/night_light")
    live = LiveView(project)
    live.console = Console(file=io.StringIO(), force_terminal=True, color_system=colours, width=width, height=height)  # type: ignore[arg-type]
    live.runtime = Runtime(project.plugins, terminal=live, simulate=True)
    live.show("screen", view)
    try:
        live.runtime.apply(project)
        rendered = live.console.render_lines(live.render(), live.console.options, pad=False)
    finally:
        live.runtime.stop()
    return ["".join(segment.text for segment in line) for line in rendered]


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize("width", [20, 40, 60, 100, 200])
def test_every_width_fits(width: int) -> None:
    lines = drawn(width)
    assert all(Console(width=width).measure(line).maximum <= width for line in lines)
    assert any("▀" in line for line in lines)
    assert len(lines) <= 30


@pytest.mark.parametrize("size", [(30, 10), (40, 12), (60, 16), (80, 10), (80, 16)])
@pytest.mark.parametrize("view", [VIEW, View(frame=VIEW.frame), View(text=["1", "2", "3"])], ids=["all", "picture", "text"])
def test_every_height_fits(size: tuple[int, int], view: View) -> None:
    lines = drawn(*size, view=view)
    assert len(lines) <= size[1]
    assert any("rule 1: " in line for line in lines)


def test_wide_terminals_have_words_beside_the_picture() -> None:
    assert any("▀" in line and "Hello, cat!" in line for line in drawn(100))
    assert not any("▀" in line and "Hello, cat!" in line for line in drawn(50))


def test_low_terminals_and_those_without_colour_have_no_picture() -> None:
    assert not any("▀" in line for line in drawn(100, height=8))
    assert not any("▀" in line for line in drawn(100, colours=None))  # type: ignore[arg-type]


def test_labels_are_in_the_users_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    text = "\n".join(drawn(100))
    assert "猫" in text
    assert "节点" in text


@pytest.mark.skipif(os.name == "nt", reason="POSIX terminals")
def test_the_terminal_is_left_as_it_was(odd: Path) -> None:
    import pty
    import termios

    leader, follower = pty.openpty()
    (odd / "project.yaml").write_text("inputs: {air: {}, keyboard: {}}\noutputs: {screen: {from: air}}\n", encoding="utf-8")
    before = termios.tcgetattr(follower)
    own_terminal = "import fcntl, os, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    code = own_terminal + "from xmaker.cli import main; main()"
    command = [sys.executable, "-c", code, "run", str(odd), "--for", "1s"]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=environment)
    shown = b""
    os.set_blocking(leader, False)
    ended = False
    while not ended:
        ended = process.poll() is not None
        try:
            while True:
                shown += os.read(leader, 65536)
        except BlockingIOError:
            time.sleep(0.02)
    assert process.returncode == 0
    assert termios.tcgetattr(follower) == before
    os.close(leader)
    os.close(follower)
    text = shown.decode()
    assert "latency" in text
    assert "21.5 °C" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1, "the cursor is hidden once and shown again"
