"""The event loop: one thing at a time, in the order in which it came, on whichever thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from xmaker.runtime.clock import Clock
from xmaker.runtime.loop import MAX_WAITING, EventLoop
from xmaker.values import Event, Reading


class Handled:
    """What a loop has handled, on which thread; `then` is done with each event."""

    def __init__(self) -> None:
        self.numbers: list[float] = []
        self.threads: list[threading.Thread] = []
        self.failures: list[BaseException] = []
        self.then: Callable[[], object] = lambda: None

    def handle(self, event: Event) -> None:
        self.numbers.append(event.value.values["value"])
        self.threads.append(threading.current_thread())
        self.then()


@pytest.fixture
def handled() -> Handled:
    return Handled()


@pytest.fixture
def loop(handled: Handled) -> Iterator[EventLoop]:
    loop = EventLoop(Clock(), handled.handle, handled.failures.append)
    loop.start()
    yield loop
    loop.stop()


def event(number: float) -> Event:
    return Event("sensor", Reading(number), 0.0)


def test_whoever_brings_an_event_handles_it_when_nobody_else_is_at_it(loop: EventLoop, handled: Handled) -> None:
    assert loop.call_and_wait(lambda: None)
    while loop._turn.locked():  # the loop's thread goes back to sleep
        pass

    loop.handle(event(1))

    assert handled.threads == [threading.current_thread()]


def test_an_event_waits_its_turn_behind_those_that_came_before(loop: EventLoop, handled: Handled) -> None:
    at_it, go_on = threading.Event(), threading.Event()
    loop.call(lambda: (at_it.set(), go_on.wait(10)))
    at_it.wait(10)

    loop.put(event(1))
    loop.handle(event(2))
    assert handled.numbers == []
    go_on.set()
    loop.call_and_wait(lambda: None)

    assert handled.numbers == [1, 2]
    assert threading.current_thread() not in handled.threads


def test_many_threads_at_once_never_handle_at_the_same_time(loop: EventLoop, handled: Handled) -> None:
    inside, together = [0], []

    def look() -> None:
        inside[0] += 1
        together.append(inside[0])
        inside[0] -= 1

    handled.then = look

    def send(first: int) -> None:
        for number in range(first, first + 500):
            (loop.handle if number % 3 else loop.put)(event(number))

    threads = [threading.Thread(target=send, args=(1000 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    loop.call_and_wait(lambda: None)

    assert len(handled.numbers) == 2000
    assert set(together) == {1}
    for first in range(0, 4000, 1000):
        assert [number for number in handled.numbers if first <= number < first + 500] == list(range(first, first + 500))


def test_a_timer_that_is_set_on_another_thread_wakes_the_loop(loop: EventLoop, handled: Handled) -> None:
    fired = threading.Event()
    loop.timers.at(loop.clock.now() + 60, lambda: None)
    loop.call_and_wait(lambda: None)

    handled.then = lambda: loop.timers.at(loop.clock.now() + 0.01, fired.set)
    loop.handle(event(1))

    assert fired.wait(10)


def test_what_is_called_on_ones_own_turn_is_done_at_once(loop: EventLoop, handled: Handled) -> None:
    done: list[threading.Thread] = []
    handled.then = lambda: loop.call(lambda: done.append(threading.current_thread()))

    loop.handle(event(1))
    loop.call_and_wait(lambda: None)

    assert done == handled.threads


def test_an_error_ends_neither_the_loop_nor_the_thread_that_brought_the_event(loop: EventLoop, handled: Handled) -> None:
    def fail() -> None:
        raise SystemExit

    handled.then = fail
    loop.handle(event(1))
    loop.put(event(2))
    loop.call_and_wait(lambda: None)

    assert handled.numbers == [1, 2]
    assert [type(error) for error in handled.failures] == [SystemExit, SystemExit]


def test_a_flood_that_comes_as_a_thread_takes_its_turn_does_not_keep_both_waiting(handled: Handled) -> None:
    loop = EventLoop(Clock(), handled.handle, handled.failures.append)

    class FloodedTurn:
        """The turn, taken just after the loop's queue was filled."""

        def acquire(self, blocking: bool) -> bool:
            loop._waiting.extend([event(0)] * MAX_WAITING)
            return True

        def release(self) -> None: ...

    loop._turn = FloodedTurn()  # type: ignore[assignment]
    bringing = threading.Thread(target=loop.handle, args=(event(1),), daemon=True)
    bringing.start()
    bringing.join(2)
    assert not bringing.is_alive()
