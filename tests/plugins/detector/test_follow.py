"""Which thing is which from frame to frame: numbers stay, what comes and goes is noticed once."""

from __future__ import annotations

import time

import numpy as np
import pytest
from xmaker_detector.follow import Follower

from xmaker import Detection

SURE = 0.4


def thing(x: float, label: str = "cat", score: float = 0.9, y: float = 0, size: float = 50) -> Detection:
    return Detection(label, score, (x, y, size, size))


class Film:
    """Frames, ten a second."""

    def __init__(self, patience: float = 1.0, fps: float = 10) -> None:
        self.follower, self.now, self.step = Follower(patience), 0.0, 1 / fps
        self.came: list[str] = []
        self.went: list[str] = []

    def show(self, *items: Detection, scene: bool = False) -> list[int]:
        """Show one frame; return the numbers of what is there."""
        there, self.came, self.went = self.follower.follow(items, SURE, self.now, scene)
        self.now += self.step
        return [item.track for item in there]


def test_a_thing_keeps_its_number_while_it_moves() -> None:
    film = Film()
    numbers = [film.show(thing(x)) for x in range(0, 300, 15)]
    assert numbers == [[0]] * 2 + [[1]] * 18  # twice is not yet sure


def test_one_frame_or_two_are_not_enough_and_what_came_is_told_once() -> None:
    film = Film()
    told = [(film.show(thing(5)), film.came)[1] for _ in range(4)]
    assert told == [[], [], ["cat"], []]
    film = Film()
    film.show(thing(5))
    assert film.show() == [] and film.came == film.went == [] and film.follower.totals == {}


def test_out_of_sight_for_a_while_it_is_the_same_then_it_has_left() -> None:
    film = Film(patience=1.0)
    for _ in range(3):
        film.show(thing(5))
    for _ in range(5):
        assert film.show() == [] and film.went == []
    assert film.show(thing(5)) == [1] and film.came == []
    told = [(film.show(), film.went)[1] for _ in range(12)]
    assert told.count(["cat"]) == 1 and told[9] == ["cat"]
    for _ in range(2):
        film.show(thing(5))
    assert film.show(thing(5)) == [2] and film.came == ["cat"] and film.follower.totals == {"cat": 2}


def test_two_that_pass_each_other_keep_their_numbers() -> None:
    film = Film()
    for step in range(30):
        numbers = film.show(thing(10 * step), thing(300 - 10 * step, y=20))
    assert numbers == [1, 2]


def test_things_of_different_labels_are_never_the_same() -> None:
    film = Film()
    for _ in range(3):
        film.show(thing(5), thing(5, "dog"))
    assert film.show(thing(5, "dog"), thing(5)) == [2, 1]


def test_a_fast_one_is_expected_where_it_is_going() -> None:
    film = Film(fps=5)
    numbers = [film.show(thing(x)) for x in (0, 25, 60, 105, 155, 210, 265, 320)]  # in the end further than its own width
    assert numbers == [[0]] * 2 + [[1]] * 6


def test_what_is_followed_may_become_unsure_but_nothing_unsure_begins() -> None:
    film = Film()
    assert film.show(thing(5, score=0.3)) == []
    for _ in range(3):
        film.show(thing(5))
    assert film.show(thing(5, score=0.25)) == [1] and film.show(thing(200, score=0.3)) == []


def test_another_picture_is_another_scene() -> None:
    film = Film()
    assert film.show(thing(5), scene=True) == [1] and film.came == ["cat"]
    assert film.show(thing(5), thing(90), scene=True) == [2, 3]
    assert (film.came, film.went, film.follower.totals) == (["cat", "cat"], ["cat"], {"cat": 3})


@pytest.mark.parametrize("frames", [200])
def test_it_takes_less_than_half_a_millisecond_a_frame(frames: int) -> None:
    film, random = Film(), np.random.default_rng(1)
    places = random.random((10, 2)) * 600
    film.show(*(thing(x, y=y) for x, y in places))
    taken = []
    for _ in range(frames):
        places += random.normal(size=places.shape)
        items = [thing(x, y=y) for x, y in places]
        start = time.thread_time()
        film.show(*items)
        taken.append(time.thread_time() - start)
    assert np.median(taken) < 0.0005
