"""What microphone and speaker share: rates, hidden noise, and calls that hang."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xmaker_audio.patience import within
from xmaker_audio.resample import Resampler, to_int16

from xmaker.testing import wait_until

RATES = (8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000)


def tone(pitch: float, rate: int, seconds: float = 0.5) -> np.ndarray:
    return np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)


def resampled(samples: np.ndarray, source: int, target: int) -> np.ndarray:
    resampler = Resampler(source, target)
    return np.concatenate((resampler.run(samples), resampler.finish()))


def level(samples: np.ndarray) -> float:
    """Return the level in dB of a sine of full scale, the ends left out."""
    return float(20 * np.log10(np.sqrt(2 * np.mean(samples[300:-300] ** 2)) + 1e-9))


@pytest.mark.parametrize("source", RATES)
@pytest.mark.parametrize("pitch", [100, 1000, 3000])
def test_what_fits_into_both_rates_is_unchanged(source: int, pitch: float) -> None:
    made = resampled(tone(pitch, source), source, 16000)
    assert np.abs(made - tone(pitch, 16000)[: len(made)])[300:-300].max() < 0.001


@pytest.mark.parametrize("source", [rate for rate in RATES if rate > 16000])
def test_what_is_too_high_is_gone_and_does_not_fold_back(source: int) -> None:
    pitch = min(10000, source / 2 - 500)
    assert level(resampled(tone(pitch, source), source, 16000)) < -70


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(RATES), st.sampled_from(RATES), st.lists(st.integers(0, 3000), max_size=20), st.randoms())
def test_chunks_have_no_seams_and_no_sample_is_lost(source: int, target: int, sizes: list[int], random: object) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, sum(sizes))
    resampler = Resampler(source, target)
    parts = [resampler.run(part) for part in np.split(samples, np.cumsum(sizes))] + [resampler.finish()]
    made = np.concatenate(parts)
    np.testing.assert_allclose(made, resampled(samples, source, target), atol=1e-5)
    assert len(made) == -(-len(samples) * target // source)


def test_full_scale_is_cut_not_wrapped() -> None:
    assert to_int16(np.array([0, 0.5, 1, 1.5, -1, -1.5])).tolist() == [0, 16384, 32767, 32767, -32768, -32768]


# Calls that may hang


def test_a_call_gives_its_result_or_its_error() -> None:
    assert within(5, lambda: 3, print) == 3
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0, print)


def test_a_call_that_hangs_is_given_up_and_undone_when_it_returns() -> None:
    go_on, undone = threading.Event(), []
    begin = time.monotonic()
    with pytest.raises(TimeoutError):
        within(0.1, lambda: go_on.wait(10) and "late", undone.append)
    with pytest.raises(TimeoutError):  # none is sent after it: two in the sound library at once would be worse
        within(0.1, lambda: 1, undone.append)
    assert time.monotonic() - begin < 1
    go_on.set()
    wait_until(lambda: undone == ["late"])
    assert within(5, lambda: 3, undone.append) == 3


# What is printed


def stderr_of(program: str, **env: str) -> str:
    program = "import ctypes, os, sys\nfrom xmaker_audio.quiet import hush\n" + program
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True, env={"PATH": "", **env}).stderr


NOISY = """
hush()
ctypes.CDLL(None).perror(b"ALSA lib pcm.c")
print("ours", file=sys.stderr)
os.write(2, b"a plugin's")
"""


def test_what_libraries_in_c_print_is_hidden_and_nothing_else() -> None:
    assert stderr_of(NOISY) == "ours\na plugin's"


def test_xmaker_verbose_hides_nothing() -> None:
    assert stderr_of(NOISY, XMAKER_VERBOSE="1").startswith("ALSA lib pcm.c: ")


def test_without_stderr_nothing_breaks() -> None:
    assert stderr_of("os.close(2)\nhush()\nctypes.CDLL(None).perror(b'ALSA lib')") == ""


def test_hiding_twice_opens_nothing_twice() -> None:
    assert stderr_of("hush()\nbefore = os.listdir('/proc/self/fd')\nhush()\nassert os.listdir('/proc/self/fd') == before") == ""
