"""Phrases: a recording of the gallery, and what is none, through the real PocketSphinx."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_audio.resample import Resampler

from xmaker import Sound
from xmaker.testing import RunProject

SAID = ["good morning", "how are you", "thank you", "clear the screen", "see you tomorrow"]
FIRST = 31000
"""Samples in which the first phrase is said, with a pause after it."""


def end_of_first(recording: Any) -> int:
    """Return where the voice of the first phrase ends, to the sample."""
    return int(np.flatnonzero(np.abs(recording[:FIRST]) > 0.02)[-1])


def test_phrases_are_heard_when_they_are_over(listen: Any) -> None:
    ear = listen(phrases=("hello", *SAID))
    assert ear.finals == SAID and not ear.errors
    assert [event.time for event in ear.texts] == pytest.approx([1.9, 4.1, 6.0, 8.3, 10.6], abs=0.25)
    assert ear.notices == ["XM822"]


def test_phrases_are_given_as_the_project_writes_them(listen: Any) -> None:
    assert listen(phrases=("Good morning!", "ＨＯＷ are you?")).finals == [
        "Good morning!",
        "ＨＯＷ are you?",
    ]


def test_other_words_are_left_alone_unless_it_is_not_strict(listen: Any) -> None:
    phrases = ("turn on the light", "open the door")
    assert listen(phrases=phrases).finals == []
    assert len(listen(phrases=phrases, strict=False).finals) >= 2


def test_the_last_word_counts_though_the_file_ends_with_it(listen: Any, tmp_path: Path, recording: Any, save_wav: Any) -> None:
    save_wav(tmp_path / "cut.wav", recording[: end_of_first(recording)])
    assert listen("cut.wav", phrases=tuple(SAID)).finals == ["good morning"]


def test_a_stereo_file_of_44_1_khz_with_holes_in_it_is_understood(listen: Any, tmp_path: Path, recording: Any) -> None:
    resampler = Resampler(16000, 44100)
    sound = np.concatenate((resampler.run(recording), resampler.finish())).astype("<f4")
    stereo = np.stack((sound, sound), axis=1)
    stereo[::1000] = np.nan
    form = struct.pack("<HHIIHH", 3, 2, 44100, 44100 * 8, 8, 32)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", stereo.nbytes) + stereo.tobytes()
    (tmp_path / "stereo.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert listen("stereo.wav", phrases=tuple(SAID)).finals == SAID


@pytest.mark.parametrize(
    "sound",
    [np.zeros(16000), np.random.default_rng(1).normal(0, 0.02, 48000), np.ones(16000), 0.5 * np.sin(np.arange(32000) / 6)],
    ids=["silence", "noise", "a broken microphone", "a tone"],
)
def test_what_is_no_speech_says_nothing(listen: Any, sound: Any, tmp_path: Path, save_wav: Any) -> None:
    save_wav(tmp_path / "a.wav", sound)
    ear = listen("a.wav", phrases=tuple(SAID))
    assert ear.finals == [] and not ear.errors


LAMP = """
    inputs:
      microphone: {}
    models:
      speech: {from: microphone, phrases: [good morning, how are you]}
    outputs:
      lamp: led
    rules:
      - when: speech == "good morning"
        then: [lamp.toggle]
    """


def chunks(recording: Any, length: int = 1600) -> list[Sound]:
    samples = (recording * 32767).astype(np.int16)
    return [Sound(samples[start : start + length]) for start in range(0, len(samples), length)]


def test_a_rule_fires_once_for_each_time_that_it_is_said(xmaker_run: RunProject, recording: Any) -> None:
    run = xmaker_run(LAMP)
    for _ in range(2):
        run.send("microphone", *chunks(recording[:FIRST]))
        run.advance(0.5)
    assert run.actions == ["lamp.toggle", "lamp.toggle"]


def test_a_phrase_that_a_pause_of_the_microphone_cut_off_is_forgotten(xmaker_run: RunProject, recording: Any) -> None:
    """Without a pause after it, it would come out when there is sound again, a minute later."""
    run = xmaker_run(LAMP)
    run.send("microphone", *chunks(recording[: end_of_first(recording)]))
    run.advance(60)
    run.send("microphone", *chunks(np.zeros(16000)))
    assert run.actions == []


def test_a_computer_that_cannot_keep_up_is_told_of_once(xmaker_run: RunProject) -> None:
    run = xmaker_run(LAMP)
    run.advance(100)
    for _ in range(80):
        run.runtime.workers["microphone"].emit(Sound(np.zeros(1600, np.int16)), run.clock.now() - 2)
        run.settle()
        run.advance(0.1)
    assert [event.value.code for event in run.events if event.node == "speech"] == ["XM822", "XM820"]


def test_sound_of_another_shape_is_an_error_not_nonsense(xmaker_run: RunProject) -> None:
    run = xmaker_run(LAMP)
    run.send("microphone", Sound(np.zeros((1600, 2), np.int16)), Sound(np.full(1600, np.nan)))
    assert [error.code for error in run.errors] == ["XM821", "XM821"]


@pytest.mark.skipif(not os.environ.get("XMAKER_TEST_MEDIA"), reason="needs XMAKER_TEST_MEDIA: real recordings")
def test_mandarin_commands_of_real_speakers(listen: Any) -> None:
    """A dozen recordings, six commands: at least ten are right, and of 100 English digits at most two are taken for one."""
    words = {"kaideng": "开灯", "guandeng": "关灯", "kaikongtiao": "开空调", "guankongtiao": "关空调"}
    words |= {"kaidianshi": "开电视", "guandianshi": "关电视", "guangdeng": "关灯"}
    media = Path(os.environ["XMAKER_TEST_MEDIA"]) / "speech"
    phrases = tuple(dict.fromkeys(words.values()))
    unique = {path.read_bytes(): path for path in sorted((media / "hj_zh").glob("*.wav"))}.values()
    right = [listen(path, phrases=phrases).finals == [words[path.stem.split("_")[0]]] for path in unique]
    assert len(right) == 12 and sum(right) >= 10
    others = sorted((media / "fsdd").glob("*.wav"))[::8]
    assert sum(bool(listen(path, phrases=phrases).finals) for path in others) <= 2
