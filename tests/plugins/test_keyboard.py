"""The keyboard, on a real terminal (a pty): keys arrive by name, and the terminal is always left as it was found."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import xmaker_keyboard

from xmaker import Plugins, Project, Runtime
from xmaker.terminal import Terminal
from xmaker.testing import wait_until

PROGRAM = """
import fcntl, os, subprocess, sys, termios, time
how = sys.argv[1]
if how not in ("second", "behind"):
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from xmaker import Event, Key, Plugins, Project, Runtime, hookimpl
from xmaker_keyboard import Keyboard

def wait_for_keys() -> None:
    while termios.tcgetattr(0)[3] & termios.ICANON:
        time.sleep(0.01)

class Printer:
    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        print(how, getattr(event.value, "key", "") or event.value.code, flush=True)
        if how in ("second", "behind"):
            runtime.finished.set()

project = Project("test", plugins=Plugins()).add(Keyboard(), name="keyboard")
project.plugins.manager.register(Printer())
runtime = Runtime(project.plugins)
if how in ("exit", "raise"):
    runtime.apply(project)
    wait_for_keys()
    print(how, flush=True)
    time.sleep(0.2)
    sys.exit() if how == "exit" else 1 / 0
elif how == "parent":
    runtime.apply(project)
    wait_for_keys()
    again = [sys.executable, "-c", open("program.py").read()]
    subprocess.run([*again, "second"], check=True)
    subprocess.run([*again, "behind"], check=True, process_group=0)
    print("cbreak" if not termios.tcgetattr(0)[3] & termios.ICANON else "broken", flush=True)
    runtime.stop()
else:
    print("stopped", runtime.run(project), flush=True)
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a pty")


class Tty:
    """A terminal with a program in it."""

    def __init__(self, how: str) -> None:
        import pty
        import termios

        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        ends: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), self.slave)
        self.process = subprocess.Popen([sys.executable, "-c", PROGRAM, how], start_new_session=True, **ends)
        self.shown = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while data := os.read(self.master, 4096):
                self.shown += data.decode()
        except OSError:
            pass  # closed

    @property
    def lines(self) -> list[str]:
        return self.shown.split("\r\n")

    @property
    def takes_keys(self) -> bool:
        import termios

        return not termios.tcgetattr(self.slave)[3] & termios.ICANON

    @property
    def as_before(self) -> bool:
        import termios

        return termios.tcgetattr(self.slave) == self.before

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def wait(self) -> None:
        self.process.wait(60)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.slave)
        os.close(self.master)


@pytest.fixture
def tty(request: pytest.FixtureRequest, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tty]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text(PROGRAM)
    made = Tty(request.param)
    yield made
    made.close()


@pytest.mark.parametrize("tty", ["run"], indirect=True)
def test_keys_arrive_by_name_and_ctrl_c_still_works(tty: Tty) -> None:
    wait_until(lambda: tty.takes_keys)
    for typed in ("a", " ", "\x1b[A", "\x1bOD", "\x1b[1;5C", "\r", "\x7f", "\t", "猫狗", "\x1b", "?"):
        before = tty.shown
        tty.type(typed)
        wait_until(lambda before=before: tty.shown != before and tty.shown.endswith("\n"))  # type: ignore[misc]
    keys = [line.removeprefix("run ") for line in tty.lines if line.startswith("run ")]
    assert keys == ["a", "space", "up", "left", "right", "enter", "backspace", "tab", "猫", "狗", "escape", "?"]
    tty.type("\x03")
    tty.wait()
    wait_until(lambda: "stopped True" in tty.shown)
    assert tty.as_before


@pytest.mark.parametrize("tty", ["run"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(tty: Tty, number: int) -> None:
    wait_until(lambda: tty.takes_keys)
    tty.process.send_signal(number)
    tty.wait()
    assert tty.as_before


@pytest.mark.parametrize("tty", ["exit", "raise"], indirect=True)
def test_a_program_that_forgets_to_stop_leaves_the_terminal_as_it_was(tty: Tty) -> None:
    tty.wait()
    assert tty.as_before


@pytest.mark.parametrize("tty", ["parent"], indirect=True)
def test_one_program_at_a_time_has_the_keys_and_never_one_in_the_background(tty: Tty) -> None:
    tty.wait()
    wait_until(lambda: "cbreak" in tty.shown or "broken" in tty.shown)
    assert [line for line in tty.lines if line and "stopped" not in line] == ["second XM903", "behind XM903", "cbreak"]
    assert tty.as_before


def test_where_there_is_no_terminal_the_keyboard_says_so_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    project = Project("test", plugins=Plugins()).add(xmaker_keyboard.Keyboard(), name="keyboard")
    terminal = Terminal()
    runtime = Runtime(project.plugins, terminal=terminal)
    runtime.run(project, 0.1)
    assert runtime.failure is None
    assert terminal.key(0) is None
