"""The speaker: what it says and plays is heard by a microphone (a private PulseAudio); and what it does without one."""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_speaker.speech import Speech, parts, pinyin

from xmaker import NodeError
from xmaker.terminal import Terminal
from xmaker.testing import wait_until

TALKING = """
    inputs:
      microphone: {}
      timer: {every: 0.5 s}
    models:
      loudness: {use: sound_level, from: microphone}
    outputs:
      speaker: {%s}
    rules:
    """


def talking(*rules: str, options: str = "volume: 100") -> str:
    return TALKING % options + "".join(f"  - {rule}\n    " for rule in rules)


def decibels(percent: float) -> float:
    return 0.6 * percent - 60


needs_espeak = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="needs espeak-ng")

# What is said


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Hello", "", [("en", "Hello")]),
        ("Hallo", "de", [("de", "Hallo")]),
        ("你好，开灯", "", [("zh", "你好，开灯")]),
        ("LED 亮了", "", [("en", "LED"), ("zh", " 亮了")]),
        ("看到 3 只猫: Tom cat!", "", [("zh", "看到 3 只猫: "), ("en", "Tom cat")]),
        ("LED 亮了", "zh", [("zh", "LED 亮了")]),
        ("你好", "zh-CN", [("zh", "你好")]),
        ("12 %", "", [("en", "12 %")]),
    ],
)
def test_the_language_of_a_text(text: str, language: str, expected: list[tuple[str, str]]) -> None:
    assert parts(text, language) == expected


def test_chinese_is_turned_into_pinyin_with_tones() -> None:
    assert pinyin("你好，绿色的 3 个") == "ni3 hao3 ， lü4 se4 de5  3  ge4"


@needs_espeak
@pytest.mark.parametrize(
    ("text", "language"), [("Hello", ""), ("你好，开灯", ""), ("Guten Tag", "de"), ("- --help\n$(ls)", "")]
)
def test_espeak_says_it(text: str, language: str) -> None:
    sounds = Speech().say(text, language)
    assert len(sounds) == 1 and sounds[0][:4] == b"RIFF" and len(sounds[0]) > 10000


@needs_espeak
def test_hanzi_are_not_read_as_the_names_of_characters() -> None:
    """Read by the voice `cmn` itself, 你好 is "Chinese letter Chinese letter", which takes longer."""
    from xmaker_audio.waves import Wav

    seconds = [Wav(Speech()._render(voice, text)).seconds for voice, text in (("cmn-latn-pinyin", "ni3 hao3"), ("cmn", "你好"))]
    assert Wav(Speech().say("你好", "")[0]).seconds == pytest.approx(seconds[0])
    assert seconds[0] < seconds[1]


@needs_espeak
def test_an_unknown_language_is_told() -> None:
    with pytest.raises(NodeError, match="voice does not exist") as raised:
        Speech().say("hello", "xx")
    assert raised.value.code == "XM844"


# Without a speaker


