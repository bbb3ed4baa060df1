"""Tries what may hang, print noise or crash (a camera, an audio library) in a process of its own, for a limited time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

PROGRAM = """
import importlib, json, sys
module, function, arguments = sys.argv[1:]
print("\\n" + json.dumps(getattr(importlib.import_module(module), function)(*json.loads(arguments))))
"""


class ChildError(Exception):
    """The process failed; the text is the last thing that it said."""


def call(module: str, function: str, *arguments: object, seconds: float) -> Any:
    """Call a function of this plugin in another process. Raises ChildError, or subprocess.TimeoutExpired."""
    command = [sys.executable, "-P", "-c", PROGRAM, f"xmaker_doctor.{module}", function, json.dumps(arguments)]
    done = subprocess.run(  # noqa: S603  # our own Python, our own words
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=seconds, check=False
    )
    if done.returncode < 0:
        raise ChildError(signal.Signals(-done.returncode).name)
    if done.returncode:
        raise ChildError(([line for line in done.stderr.splitlines() if line.strip()] or ["?"])[-1][:200])
    return json.loads(done.stdout.splitlines()[-1])
