"""Calls into the sound system with a limit: a PulseAudio or PipeWire that hangs would hold its callers for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from xmaker_audio.quiet import hush

Result = TypeVar("Result")

_control = threading.Lock()
"""One call at a time: PortAudio's functions that open and close are not made for several threads.

A call that hangs keeps it, so that no second one is sent after it.
"""


class _Call(Generic[Result]):
    def __init__(self, work: Callable[[], Result], undo: Callable[[Result], object]) -> None:
        self.work, self.undo = work, undo
        self.done = threading.Event()
        self.lock = threading.Lock()
        self.given_up = False
        self.results: list[Result] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            try:
                self.results.append(self.work())
            except BaseException as error:  # noqa: BLE001  # raised again where it is waited for
                self.error = error
            with self.lock:
                self.done.set()
            if self.given_up:
                for late in self.results:
                    self.undo(late)
        finally:
            _control.release()


def within(seconds: float, work: Callable[[], Result], undo: Callable[[Result], object]) -> Result:
    """Return what `work` returns, or raise what it raises. Raises TimeoutError; what comes too late is undone."""
    if not _control.acquire(timeout=seconds):
        raise TimeoutError
    hush()
    call = _Call(work, undo)
    threading.Thread(target=call.run, name="xmaker-sound", daemon=True).start()
    call.done.wait(seconds)
    with call.lock:
        call.given_up = not call.done.is_set()
    if call.given_up:
        raise TimeoutError
    if call.error is not None:
        raise call.error
    return call.results[0]
