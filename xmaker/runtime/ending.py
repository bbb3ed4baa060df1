"""How a run ends: by Ctrl-C and its kin, or when a file is over and nothing of it is on its way any more; or stays then.

Pressing Ctrl-C again changes nothing: the run ends in two seconds, all outputs safe.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING

from xmaker.errors import message
from xmaker.nodes import Input
from xmaker.runtime.clock import SetClock
from xmaker.runtime.feed import InputWorker
from xmaker.runtime.worker import Worker
from xmaker.values import Event, Notice

if TYPE_CHECKING:
    from xmaker.runtime.runtime import Runtime

ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Ctrl-C, `kill`, and the terminal window closed (which Windows does not tell)."""
DRAIN_SECONDS = 5.0
"""How long the end of a paced file waits for what is on its way, where other inputs go on and on."""


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


def at_end(run: Runtime) -> bool:
    """Return whether the run plays files, and all of them have come to their end."""
    finite = [worker for worker in run.workers.values() if isinstance(worker.node, Input) and worker.node.finite]
    return bool(finite) and all(worker.state in ("done", "failed") for worker in finite)


def stays(run: Runtime) -> bool:
    """Return whether a run whose files are at their end is there to be seen all the same; say so.

    It stands still, at no cost: its values stay, a file's time does not go on. A file that an edit begins anew ends again.
    """
    run.finished.clear()  # before this looks why: whoever ends a run says why first
    if not run.endless or not at_end(run) or run.interrupted.is_set() or run.failure is not None:
        return False
    run.loop.call(lambda: run.handle(Event("xmaker", Notice(message("XM935", "what"), "XM935"), run.clock.now())))
    return True


def quiet(run: Runtime) -> bool:
    """Return whether nothing is on its way: no event in a mailbox, at work or before the loop.

    Inputs count only under a test's clock: there, one that is not asleep is about to send something.
    """
    before = _counts(run)
    if not _all_at_rest(run):
        return False
    if not run.loop.call_and_wait(lambda: None):  # else what was sent has been handled now
        return False
    return before == _counts(run) and _all_at_rest(run)


def _all_at_rest(run: Runtime) -> bool:
    inputs_count = isinstance(run.clock, SetClock) and not run.replaying
    return all(_at_rest(worker) for worker in run.workers.values() if inputs_count or not isinstance(worker, InputWorker))


def _at_rest(worker: Worker) -> bool:
    if (until := worker.sleeps_until()) is not None and until > worker.now():
        return True  # whatever waits for it, it goes on only when a test, or the end of a file, lets time pass
    if any(box.waiting() for box in worker.inbound) or not worker.idle:
        return False
    return not (worker.state == "on" and worker.jobs)


def _counts(run: Runtime) -> list[int]:
    return [worker.events + sum(box.done_count for box in worker.inbound) for worker in run.workers.values()]


def drain(run: Runtime, deadline: float) -> None:
    """Let everything that is on its way arrive, until `deadline` at most.

    A file's time goes on past every `wait`, and past the pauses of every output (a melody).
    """
    if not run.replaying:
        _until_quiet(run, min(deadline, time.monotonic() + DRAIN_SECONDS))
        return
    files = [worker for worker in run.workers.values() if isinstance(worker, InputWorker)]
    moment = max((file.end_time for file in files), default=None)
    while _until_quiet(run, deadline) and moment is not None:
        run.loop.call_and_wait(partial(go_on_to, run, moment))
        waits = [run.loop.timers.next_time() if run.rules.pending() else None]
        waits += [worker.sleeps_until() for worker in run.workers.values() if not isinstance(worker, InputWorker)]
        moment = min((wait for wait in waits if wait is not None), default=None)


def _until_quiet(run: Runtime, deadline: float) -> bool:
    """Wait until nothing is on its way; False when the run is to end before."""
    while not run.failure and not run.interrupted.is_set() and time.monotonic() < deadline:
        if quiet(run):
            return True
        time.sleep(0.002)
    return False


def go_on_to(run: Runtime, moment: float) -> None:
    """Set a file's time, stopping at each timer on the way. On the event loop."""
    assert isinstance(run.clock, SetClock)
    while (due := run.loop.timers.next_time()) is not None and due <= moment:
        run.clock.set(due)
        run.loop.timers.run(due)
    run.clock.set(moment)
