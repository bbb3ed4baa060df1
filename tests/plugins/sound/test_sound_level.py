"""How loud: the formula that pupils are told, and smoothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xmaker_sound_level import SoundLevel

from xmaker import Sound


def level(samples: object, rate: int = 16000, smooth: float = 0.0) -> float:
    reading = SoundLevel(smooth).run(Sound(np.asarray(samples, np.int16), rate))
    assert reading is not None
    return float(reading.values["value"])


@pytest.mark.parametrize(
    ("amplitude", "expected"),
    [(0, 0), (1, 0), (33, 0.1), (327.67, 33.3), (3276.7, 66.7), (16384, 90.0), (32768, 100), (-32768, 100)],
)
def test_a_steady_value_has_the_level_of_the_formula(amplitude: float, expected: float) -> None:
    """0 dB of full scale is 100 %, -60 dB is 0 %."""
    samples = np.clip(np.full(1600, amplitude), -32768, 32767)
    assert level(samples) == pytest.approx(expected, abs=0.25)


@given(st.floats(0.01, 0.5))
def test_twice_the_amplitude_is_ten_per_cent_more(amplitude: float) -> None:
    sine = 32767 * amplitude * np.sin(2 * np.pi * 440 * np.arange(1600) / 16000)
    assert level(2 * sine) - level(sine) == pytest.approx(10.03, abs=0.2)


@given(st.lists(st.integers(-32768, 32767), min_size=1))
def test_whatever_comes_is_between_0_and_100(samples: list[int]) -> None:
    assert 0 <= level(samples) <= 100


def test_no_sound_at_all_says_nothing() -> None:
    assert SoundLevel().run(Sound(np.zeros(0, np.int16))) is None


def test_smooth_lets_a_clap_fade_and_a_steady_sound_be_as_loud_as_it_is() -> None:
    loudness = SoundLevel(smooth=0.5)
    loud, silent = Sound(np.full(1600, 16384, np.int16)), Sound(np.zeros(1600, np.int16))

    def values(sound: Sound, count: int) -> list[float]:
        readings = [loudness.run(sound) for _ in range(count)]
        return [float(reading.values["value"]) for reading in readings if reading]

    rising = values(loud, 50)
    assert rising == sorted(rising)
    assert rising[0] < 82 and rising[-1] == pytest.approx(90, abs=0.2)
    fading = values(silent, 50)
    assert fading == sorted(fading, reverse=True)
    assert fading[4] == pytest.approx(90 - 10 / 6 * 4.34, abs=0.3)  # one `smooth` later: a part of 1/e, 4.34 dB less
    assert fading[-1] > 0 and fading[0] > 80
