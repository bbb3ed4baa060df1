"""The two ways to wake a thread."""

from __future__ import annotations

import threading

from xmaker.runtime.waking import Latch, Signal


def test_a_signal_wakes_once_each_time_that_it_is_set() -> None:
    signal = Signal()
    signal.set()
    signal.set()

    assert signal.wait(0.01)
    assert not signal.wait(0.01)


def test_a_latch_stays_set_for_everybody_who_waits() -> None:
    latch, woken = Latch(), []
    threads = [threading.Thread(target=lambda: woken.append(latch.wait(10))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert not latch.is_set()
    assert not latch.wait(0.01)

    latch.set()
    latch.set()
    for thread in threads:
        thread.join(10)

    assert woken == [True, True, True]
    assert latch.is_set()
    assert latch.wait()
