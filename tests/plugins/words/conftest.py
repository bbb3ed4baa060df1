"""What tests of words share: sounds that are computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

RATE = 16000


def noise(seconds: float, loudness: float, seed: int = 0) -> Any:
    """Return white noise: (n,) float32, `loudness` its root mean square."""
    return np.random.default_rng(seed).normal(0, loudness, round(seconds * RATE)).astype(np.float32)


def word(seconds: float, loudness: float = 0.1) -> Any:
    """Return something as loud and as long as a word: two syllables of a buzz, in nearly one piece."""
    time = np.arange(round(seconds * RATE)) / RATE
    buzz = np.sign(np.sin(2 * np.pi * 140 * time)) * (0.2 + np.abs(np.sin(2 * np.pi * time / seconds)))
    return (loudness * buzz).astype(np.float32)


@pytest.fixture
def dialect() -> Path:
    """Give the project whose takes and words the tests learn and hear."""
    return Path(__file__).resolve().parents[3] / "projects" / "dialect"
