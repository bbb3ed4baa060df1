"""The life of a screen's window: when there is one, and what happens when it, the display or a font is not there."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_screen import Screen
from xmaker_screen import display as displays
from xmaker_screen.painter import Painter

from xmaker import Frame
from xmaker.looks import Scene
from xmaker.testing import wait_until

PROJECT = """
inputs: {camera: {}, touch: {buttons: [Start, 停]}}
outputs: {screen: {window: true, from: camera}, lamp: {use: led}}
rules:
  - {when: touch == "Start", then: [lamp.on]}
  - {when: touch == "停", then: [lamp.off]}
"""


@pytest.fixture
def run(display: Any, xmaker_run: Any) -> Any:
    """A project with a screen; its buttons are not there, because inputs are a test's."""
    return xmaker_run(PROJECT)


def screen_of(run: Any) -> Any:
    return run.runtime.workers["screen"].node


def codes(run: Any) -> list[str]:
    return [event.value.code for event in run.events if hasattr(event.value, "notice") and event.value.code != "XM901"]


def shows_text(picture: Any) -> bool:
    return bool((picture.min(axis=2) > 150).any())


def is_red(picture: Any) -> bool:
    return bool((picture == (0, 0, 255)).all(axis=2).any())


def plain(colour: tuple[int, ...]) -> Frame:
    return Frame(np.full((112, 224, 3), colour, np.uint8))


ONLY_LATIN = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir><cachedir>{cache}</cachedir></fontconfig>"""

CHINESE = """
import sys
from xmaker import Plugins, Project, Runtime, hookimpl
from xmaker_screen import Screen
class Hears:
    @hookimpl
    def xmaker_event(self, event):
        print(getattr(event.value, "code", event), flush=True)
    @hookimpl
    def xmaker_start(self, project):
        runtime.perform("screen", "write", (sys.argv[1],), None)
        runtime.perform("screen", "write", (sys.argv[1],), None)
