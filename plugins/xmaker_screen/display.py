"""Is there a display? Asked before Tk is, because Tk would wait for a dead one with all of Python, for minutes."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

PATIENCE = 0.8
"""Seconds that a display has for its answer."""
UNIHIKER = Path("/opt/unihiker/Version")
"""Says which image a UNIHIKER M10 has; no other board has this file."""
HELLO = b"l\0\x0b\0\0\0\0\0\0\0\0\0"
"""X11 protocol 11.0, little-endian, no password. Even a refusal is an answer."""


def on_unihiker() -> bool:
    """Return whether this is a UNIHIKER M10, which has a display of its own."""
    return UNIHIKER.exists()


def display_name() -> str:
    """Return the name of the display, or "". On a UNIHIKER it is `:0`, also where a login over the network does not say so."""
    if sys.platform == "win32":
        return "windows"
    if sys.platform == "darwin":
        return ""  # there only the main thread may have windows, and that one is the project's
    return os.environ.get("DISPLAY", "") or (":0" if on_unihiker() else "")


def answers(display: str) -> bool:
    """Return whether a display is there and answers in time."""
    if sys.platform == "win32":
        return True
    found = re.fullmatch(r"(?:(.*)/)?\[?([^\]]*?)\]?:(\d+)(?:\.\d+)?", display)
    if not found:
        return False
    _, host, number = found.groups()
    if host not in ("", "unix"):
        return _accepts(host, 6000 + int(number))
    return _replies(f"/tmp/.X11-unix/X{number}") or _replies(f"\0/tmp/.X11-unix/X{number}")  # noqa: S108  # where X puts it


def _accepts(host: str, port: int) -> bool:
    """Return whether a display on the network can be reached. It gets no hello: ssh would warn of the missing password."""
    import socket  # 2 ms of every start, for those alone who have a window

    try:
        socket.create_connection((host, port), PATIENCE).close()
    except OSError:
        return False
    return True


def _replies(path: str) -> bool:
    import socket

    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            server.settimeout(PATIENCE)
            server.connect(path)
            server.sendall(HELLO)
            return bool(server.recv(1))
    except OSError:
        return False


class _Handlers:
    """What the X library calls when something goes wrong. By itself it would end the program, with lamps and motors left on."""

    installed: Any = None
    gone: Callable[[], None]

    @classmethod
    def install(cls) -> None:
        """Put them in, once and before Tk puts in its own, which asks these where it does not know better."""
        import ctypes

        wrong = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda _display, _error: 0)
        dead = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(cls.dead)
        cls.installed = wrong, dead  # kept, or they would be freed while in use
        with suppress(OSError, AttributeError):  # Tk without the X library
            library = ctypes.CDLL("libX11.so.6")
            library.XSetErrorHandler(wrong)
            library.XSetIOErrorHandler(dead)

    @classmethod
    def dead(cls, _display: int | None) -> int:
        with suppress(Exception):
            cls.gone()
        while True:  # going back would end the program
            threading.Event().wait()


def survive(gone: Callable[[], None]) -> None:
    """Have `gone` called when the display dies, on the thread that used it, which then sleeps for ever.

    A request that the display refuses (of a window that somebody else has destroyed) is nothing.
    """
    _Handlers.gone = staticmethod(gone)
    if sys.platform != "win32" and _Handlers.installed is None:
        _Handlers.install()
