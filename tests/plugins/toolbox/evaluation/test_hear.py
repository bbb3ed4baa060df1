"""Taught words on recordings: those of the project dialect, whose head learnt from the same takes."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from xmaker_toolbox.evaluation.report import page

from xmaker import ProjectError
from xmaker.toolbox import evaluate

DIALECT = Path(__file__).resolve().parents[4] / "projects/dialect"
WORDS = DIALECT / "words.json"


def noise(path: Path, loudness: float) -> Path:
    """Write a second of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes((np.random.default_rng(1).normal(0, loudness, 16000) * 32767).astype("<i2").tobytes())
    return path


def test_words_are_understood_as_in_a_project() -> None:
    found = evaluate(WORDS, DIALECT / "media/takes")
    assert (found.task, found.pictures) == ("keywords", 20)
    assert found.figures == {"top-1": 1.0}
    assert sorted(one.label for one in found.classes) == ["你好", "再见", "多谢", "早晨"]
    assert found.megabytes == WORDS.stat().st_size / 1e6


def test_what_is_not_heard_is_wrong_and_what_is_no_sound_is_named(tmp_path: Path) -> None:
    shutil.copytree(DIALECT / "media/takes/你好", tmp_path / "takes/你好")
    noise(tmp_path / "takes/早晨/quiet.wav", 0.0001)
    (tmp_path / "takes/早晨/text.wav").write_text("no sound")
    (tmp_path / "takes/早晨/empty.wav").touch()
    found = evaluate(WORDS, tmp_path / "takes")
    assert [path.name for path in found.skipped] == ["empty.wav", "text.wav"]
    assert [(one.path.name, one.true, one.said) for one in found.mistakes] == [("quiet.wav", "早晨", "–")]
    assert found.figures["top-1"] == 5 / 6
    assert 'src="data:audio/wav;base64,' in page([found])


@pytest.mark.parametrize(("folder", "code"), [("晚安", "XM431"), ("早晨", "XM434"), (".", "XM430")])
def test_what_cannot_be_counted_is_said(tmp_path: Path, folder: str, code: str) -> None:
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / "1.wav").write_text("no sound")
    with pytest.raises(ProjectError) as caught:
        evaluate(WORDS, tmp_path)
    assert caught.value.code == code
