"""The one owner of the terminal: lines that nodes print, what a `screen` node shows, and keys, all go through here.

Keys need the terminal's line mode off. Only one program at a time may do that (a lock on the terminal device says who),
only in the foreground, and it is put back whatever happens; so a program run twice never leaves a broken terminal.
"""

from __future__ import annotations

import atexit
import codecs
import os
import re
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TextIO

import msgspec

from xmaker.values import Frame


class View(msgspec.Struct):
    """What a screen shows: lines of text, the newest picture, and bars (label, 0..1)."""

    text: list[str] = []
    frame: Frame | None = None
    bars: tuple[tuple[str, float], ...] = ()
    values: dict[str, Any] = {}
    """Node → its latest value, for what is neither a picture nor a label."""


_NAMES = {"\x1b": "escape", " ": "space", "\r": "enter", "\n": "enter", "\t": "tab", "\x7f": "backspace", "\b": "backspace"}
_SEQUENCES = {"A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end"}
_SENT = re.compile(r"\x1b[\[O][\[O;0-9]*(.?)|.", re.DOTALL)
"""A key: an ANSI cursor sequence, which its last letter tells apart (ECMA-48 CSI, DEC VT100 cursor keys), or a character."""


def key_names(text: str) -> list[str]:
    """Return the names of the keys that a terminal sent as this text."""
    names = []
    for sent in _SENT.finditer(text):
        if sent[1] is not None:
            names.append(_SEQUENCES.get(sent[1], "unknown"))
        elif sent[0].isprintable() or sent[0] in _NAMES:
            names.append(_NAMES.get(sent[0], sent[0]))
    return names


class Terminal:
    """A plain terminal: it prints lines. The live view of the command line is a subclass."""

    watched = False
    """Whether somebody looks at a picture of the run: only then a screen opens a window unasked."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.buttons: dict[str, tuple[tuple[str, ...], Callable[[str], None]]] = {}
        """Node → the buttons that it wants to be shown, and what to call with the one that was pressed."""
        self.windowed = False
        """Whether a screen's window, and not this terminal, shows screens and buttons."""
        self._out = out or sys.stdout
        self._lock = threading.Lock()
        self._tty_lock = threading.Lock()
        """Apart from the other: printing may hang for as long as somebody has pressed Ctrl-S."""
        self._keys: deque[str] = deque()
        self._shown: dict[str, str] = {}
        self._saved: list[Any] | None = None
        self._fd = -1
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def write(self, line: str, node: str = "") -> None:
        """Print a line; `node` says whose it is."""
        with self._lock:
            try:
                print(line, file=self._out, flush=True)
            except UnicodeEncodeError:  # a console that has no Chinese, or no emoji
                encoding = self._out.encoding
                print(line.encode(encoding, "replace").decode(encoding), file=self._out, flush=True)

    def show(self, node: str, view: View) -> None:
        """Show what a screen node shows: here, its new text as a line."""
        if view.text and view.text[-1] != self._shown.get(node):
            self._shown[node] = view.text[-1]
            self.write(f"{node}: {view.text[-1]}", node)

    def key(self, timeout: float) -> str | None:
        """Return the next key that was pressed, or None after `timeout` seconds without one."""
        if not self._keys:
            self._keys.extend(key_names(self._read(timeout)))
        return self._keys.popleft() if self._keys else None

    def take_keys(self) -> bool:
        """Turn line mode off, so that keys arrive one by one. False where there is no terminal or somebody has its keys."""
        if os.name == "nt":
            return sys.stdin.isatty()
        import fcntl
        import termios
        import tty

        with self._tty_lock:
            if self._saved is not None:
                return False
            try:
                if not sys.stdin.isatty() or not _in_foreground(sys.stdin.fileno()):
                    return False
                self._fd = os.open(os.ttyname(sys.stdin.fileno()), os.O_RDWR | os.O_NOCTTY)
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._saved = termios.tcgetattr(self._fd)
                tty.setcbreak(self._fd)
            except (OSError, ValueError, termios.error):
                self._put_back()
                return False
        atexit.register(self.give_keys)
        return True

    def give_keys(self) -> None:
        """Put the terminal back as it was. A shell that has moved this program to the background has done so itself."""
        with self._tty_lock:
            self._put_back()
        atexit.unregister(self.give_keys)

    def _put_back(self) -> None:
        if self._saved is not None:
            import termios

            try:
                if _in_foreground(self._fd):
                    termios.tcsetattr(self._fd, termios.TCSADRAIN, self._saved)
            except (OSError, termios.error):
                pass  # the terminal is gone
        fd, self._fd, self._saved = self._fd, -1, None
        if fd >= 0:
            os.close(fd)

    def _read(self, timeout: float) -> str:
        if os.name == "nt":
            return _read_windows(timeout)
        try:
            if not select.select([self._fd], [], [], timeout)[0]:
                return ""
            if _in_foreground(self._fd) and (data := os.read(self._fd, 64)):
                return self._decode(data)
        except (OSError, ValueError):
            pass  # the terminal is gone, or was given back
        time.sleep(timeout)
        return ""


def _in_foreground(fd: int) -> bool:
    """Return whether this program may read the terminal and set its modes: doing so in the background would stop it."""
    return os.tcgetpgrp(fd) == os.getpgrp()


def _read_windows(timeout: float) -> str:
    msvcrt: Any = __import__("msvcrt")  # exists on Windows alone
    end = time.monotonic() + timeout
    while not msvcrt.kbhit():
        if time.monotonic() >= end:
            return ""
        time.sleep(0.03)
    return str(msvcrt.getwch())
