"""What tests of words share: sounds that are computed, and the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from xmaker.cli.app import execute

RATE = 16000


def noise(seconds: float, loudness: float, seed: int = 0) -> Any:
    """Return white noise: (n,) float32, `loudness` its root mean square."""
    return np.random.default_rng(seed).normal(0, loudness, round(seconds * RATE)).astype(np.float32)


def word(seconds: float, loudness: float = 0.1) -> Any:
    """Return something as loud and as long as a word: two syllables of a buzz, in nearly one piece."""
    time = np.arange(round(seconds * RATE)) / RATE
    buzz = np.sign(np.sin(2 * np.pi * 140 * time)) * (0.2 + np.abs(np.sin(2 * np.pi * time / seconds)))
    return (loudness * buzz).astype(np.float32)


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def xmaker(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Ran]]:
    """Give a function that runs one command line, in English."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*arguments: object) -> Ran:
        code = execute([str(argument) for argument in arguments])
        sys.stdout.flush()
        return Ran(code, *capfd.readouterr())

    yield run


@pytest.fixture
def dialect() -> Path:
    """Give the project whose takes and words the tests learn and hear."""
    return Path(__file__).resolve().parents[3] / "projects" / "dialect"
