"""The one owner of the terminal: lines that nodes print, what a `screen` node shows, and keys, all go through here.

Keys need the terminal's line mode off. Only one program at a time may do that (a lock on the terminal device says who),
only in the foreground, and it is put back whatever happens; so a program run twice never leaves a broken terminal.
"""

from __future__ import annotations

import atexit
import codecs
import os
import select
import sys
import threading
from collections import deque
from typing import IO, Any

import msgspec

from xmaker.values import Frame


class View(msgspec.Struct):
    """What a screen shows: lines of text, the newest picture, and bars (label, 0..1)."""

    text: list[str] = []
    frame: Frame | None = None
    bars: tuple[tuple[str, float], ...] = ()
    values: dict[str, str] = {}
    """Node → its latest value in words, for what is neither a picture nor a label."""


_NAMES = {" ": "space", "\r": "enter", "\n": "enter", "\t": "tab", "\x7f": "backspace", "\b": "backspace"}
_SEQUENCES = {"A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end"}
"""Last letter of an ANSI cursor sequence (ECMA-48 CSI, DEC VT100 cursor keys)."""


def key_names(text: str) -> list[str]:
    """Return the names of the keys that a terminal sent as this text."""
    names, rest = [], deque(text)
    while rest:
        character = rest.popleft()
        if character == "\x1b":
            if not (rest and rest[0] in "[O"):
                names.append("escape")
                continue
            rest.popleft()
            while rest and not (last := rest.popleft()).isalpha() and last != "~":
                pass
            names.append(_SEQUENCES.get(last, "unknown"))
        elif character.isprintable() or character in _NAMES:
            names.append(_NAMES.get(character, character))
    return names


class Terminal:
    """A plain terminal: it prints lines. The live view of the command line is a subclass."""

    def __init__(self, out: IO[str] | None = None) -> None:
        self._out = out or sys.stdout
        self._lock = threading.Lock()
        self._keys: deque[str] = deque()
        self._shown: dict[str, str] = {}
        self._saved: list[Any] | None = None
        self._fd = -1
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def write(self, line: str, node: str = "") -> None:
        """Print a line; `node` says whose it is."""
        with self._lock:
            print(line, file=self._out, flush=True)

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
        """Turn line mode off, so that keys arrive one by one. False where there is no terminal or it is not ours."""
        if os.name == "nt":
            return sys.stdin.isatty()
        import fcntl
        import termios
        import tty

        try:
            if not sys.stdin.isatty() or os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp():
                return False
            self._fd = os.open(os.ttyname(sys.stdin.fileno()), os.O_RDWR | os.O_NOCTTY)
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._saved = termios.tcgetattr(self._fd)
        except (OSError, ValueError, termios.error):
            self.give_keys()
            return False
        atexit.register(self.give_keys)
        tty.setcbreak(self._fd)
        return True

    def give_keys(self) -> None:
        """Put the terminal back as it was."""
        if self._saved is not None:
            import termios

            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._saved)
            atexit.unregister(self.give_keys)
            self._saved = None
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _read(self, timeout: float) -> str:
        if os.name == "nt":
            return _read_windows(timeout)
        fd = self._fd
        if fd < 0 or not select.select([fd], [], [], timeout)[0]:
            return ""
        return self._decode(os.read(fd, 64)) if fd == self._fd else ""


def _read_windows(timeout: float) -> str:
    import time

    msvcrt: Any = __import__("msvcrt")  # exists on Windows alone
    end = time.monotonic() + timeout
    while not msvcrt.kbhit():
        if time.monotonic() >= end:
            return ""
        time.sleep(0.03)
    return str(msvcrt.getwch())