project = Project("test", plugins=Plugins()).add(Screen(window=True), name="screen")
project.plugins.manager.register(Hears())
runtime = Runtime(project.plugins)
runtime.run(project, float(sys.argv[2]))
print("over")
"""


def test_where_no_font_has_chinese_it_is_said_once(display: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/usr/share/fonts/truetype/dejavu").exists():
        pytest.skip("needs a font: apt install fonts-dejavu-core")
    (tmp_path / "fonts.conf").write_text(ONLY_LATIN.format(cache=tmp_path))
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    command = [sys.executable, "-c", CHINESE]
    assert subprocess.run([*command, "猫", "2"], capture_output=True, text=True).stdout.count("XM944") == 1
    assert "XM944" not in subprocess.run([*command, "cat", "1"], capture_output=True, text=True).stdout


def test_the_project_goes_on_when_the_display_dies(display: Any) -> None:
    command = [sys.executable, "-c", CHINESE, "cat", "4"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    display.shows(shows_text)
    display.end()
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines()[-1] == "over"
    assert out.count("XM946") == 1
    assert "screen: cat" in out  # the terminal takes over


def test_closing_the_window_does_not_end_the_project(run: Any, display: Any) -> None:
    screen_of(run).write("Hello")
    display.shows(shows_text)
    display.xdotool("search", "--name", "^screen", "windowclose")
    wait_until(lambda: codes(run) == ["XM942"])
    wait_until(lambda: screen_of(run)._window is None)
    assert run.runtime.terminal._shown == {"screen": "Hello"}
    assert not run.runtime.finished.is_set()
    screen_of(run).write("Goodbye")
    assert run.runtime.terminal._shown == {"screen": "Goodbye"}


def test_nobody_waits_for_a_slow_window_and_it_never_shows_what_is_old(
    run: Any, display: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Scene] = []
    drawing, go_on, threads = threading.Event(), threading.Event(), set()

    def draw(self: Painter, scene: Scene, rule: str, buttons: object) -> None:
        threads.add(threading.current_thread().name)
        drawn.append(scene)
        drawing.set()
        go_on.wait()

    monkeypatch.setattr(Painter, "draw", draw)
    assert drawing.wait(10)
    for number in range(100):
        run.send("camera", plain((number, 0, 0)))  # each arrives, though the window does nothing at all
    before = len(drawn)
    go_on.set()
    wait_until(lambda: len(drawn) > before)
    assert drawn[before].frame.image[0, 0, 0] == 99  # type: ignore[union-attr]
    assert threads == {"xmaker-screen-window"}


def test_a_mistake_in_drawing_gives_the_screen_to_the_terminal(run: Any, display: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Painter, "_picture", lambda *_: 1 / 0)
    run.send("camera", plain((0, 0, 255)))
    wait_until(lambda: codes(run) == ["XM940"])
    assert screen_of(run)._window is None


def test_touching_a_button_is_an_event(display: Any, xmaker_run: Any) -> None:
    run = xmaker_run(PROJECT, real=("touch",))
    grey = tuple(bytes.fromhex("334155")[::-1])
    picture = display.shows(lambda picture: bool((picture == grey).all(axis=2).sum() > 10000))
    assert (picture == grey).all(axis=2)[270, [20, 100, 140, 220]].all()
    display.xdotool("mousemove", 60, 290, "click", 1)
    wait_until(lambda: run.actions == ["lamp.on"])
    display.xdotool("mousemove", 180, 290, "click", 1)
    wait_until(lambda: run.actions == ["lamp.on", "lamp.off"])
    assert [event.value.to_json() for event in run.events if event.node == "touch"] == [{"button": "Start"}, {"button": "停"}]
    display.xdotool("mousemove", 120, 100, "click", 1)
    run.settle()
    assert len(run.actions) == 2


def test_only_one_screen_has_the_window(display: Any, xmaker_run: Any) -> None:
    run = xmaker_run("outputs:\n  a: {use: screen, window: true}\n  b: {use: screen, window: true}\n")
    wait_until(lambda: codes(run) == ["XM943"])
    windows = [run.runtime.workers[name].node._window for name in "ab"]
    assert windows.count(None) == 1


def test_windows_come_and_go_while_others_collect_garbage(display: Any, xmaker_run: Any) -> None:
    for number in range(6):
        run = xmaker_run(PROJECT)
        run.send("camera", plain((0, 0, 255)))
        display.shows(is_red)
        run.stop()
        gc.collect()
        assert not [thread for thread in threading.enumerate() if thread.name.endswith("window")], number


@pytest.fixture
def mute_display() -> Any:
    """The name of a display that lets everybody in and says nothing."""
    import socket

    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X47110")
        server.listen()
        yield ":47110"


@pytest.mark.skipif(sys.platform != "linux", reason="a socket without a file")
@pytest.mark.parametrize("name", ["", ":47111", ":47110", "127.0.0.1:4711", "nonsense"])
def test_a_dead_display_is_found_out_in_time(
    name: str, mute_display: str, xmaker_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", name)
    run = xmaker_run(PROJECT)
    screen_of(run).write("Hello")
    wait_until(lambda: codes(run) == ["XM940"], 2.0)
    assert run.runtime.terminal._shown == {"screen": "Hello"}
    assert run.errors == []


def test_a_python_without_tkinter_has_the_terminal(display: Any, xmaker_run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tkinter", None)
    run = xmaker_run(PROJECT)
    wait_until(lambda: codes(run) == ["XM941"])


@pytest.mark.parametrize(
    ("said", "window", "test", "watched", "board", "expected"),
    [
        ("", None, "", True, False, True),  # the live view
        ("", None, "", False, False, False),  # a pipe, --json, --quiet
        ("", None, "", False, True, True),  # a UNIHIKER
        ("", None, "a test", True, True, False),
        ("", True, "a test", False, False, True),
        ("", False, "", True, True, False),
        ("terminal", True, "", True, True, False),
        ("window", False, "", False, False, True),
    ],
)
def test_when_there_is_a_window(
    said: str, window: bool | None, test: str, watched: bool, board: bool, expected: bool, monkeypatch: Any, tmp_path: Path
) -> None:
    opened = []

    class Thread:
        def start(self) -> None:
            opened.append(True)

    class Window:
        thread = Thread()

    monkeypatch.setattr("xmaker_screen.Window", lambda *_: Window())
    monkeypatch.setattr(displays, "UNIHIKER", tmp_path if board else tmp_path / "none")
    monkeypatch.setenv("DISPLAY", "" if board else ":0")
    monkeypatch.setenv("XMAKER_SCREEN", said)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    if test:
        monkeypatch.setenv("PYTEST_CURRENT_TEST", test)
    screen: Any = Screen(window=window)
    terminal = type("Terminal", (), {"watched": watched, "windowed": False})()
    screen.host = type("Host", (), {"terminal": terminal, "name": "screen"})()
    screen.open()
    assert opened == [True] * expected
    assert terminal.windowed is expected
