"""Typing while a project runs in a real terminal (a pty) with a real shell: values are set, and nothing is left broken."""

from __future__ import annotations

import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xmaker.testing import wait_until

pytestmark = pytest.mark.skipif(os.name == "nt" or not shutil.which("bash"), reason="a pty, bash")

MAIN = "from xmaker.cli import main; main()"
PROJECT = """
inputs: {room: {use: light}, keyboard: {}}
outputs: {lamp: {use: led}, console: {}}
rules:
  - {when: room < 5, then: [lamp.on]}
  - {each: keyboard, then: ['console.print("key {keyboard}")']}
"""
NO_SIGNAL = """
import os, signal, subprocess, sys, termios
signal.signal(signal.SIGHUP, signal.SIG_IGN)
def front():
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
run = subprocess.run([sys.executable, "-c", MAIN, "run", "."], stderr=open("errors", "w"), preexec_fn=front)
open("code", "w").write(str(run.returncode))
"""
"""Runs a project in the foreground of a terminal whose end only this program is told of."""


class Tty:
    """A terminal with a program in it."""

    def __init__(self, command: list[str], folder: Path) -> None:
        import fcntl
        import pty
        import termios

        self._ends = [*pty.openpty()]
        self.master, self.slave = self._ends
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        ends: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), self.slave)
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PS1": "$ ", "XMAKER_SCREEN": "terminal"}
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            **ends,
        )
        self._sent, self._at = "", 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while data := os.read(self.master, 65536):
                self._sent += data.decode(errors="replace")
        except OSError:
            pass  # closed

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def shows(self, words: str) -> None:
        """Wait until it has shown these words after those that were waited for before."""
        wait_until(lambda: self._find(words) >= 0, 20)
        self._at = self._find(words) + len(words)

    def _find(self, words: str) -> int:
        return re.sub(r"\x1b\[[0-9;]*m", "", self._sent).find(words, self._at)  # whatever its colours

    @property
    def modes(self) -> list[Any]:
        import termios

        return termios.tcgetattr(self.slave)

    @property
    def line_mode(self) -> bool:
        import termios

        return bool(self.modes[3] & termios.ICANON)

    def hang_up(self) -> None:
        """Pull the plug."""
        while self._ends:
            os.close(self._ends.pop())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.hang_up()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project.yaml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


Open = Callable[..., Tty]


@pytest.fixture
def terminal(project: Path) -> Iterator[Open]:
    opened: list[Tty] = []

    def open_one(*command: str) -> Tty:
        opened.append(Tty([*command] or [sys.executable, "-c", MAIN, "run", "."], project))
        return opened[-1]

    yield open_one
    for tty in opened:
        tty.close()


@pytest.fixture
def run(terminal: Open) -> Tty:
    """The project in the live view."""
    tty = terminal()
    tty.shows("Type :room.value=50 and Enter")
    return tty


def test_values_are_typed_and_keys_go_to_the_keyboard(run: Tty) -> None:
    run.type("a")
    run.shows("key a")
    run.type(":room.value=")
    run.shows("> room.value=▏ room.value 0…100 %")
    run.type("3x\r")
    run.shows("error XM208: “value” of room must be a number, not “3x”.")
    run.type("\x7f\r")
    run.shows("rule 1: ✓ room < 5")
    run.type("b")
    run.shows("key b")
    run.type("\x03")
    run.shows("Stopped.")
    assert run.process.wait(10) == 130
    assert run.modes == run.before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_half_typed_line_leaves_nothing_broken(run: Tty, number: signal.Signals) -> None:
    run.type(":room.v")
    run.shows("> room.v▏")
    run.process.send_signal(number)
    run.shows("\x1b[?25h")  # the cursor
    run.shows("Stopped.")
    assert run.process.wait(10) == 130
    assert run.modes == run.before


@pytest.mark.parametrize("in_between", ["", "bg\n"])
def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_again(terminal: Open, in_between: str) -> None:
    tty = terminal("bash", "--norc", "--noediting", "-i")
    tty.shows("$ ")
    before = tty.modes
    tty.type(f"{sys.executable} -c '{MAIN}' run .\n")
    tty.shows("Type :room.value=50")
    assert not tty.line_mode
    tty.type("\x1a")
    tty.shows("\x1b[?25h")  # the cursor
    tty.shows("Stopped")
    tty.shows("$ ")
    assert tty.modes == before
    if in_between:
        tty.type(in_between)
        tty.shows("$ ")
    tty.type("echo h''i\n")
    tty.shows("hi")
    tty.shows("$ ")
    tty.type("fg\n")
    tty.shows("Type :room.value=50")
    wait_until(lambda: not tty.line_mode)
    tty.type("c")
    tty.shows("key c")
    tty.type(":room.value=2\r")
    tty.shows("✓ room < 5")
    tty.type("\x03")
    tty.shows("Stopped.")
    tty.shows("$ ")
    assert tty.modes == before


def test_a_terminal_that_goes_away_ends_the_run_without_a_word(terminal: Open, project: Path) -> None:
    tty = terminal(sys.executable, "-c", f"MAIN = {MAIN!r}\n{NO_SIGNAL}")
    tty.shows("Type :room.value=50")
    tty.hang_up()
    tty.process.wait(10)
    assert (project / "code").read_text() == "1"
    assert (project / "errors").read_text() == ""
