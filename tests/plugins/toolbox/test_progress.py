"""Ctrl-C and `kill` while a library is imported."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from xmaker_toolbox.progress import held

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot send itself such a signal")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_what_would_end_the_work_waits_until_it_is_done(stop: signal.Signals) -> None:
    done, before = False, signal.getsignal(stop)
    with pytest.raises(KeyboardInterrupt), held():
        os.kill(os.getpid(), stop)
        done = True
    assert done and signal.getsignal(stop) is before


def test_what_nobody_listens_to_ends_nothing() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a command that runs in the background of a script
    try:
        with held():
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
