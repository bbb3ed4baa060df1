"""Ctrl-C and its kin ask a run to end. Pressing again changes nothing: it ends in two seconds, all outputs safe."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Ctrl-C, `kill`, and the terminal window closed (which Windows does not tell)."""


@contextmanager
def ending_signals(interrupted: threading.Event, finished: threading.Event) -> Iterator[None]:
    """Set both events at every such signal; afterwards all is as it was.

    Only the main thread may do this; in any other nothing happens.
    """

    # A handler runs in the middle of anything, so it only puts into a queue: Event.set() there could wait for itself.
    asked: SimpleQueue[bool] = SimpleQueue()

    def watch() -> None:
        if asked.get():
            interrupted.set()
            finished.set()

    def interrupt(*_: object) -> None:
        asked.put(True)

    main = threading.current_thread() is threading.main_thread()
    old = {number: signal.signal(number, interrupt) for number in ENDING} if main else {}
    threading.Thread(target=watch, name="xmaker-signals", daemon=True).start()
    try:
        yield
    finally:
        asked.put(False)
        for number, handler in old.items():
            signal.signal(number, handler)


def wait_for(finished: threading.Event, deadline: float) -> bool:
    """Wait for the end of the run, until `deadline` at most; return whether it came."""
    # Python sees a signal that comes just before it falls asleep only when it wakes: so it wakes now and then.
    while not finished.wait(max(0.0, min(0.5, deadline - time.monotonic()))):
        if time.monotonic() >= deadline:
            return False
    return True
