"""Hides what ALSA and Jack print while the sound library looks for devices: some 80 lines that no pupil can use.

And what Vosk prints of a damaged model, which is told of in better words.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NOISE = re.compile(
    rb"ALSA lib|ALSA: |[Jj]ack|Cannot connect to server|connect\(2\) call|Expression '|PaAlsa|PulseAudio: "
    rb"|\(VoskAPI:|^ERROR: (?:Fst|SymbolTable)"
)

_lock = threading.Lock()
_users = 0
_stderr = -1
"""The real stderr, while it is redirected and after."""
_kept = -1


@contextmanager
def quiet() -> Iterator[None]:
    """Keep stderr back, also that of other threads; at the end, print what was no noise. XMAKER_VERBOSE shows everything.

    The libraries write to file number 2 itself, so nothing less than redirecting that helps.
    """
    if os.environ.get("XMAKER_VERBOSE"):
        yield
        return
    try:
        _begin()
    except OSError:  # no stderr at all: nothing to hide
        yield
        return
    try:
        yield
    finally:
        _end()


def _begin() -> None:
    global _users, _stderr, _kept
    with _lock:
        if not _users:
            if _stderr >= 0:
                os.close(_stderr)
            _stderr = os.dup(2)
            with tempfile.TemporaryFile() as file:
                _kept = os.dup(file.fileno())
            os.dup2(_kept, 2)
        _users += 1


def _end() -> None:
    global _users, _kept
    with _lock:
        _users -= 1
        if _users:
            return
        os.dup2(_stderr, 2)
        os.lseek(_kept, 0, os.SEEK_SET)
        with open(_kept, "rb") as file:
            said = [line for line in file if line.strip() and not NOISE.search(line)]
        if said:
            os.write(2, b"".join(said))


def put_back() -> None:
    """Put stderr back after a library that hung, then redirected it once more (sounddevice does, and puts back ours)."""
    with _lock:
        if not _users and _stderr >= 0:
            os.dup2(_stderr, 2)
