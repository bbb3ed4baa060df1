"""Words are heard through a real microphone: a private PulseAudio, whose speaker plays them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_keywords.takes import read_wav

from xmaker.testing import wait_until

from .conftest import write_wav

pytestmark = pytest.mark.slow

DIALECT = Path(__file__).resolve().parents[3] / "projects" / "dialect"
LISTENING = """
    inputs:
      microphone: {timeout: 5 s}
    models:
      word: {use: keywords, model: %s, from: microphone}
    """
MEDIA = os.environ.get("XMAKER_TEST_MEDIA", "")


def test_the_words_of_the_dialect_are_heard(sound_system: Any, start_project: Any) -> None:
    running = start_project(LISTENING % (DIALECT / "words.json"), 16, sound_system.env)
    wait_until(lambda: running.find("microphone", "notice"), 20)
    sound_system.play(DIALECT / "media/said.wav")
    wait_until(lambda: len(running.find("word", "label")) == 5, 10)
    assert running.find("word", "label") == ["你好", "多谢", "早晨", "再见", "other"]


@pytest.mark.skipif(not MEDIA, reason="needs recordings of real speakers: XMAKER_TEST_MEDIA")
def test_digits_of_real_speakers_are_heard(sound_system: Any, start_project: Any, tmp_path: Path) -> None:
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    paths = [Path(MEDIA) / f"speech/fsdd/{digit}_{speaker}_3.wav" for speaker in ("george", "jackson") for digit in range(10)]
    quiet = np.zeros(int(0.8 * 16000))
    whole = np.concatenate([quiet, *(part for path in paths for part in (0.7 * read_wav(path), quiet))])
    running = start_project(LISTENING % "digits", 50, sound_system.env)
    wait_until(lambda: running.find("microphone", "notice"), 20)
    sound_system.play(write_wav(tmp_path / "digits.wav", whole))
    wait_until(lambda: len(running.find("word", "label")) == len(paths), 10)
    heard = running.find("word", "label")
    right = [said == label for said, label in zip(names * 2, heard, strict=True)]
    print(sum(right), "of", len(right), heard)
    assert sum(right) >= 18
