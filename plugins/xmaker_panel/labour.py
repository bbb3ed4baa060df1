"""The process in which long work is done: it gives way to the run beside it, and is gone when its folder's owner is.

The first line on its stdin says what to do; each line on its stdout says how far it is, or what came of it. When stdin ends,
nobody waits for it any more.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from xmaker import XMakerError
from xmaker.errors import Problem, speaking
from xmaker_panel.works import WORKS

LOWEST = 19
"""Of nice(2): whoever else wants the processor has it."""
TOLD_SECONDS = 0.1
"""From one line on how far it is to the next."""


class Order(msgspec.Struct):
    """What is to be done, in which language, and in which folder files may be written."""

    kind: str
    details: dict[str, Any]
    language: str
    folder: str


class Teller:
    """Says on stdout how far the work is; the libraries' own words go nowhere."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        self._last = 0.0

    def progress(self, part: float, doing: str = "") -> None:
        """Tell it, but not too often."""
        now = time.monotonic()
        if doing or now - self._last > TOLD_SECONDS:
            self._last = now
            self.tell(part=part, doing=doing)

    def tell(self, **message: Any) -> None:
        self._out.write(msgspec.json.encode(message, enc_hook=str) + b"\n")


def give_way() -> None:
    """Have the run be served first, and be the one that ends where memory does."""
    if hasattr(os, "nice"):
        os.nice(LOWEST)
    if hasattr(os, "sched_setscheduler") and hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    try:
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    except OSError:
        return  # no Linux


def _end_with(owner: BinaryIO) -> None:
    while owner.read(1):
        continue
    os._exit(1)  # whoever asked is gone; its folder is removed by who comes next


def main() -> None:
    """Do what stdin says."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which ends this
    give_way()
    order, teller = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order), Teller()
    threading.Thread(target=_end_with, args=(sys.stdin.buffer,), daemon=True).start()
    with speaking(order.language):
        try:
            teller.tell(result=WORKS[order.kind](Path(order.folder), order.details, teller.progress))
        except XMakerError as error:
            problems = [{"code": one.code, "details": _plain(one)} for one in error.problems]
            teller.tell(problems=problems, words=str(error), hint=error.hint)
        except Exception as error:  # noqa: BLE001  # a library may raise anything about a stranger's model
            teller.tell(words=f"{type(error).__name__}: {str(error)[:300]}", problems=[], hint="")


def _plain(problem: Problem) -> dict[str, Any]:
    """Return a problem's details as they can be sent."""
    return {key: value if isinstance(value, int | float) else str(value) for key, value in problem.details.items()}


if __name__ == "__main__":
    main()