@pytest.fixture
def silent(xmaker_run: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project whose knob makes a speaker say its value, where there is no sound library and no program at all."""
    for name in ("pyaudio", "sounddevice"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setenv("PATH", "/nonexistent")
    run = xmaker_run(
        """
        inputs: {knob: {use: analog}}
        outputs: {speaker: {}}
        rules:
          - {when: knob < 10, then: ['speaker.say("{knob:.0f}, 你好")'], mode: restart}
          - {when: knob > 10, then: ['speaker.play("nothing.wav")']}
          - {when: knob > 20, then: [speaker.stop]}
        """.replace(", mode: restart", "")
    )
    run.runtime.terminal = Terminal(io.StringIO())
    return run


def notices(run: Any) -> list[str]:
    return [event.value.code for event in run.events if event.node == "speaker" and hasattr(event.value, "code")]


def test_without_espeak_the_text_is_shown_and_the_fix_said_once(silent: Any) -> None:
    silent.send("knob", 1, 15, 2)
    wait_until(lambda: len(silent.actions) == 3)
    assert silent.runtime.terminal._out.getvalue() == "speaker: 1, 你好\nspeaker: 2, 你好\n"
    assert notices(silent) == ["XM840", "XM836"]
    assert silent.errors == []


@pytest.mark.parametrize("file", ["/etc/hostname", "/etc/nothing", "../../../../../../etc/hostname"])
def test_of_files_elsewhere_nobody_learns_whether_they_are_there(silent: Any, file: str) -> None:
    silent.runtime.do(f"speaker.play({file!r})")
    wait_until(lambda: notices(silent) == ["XM997"])


@needs_espeak
def test_without_a_speaker_the_text_is_shown_and_the_fix_said_once(silent: Any, monkeypatch: Any, tmp_path: Path) -> None:
    (tmp_path / "espeak-ng").symlink_to(str(shutil.which("espeak-ng", path=os.defpath)))
    monkeypatch.setenv("PATH", str(tmp_path))
    silent.send("knob", 1, 15, 2)
    wait_until(lambda: silent.runtime.terminal._out.getvalue() == "speaker: 1, 你好\nspeaker: 2, 你好\n")
    wait_until(lambda: len(notices(silent)) == 2)
    assert sorted(notices(silent)) == ["XM836", "XM841"]
    assert silent.errors == []


@needs_espeak
def test_without_pypinyin_chinese_is_read_all_the_same_and_the_fix_said(silent: Any, monkeypatch: Any, tmp_path: Path) -> None:
    (tmp_path / "espeak-ng").symlink_to(str(shutil.which("espeak-ng", path=os.defpath)))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pypinyin", None)
    silent.send("knob", 1)
    wait_until(lambda: set(notices(silent)) == {"XM843", "XM841"})


# Heard


@pytest.mark.slow
@pytest.mark.parametrize("library", ["pyaudio", "sounddevice", "no library: paplay"])
@pytest.mark.parametrize("text", ["turn on the light", "你好，开灯"])
def test_what_is_said_is_heard(library: str, text: str, sound_system: Any, start_project: Any) -> None:
    say = f"{{when: timer == 2, then: ['speaker.say(\"{text}\")']}}"
    if "paplay" in library:  # the microphone needs a library: it listens in a process of its own
        program, library = "speaker", "none"
        project = "inputs:\n  timer: {every: 0.5 s}\noutputs:\n  speaker: {}\nrules:\n  - " + say
        heard = listen(sound_system, lambda: start_project(project, 8, sound_system.env, library).wait())
        assert program and sum(heard > 0.01) >= 5, heard.round(3)
        return
    running = start_project(talking(say), 8, sound_system.env, library).wait()
    levels = running.find("loudness", "value")
    assert levels[0] == 0.0
    assert sum(percent > 50 for percent in levels) >= 5
    assert running.stderr == ""


def listen(sound_system: Any, act: Any) -> Any:
    """Return how loud each tenth of a second was while something was done."""
    import subprocess

    command = ["parec", "--raw", "--format=s16le", "--channels=1", "--rate=16000", "-d", "null.monitor"]
    with tempfile.TemporaryFile() as heard:  # a pipe would hold two seconds, and then stop the recorder
        recorder = subprocess.Popen(command, env=sound_system.env, stdout=heard)
        act()
        recorder.terminate()
        recorder.wait()
        heard.seek(0)
        samples = np.frombuffer(heard.read(), np.int16)
    return np.sqrt(np.mean(np.square(samples[: len(samples) // 1600 * 1600].reshape(-1, 1600) / 32768.0), axis=1))


@pytest.mark.slow
@pytest.mark.parametrize(("volume", "expected"), [(100, -15.05), (50, -21.07)])
@pytest.mark.parametrize("rate", [16000, 44100])
def test_a_file_is_played_as_loud_as_it_is(
    volume: int, expected: float, rate: int, sound_system: Any, start_project: Any, tmp_path: Path
) -> None:
    import wave

    sine = 0.25 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    with wave.open(str(tmp_path / "tone.wav"), "wb") as file:
        file.setparams((2, 2, rate, 0, "NONE", ""))
        file.writeframes((np.repeat(sine, 2) * 32767).astype("<i2").tobytes())
    rule = "{when: timer == 2, then: ['speaker.play(\"tone.wav\")']}"
    running = start_project(talking(rule, options=f"volume: {volume}"), 3.5, sound_system.env).wait()
    loud = [decibels(percent) for percent in running.find("loudness", "value") if percent > 50]
    assert 9 <= len(loud) <= 12
    assert np.median(loud) == pytest.approx(expected, abs=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("library", ["pyaudio", "sounddevice"])
def test_stop_is_heard_at_once_and_what_waits_is_forgotten(library: str, sound_system: Any, start_project: Any) -> None:
    long = "one two three four five six seven eight nine ten " * 6
    say = f"{{when: timer == 1, then: ['speaker.say(\"{long}\")', 'speaker.say(\"{long}\")']}}"
    running = start_project(talking(say, "{when: timer == 9, then: [speaker.stop]}"), 9, sound_system.env, library).wait()
    (stopped,) = [line["time"] for line in running.lines if line.get("action") == "stop"]
    loud = [line["time"] for line in running.lines if line["node"] == "loudness" and line.get("value", 0) > 40]
    assert len(loud) > 10
    assert max(loud) < stopped + 0.6


@pytest.mark.slow
@pytest.mark.parametrize("library", ["pyaudio", "sounddevice", "none"])
def test_the_end_of_a_run_ends_speech_and_leaves_no_child(library: str, sound_system: Any, start_project: Any) -> None:
    long = "one two three four five six seven eight nine ten " * 6
    project = f"""
        inputs: {{timer: {{every: 0.2 s}}}}
        outputs: {{speaker: {{}}}}
        rules: [{{when: timer == 1, then: ['speaker.say("{long}")']}}]
        """
    begin = time.monotonic()
    running = start_project(project, 1.5, sound_system.env, library).wait()
    assert time.monotonic() - begin < 12  # the text alone takes more than 15 s
    assert (running.process.returncode, running.stderr) == (0, "")
    assert not paplay_of(running.process.pid)


def paplay_of(pid: int) -> list[str]:
    """Return the players that a process left behind (their group's leader is themselves, their father is init)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if words.startswith((b"/usr/bin/paplay\0--raw", b"/usr/bin/espeak-ng\0-v")):
            found.append(words.decode())
    return found


@pytest.mark.slow
def test_a_sound_system_that_hangs_does_not_hold_the_run(frail_sound_system: Any, start_project: Any) -> None:
    project = """
        inputs: {timer: {every: 0.5 s}}
        outputs: {speaker: {}, lamp: led}
        rules:
          - {when: timer == 1, then: ['speaker.say("hello")', lamp.on]}
        """
    frail_sound_system.freeze()
    begin = time.monotonic()
    running = start_project(project, 2, frail_sound_system.env).wait()
    assert time.monotonic() - begin < 15
    assert running.process.returncode == 0
    assert running.find("lamp", "action") == ["on"]
