"""Keys that are pressed in the terminal, one by one and by name.

For them the terminal's line mode must be off. Only one program at a time may do that (a lock on the terminal device says
who), only in the foreground, and it is put back whatever happens; so a program run twice never leaves a broken terminal.
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
from contextlib import suppress
from typing import Any

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


class Keys:
    """The keys of the terminal that stdin is; on Windows, those of the console. One thread reads, any may open and close."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # Ctrl-Z may come while the main thread has it
        self._fd = -1
        self._saved: Any = None
        """The modes in which the terminal was found."""
        self._away = self._closed = False
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def open(self) -> bool:
        """Turn line mode off. False where there is no terminal or somebody has its keys."""
        if os.name == "nt":
            return sys.stdin.isatty()
        import fcntl
        import termios

        fd = -1
        try:
            if not sys.stdin.isatty() or not in_foreground(sys.stdin.fileno()):
                return False
            fd = os.open(os.ttyname(sys.stdin.fileno()), os.O_RDWR | os.O_NOCTTY)
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._saved = termios.tcgetattr(fd)
        except (OSError, ValueError, termios.error):
            if fd >= 0:
                os.close(fd)
            return False
        self._fd = fd
        self.come_back()
        atexit.register(self.close)
        return True

    def read(self, timeout: float) -> list[str] | None:
        """Return the keys that were pressed, after `timeout` seconds at most; None when it has been closed."""
        if self._closed:
            if self._fd >= 0:
                os.close(self._fd)  # not while it is waited for: the number could be another file's by then
            return None
        if os.name == "nt":
            return key_names(_read_windows(timeout))
        try:
            if not select.select([self._fd], [], [], timeout)[0]:
                self._line_mode_off()  # `fg` brings line mode back
                return []
            if not self._closed and in_foreground(self._fd) and (data := os.read(self._fd, 64)):
                return key_names(self._decode(data))
        except (OSError, ValueError):
            pass  # the terminal is gone
        time.sleep(timeout)
        return []

    def close(self) -> None:
        """Put the terminal back as it was, and let others have its keys."""
        with self._lock:
            if self._closed:
                return
            self.leave()
            self._closed = True
            if self._fd >= 0:
                import fcntl

                fcntl.flock(self._fd, fcntl.LOCK_UN)
        atexit.unregister(self.close)

    def leave(self) -> None:
        """Put the terminal back as it was, for a while. A shell that has this program in the background has done so itself."""
        with self._lock:
            self._away = True
            if self._may_set_modes():
                import termios

                with suppress(OSError, termios.error):  # the terminal is gone
                    termios.tcsetattr(self._fd, termios.TCSADRAIN, self._saved)

    def come_back(self) -> None:
        """Take the terminal's keys again."""
        with self._lock:
            self._away = False
            self._line_mode_off()

    def _line_mode_off(self) -> None:
        with self._lock:
            if not self._away and self._may_set_modes():
                import termios
                import tty

                with suppress(OSError, termios.error):
                    if termios.tcgetattr(self._fd)[3] & termios.ICANON:
                        tty.setcbreak(self._fd)

    def _may_set_modes(self) -> bool:
        try:
            return self._fd >= 0 and in_foreground(self._fd)
        except OSError:
            return False


def in_foreground(fd: int) -> bool:
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
