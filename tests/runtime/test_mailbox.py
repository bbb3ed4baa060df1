"""A mailbox is the bounded queue on a wire; what it does when it is full depends on what it carries."""

import threading

import numpy as np
import pytest

from xmaker import Event, Reading, Sound
from xmaker.runtime.mailbox import QUEUE, Mailbox
from xmaker.runtime.waking import Latch, Signal
from xmaker.testing import wait_until

NEVER = threading.Event()


def event(number: int) -> Event:
    return Event("camera", Reading(number), float(number), number)


def taken(box: Mailbox) -> list[int]:
    found = []
    while (event := box.take()) is not None:
        found.append(event.sequence)
    return found


def test_of_live_frames_the_newest_wins_and_the_others_are_counted() -> None:
    box = Mailbox("newest", Signal())
    for number in range(5):
        box.put(event(number), NEVER)
    assert (taken(box), box.dropped) == ([4], 4)


def test_readings_come_in_order() -> None:
    box = Mailbox("queue", Signal())
    for number in range(5):
        box.put(event(number), NEVER)
    assert (taken(box), box.dropped) == ([0, 1, 2, 3, 4], 0)


def test_of_too_many_readings_the_oldest_are_dropped() -> None:
    box = Mailbox("queue", Signal())
    for number in range(QUEUE + 3):
        box.put(event(number), NEVER)
    assert (taken(box)[0], box.dropped) == (3, 3)


@pytest.mark.parametrize(("chunk_seconds", "kept"), [(0.5, 4), (1 / 32, 64), (5.0, 1)])
def test_two_seconds_of_sound_are_kept_in_order(chunk_seconds: float, kept: int) -> None:
    box = Mailbox("sound", Signal())
    chunk = Sound(np.zeros(round(chunk_seconds * 16000), np.int16))
    for number in range(200):
        box.put(Event("ear", chunk, 0.0, number), NEVER)
    assert taken(box) == list(range(200 - kept, 200))
    assert box.dropped == 200 - kept


def test_of_a_file_nothing_is_dropped_the_sender_waits() -> None:
    box, done = Mailbox("wait", Signal()), []

    def send() -> None:
        for number in range(20):
            box.put(event(number), NEVER)
        done.append(True)

    threading.Thread(target=send, daemon=True).start()
    found: list[int] = []
    wait_until(lambda: box.waiting() == 1)
    assert not done
    while len(found) < 20:
        found += taken(box)
    assert (found, box.dropped) == (list(range(20)), 0)


@pytest.mark.parametrize("end", ["reader gone", "sender stopped"])
def test_a_waiting_sender_is_let_go(end: str) -> None:
    box, stopping = Mailbox("wait", Signal()), Latch()
    box.put(event(0), stopping)
    sender = threading.Thread(target=box.put, args=(event(1), stopping), daemon=True)
    sender.start()
    box.close() if end == "reader gone" else stopping.set()
    wait_until(lambda: not sender.is_alive())
