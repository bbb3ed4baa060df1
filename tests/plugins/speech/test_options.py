"""What a speech node refuses before or when it begins, and how phrases are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from xmaker_speech import Speech
from xmaker_speech.mandarin import phones, syllable
from xmaker_speech.phrases import language_of, parts, plain

from xmaker import Plugins, Project, ProjectError, XMakerError


def test_a_phrase_that_is_not_listed_is_a_warning() -> None:
    project = Project("test", plugins=Plugins.load()).add(Speech(phrases=("turn on", "turn off")), name="speech")
    project.rule(when='speech == "turn of"', then=["speech.pause"])
    assert [(problem.code, problem.details["near"]) for problem in project.warnings] == [("XM413", "turn off")]


WRONG = {
    "no word": ({"phrases": ("turn on", "…")}, "XM817"),
    "no phrases": ({"model": "pocketsphinx"}, "XM816"),
    "French": ({"model": "pocketsphinx", "phrases": ("allume",), "language": "fr"}, "XM818"),
    "no model": ({}, "XM810"),
    "no Chinese model": ({"language": "zh"}, "XM810"),
    "no model for phrases": ({"phrases": ("켜",), "language": "fr"}, "XM810"),
    "Klingon": ({"language": "tlh"}, "XM811"),
    "no language at all": ({"language": "../.."}, "XM811"),
    "absent": ({"model": "vosk-small-cn"}, "XM812"),
    "misspelt": ({"model": "vosk-small-zh"}, "XM819"),
    "no folder": ({"model": "models/vosk"}, "XM819"),
    "another folder": ({"model": "."}, "XM813"),
}


@pytest.mark.parametrize(("options", "code"), WRONG.values(), ids=WRONG)
def test_what_cannot_work_is_said_before_the_run(listen: Any, options: dict[str, Any], code: str) -> None:
    with pytest.raises(ProjectError) as raised:
        listen(**options)
    assert raised.value.code == code
    if code in ("XM810", "XM812"):
        assert "xmaker model get vosk-small-" in raised.value.hint


@pytest.mark.parametrize("phrase", ["turn on the xyzzy", "LED 3", "打开 xyzzy", "𠀀"])
def test_words_that_nobody_can_say_are_named(listen: Any, phrase: str) -> None:
    with pytest.raises(XMakerError) as raised:
        listen(phrases=("turn on", phrase))
    assert (raised.value.code, parts(phrase)[-1] in str(raised.value)) == ("XM815", True)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Turn on, PLEASE!", "turn on please"),
        ("  don’t   stop ", "don't stop"),
        ("打开，灯！", "打开 灯"),
        ("ＬＥＤ 亮", "led 亮"),
        ("…", ""),
    ],
)
def test_phrases_as_they_are_spoken(text: str, spoken: str) -> None:
    assert plain(text) == spoken


def test_chinese_characters_stay_together() -> None:
    assert parts("请打开LED灯") == ["请打开", "led", "灯"]
    assert (language_of(["turn on", "开灯"]), language_of(["turn on"])) == ("zh", "en")


@pytest.mark.parametrize(
    ("pinyin", "sounds"),
    [
        ("kai", "K AY"),
        ("deng", "D AH NG"),
        ("zhi", "JH ER"),
        ("ci", "T S AH"),
        ("xue", "SH Y UW EH"),
        ("yu", "Y IY UW"),
        ("lü", "L IY UW"),
        ("ai", "AY"),
        ("wang", "W AA NG"),
    ],
)
def test_a_syllable_in_the_phones_of_english(pinyin: str, sounds: str) -> None:
    assert syllable(pinyin) == sounds


def test_every_common_character_can_be_said() -> None:
    """GB 2312's 3,755 characters of the first level, in the order of their pinyin."""
    pairs = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    common = [pair.decode("gb2312") for pair in pairs if pair < b"\xd7\xfa"]
    assert len(common) == 3755
    assert all(phones(character) for character in common)


def test_check_names_the_words_at_their_place(tmp_path: Path) -> None:
    """Before any sound is heard, and without the second that loading the dictionary takes."""
    pytest.importorskip("pocketsphinx")
    text = "inputs: {microphone: }\nmodels:\n  speech: {from: microphone, model: pocketsphinx, phrases: [go, blargh fnord, 开灯]}\n"  # noqa: E501
    (tmp_path / "project.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="blargh, fnord") as raised:
        Project.load(tmp_path).check()
    (problem,) = raised.value.problems
    assert problem.mark and (problem.code, problem.mark.line) == ("XM815", 3)
