"""Hides what ALSA, Jack and PortAudio print: some 80 lines while they look for devices, more when one is lost."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache


@cache
def hush() -> None:
    """Have libraries written in C print nowhere, whenever and on whichever thread. XMAKER_VERBOSE lets them.

    They print through C's own `stderr`, which Python does not use: so nothing of ours or of a plugin is lost.
    """
    if os.environ.get("XMAKER_VERBOSE") or sys.platform == "win32":
        return
    c = ctypes.CDLL(None)
    if not hasattr(c, "gnu_get_libc_version"):  # elsewhere the name may not be set
        return
    c.fopen.restype = ctypes.c_void_p
    if nowhere := c.fopen(b"/dev/null", b"w"):
        ctypes.c_void_p.in_dll(c, "stderr").value = nowhere
