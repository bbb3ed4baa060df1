"""Words are cut out of a stream, whatever pieces it comes in; silence, noise, clicks and music are none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xmaker_keywords.listening import FRAME, Listener, loudest_word

from .conftest import RATE, noise, word

QUIET = noise(1.0, 0.001)
ONE = np.concatenate((QUIET, word(0.5), QUIET))
AROUND = 0.6
"""Seconds that come with a word."""


def lengths(sound: object, wanted: float = 0.0) -> list[float]:
    return [len(heard) / RATE for heard in Listener(wanted).hear(np.asarray(sound, np.float32))]


def test_a_word_is_cut_out_with_a_little_quiet_around_it() -> None:
    (length,) = lengths(ONE)
    assert length == pytest.approx(0.5 + AROUND, abs=0.04)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=40))
def test_the_pieces_in_which_it_comes_do_not_matter(pieces: list[int]) -> None:
    whole, listener = Listener().hear(ONE), Listener()
    heard = [found for part in np.split(ONE, np.cumsum(pieces).clip(max=len(ONE))) for found in listener.hear(part)]
    assert len(whole) == len(heard) == 1
    assert np.array_equal(whole[0], heard[0])


@pytest.mark.parametrize("loudness", [0.0, 0.0001, 0.003, 0.02])
def test_the_room_may_be_noisy(loudness: float) -> None:
    room = noise(6.0, loudness)
    room[2 * RATE : 2 * RATE + 8000] += word(0.5, 0.2)
    room[4 * RATE : 4 * RATE + 4800] += word(0.3, 0.2)
    first, second = lengths(room)
    assert first == pytest.approx(0.5 + AROUND, abs=0.08) and second == pytest.approx(0.3 + AROUND, abs=0.08)


@pytest.mark.parametrize("loudness", [0.0, 0.0003, 0.01, 0.3])
def test_steady_noise_is_no_word(loudness: float) -> None:
    assert lengths(noise(20.0, loudness)) == []


def test_a_click_is_no_word() -> None:
    assert lengths(np.concatenate((QUIET, word(0.03, 0.5), QUIET))) == []


def test_what_goes_on_is_no_word_and_the_next_word_is_heard_above_it() -> None:
    fan = noise(8.0, 0.01)
    sound = np.concatenate((QUIET, fan, noise(1.0, 0.01)))
    sound[6 * RATE : 6 * RATE + 8000] += word(0.5, 0.3)
    (length,) = lengths(sound)
    assert length == pytest.approx(0.5 + AROUND, abs=0.08)


def test_a_recording_of_one_length_begins_with_the_word() -> None:
    (length,) = lengths(np.concatenate((QUIET, word(0.5), QUIET, QUIET)), wanted=1.5)
    assert length == pytest.approx(1.5 + AROUND / 2, abs=0.04)


def test_the_word_under_way_when_the_sound_ends_is_heard() -> None:
    for wanted in (0.0, 2.0):
        listener = Listener(wanted)
        assert listener.hear(np.concatenate((QUIET, word(0.5)))) == []
        (last,) = listener.finish()
        assert len(last) / RATE == pytest.approx(wanted + AROUND / 2 if wanted else 0.5 + AROUND, abs=0.04)
        assert listener.finish() == []


def test_no_sound_at_all_says_nothing() -> None:
    listener = Listener()
    assert listener.hear(np.zeros(0, np.float32)) == []
    assert listener.hear(np.zeros(1, np.float32)) == []


@pytest.mark.parametrize("around", [0, 100, 8000])
def test_a_take_may_begin_and_end_with_its_word(around: int) -> None:
    found = loudest_word(np.pad(word(0.5), around))
    assert found is not None
    assert len(found) / RATE == pytest.approx(0.5 + AROUND, abs=0.06)


def test_of_a_take_with_a_knock_in_it_the_word_is_taken() -> None:
    found = loudest_word(np.concatenate((QUIET, word(0.1, 0.05), QUIET, word(0.5), QUIET)))
    assert found is not None
    assert len(found) / RATE == pytest.approx(0.5 + AROUND, abs=0.06)


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(FRAME - 1), np.zeros(RATE), noise(2.0, 0.0002), noise(2.0, 0.1)])
def test_a_silent_take_has_none(sound: object) -> None:
    assert loudest_word(np.asarray(sound, np.float32)) is None
