"""The spectrogram is librosa's to the pixel; golden.npz was made with the real librosa and matplotlib."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xmaker_keywords.logmel import log_mel, picture
from xmaker_keywords.viridis import viridis

from .make_golden import sounds

SOUNDS = sounds()


@pytest.fixture(scope="module")
def golden() -> Any:
    with np.load(Path(__file__).with_name("golden.npz")) as stored:
        return dict(stored)


@pytest.mark.parametrize("name", SOUNDS)
def test_every_pixel_is_librosas(name: str, golden: Any) -> None:
    pixels = ((log_mel(SOUNDS[name]) + 80) / 80 * 255).astype(np.uint8)
    assert pixels.shape == golden[name].shape
    assert np.count_nonzero(pixels != golden[name]) == 0
    assert np.array_equal(picture(SOUNDS[name]), golden["viridis"][golden[name]])


def test_the_colours_are_matplotlibs(golden: Any) -> None:
    assert np.array_equal(viridis(), golden["viridis"])


@settings(max_examples=30)
@given(st.integers(1, 3000), st.floats(1e-6, 1.0))
def test_how_loud_it_is_does_not_matter_and_any_length_will_do(length: int, loudness: float) -> None:
    sound = np.random.default_rng(length).uniform(-1, 1, length).astype(np.float32)
    quiet, loud = log_mel(sound * np.float32(loudness)), log_mel(sound)
    assert loud.shape == (128, 1 + length // 512)
    assert loud.min() >= -80 and loud.max() == 0
    if loudness > 0.01:  # quieter ones reach the smallest power that counts
        assert np.abs(quiet - loud).max() < 0.01


def test_it_needs_no_librosa_and_no_matplotlib() -> None:
    program = (
        "import sys, numpy; from xmaker_keywords.logmel import picture; picture(numpy.ones(16000, 'float32'));"
        "print({'librosa', 'scipy', 'matplotlib', 'cv2', 'onnxruntime'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"
