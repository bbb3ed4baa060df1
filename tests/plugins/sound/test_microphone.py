"""The microphone: real ones (a private PulseAudio), WAV files, and none at all. Nothing is mocked."""

from __future__ import annotations

import subprocess
import sys
import time
from ctypes.util import find_library
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_microphone import Microphone
from xmaker_microphone.sources import _into, to_mono

from xmaker import Plugins, Project, Runtime
from xmaker.testing import wait_until

LISTENING = """
    inputs:
      microphone: {%s}
    models:
      loudness: {use: sound_level, from: microphone}
    """


def listening(options: str = "timeout: 5 s") -> str:
    return LISTENING % options


def decibels(percent: float) -> float:
    return 0.6 * percent - 60


def test_channels_are_averaged_not_added() -> None:
    loud = np.array([[32767, 32767], [-32768, -32768], [1000, 0]], np.int16)
    assert (to_mono(loud.tobytes(), 2) * 32768).tolist() == [32767, -32768, 500]


def test_a_slow_reader_loses_the_oldest_sound() -> None:
    import queue

    waiting: queue.Queue[bytes] = queue.Queue(2)
    for data in (b"1", b"2", b"3"):
        _into(waiting)(data)
    assert [waiting.get(), waiting.get()] == [b"2", b"3"]


def test_without_a_sound_library_the_command_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyaudio", "sounddevice"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Exception, match="sounddevice is missing") as raised:
        project = Project("test", folder=tmp_path, plugins=Plugins()).add(Microphone(), name="microphone")
        Runtime(project.plugins).run(project, 1)
    assert 'pip install "xmaker[audio]"' in str(getattr(raised.value, "hint", ""))


@pytest.mark.slow
@pytest.mark.parametrize("library", ["pyaudio", "sounddevice"])
def test_levels_are_right_and_nothing_is_on_stderr(
    library: str, sound_system: Any, start_project: Any, write_tone: Any, tmp_path: Path
) -> None:
    running = start_project(listening(), 4.5, sound_system.env, library)
    wait_until(lambda: len(running.find("loudness", "value")) > 5, 15)
    before = running.find("loudness", "value")
    sound_system.play(write_tone("tone.wav", 0.25, 1.0))
    running.wait()
    after = running.find("loudness", "value")[len(before) :]
    assert before == [0.0] * len(before)
    loud = [decibels(percent) for percent in after if percent > 60]
    assert 8 <= len(loud) <= 12
    # a sine of a quarter of full scale, and the mean of squares: 20 log10(0.25) - 3.01
    assert np.median(loud) == pytest.approx(-15.05, abs=0.5)
    assert after[-1] == 0.0
    assert running.find("microphone", "notice") == ["The microphone “default” is on. Nothing is recorded."]
    assert (running.stderr, running.process.returncode) == ("", 0)


@pytest.mark.slow
@pytest.mark.parametrize("library", ["pyaudio", "sounddevice"])
def test_speech_is_heard(library: str, sound_system: Any, start_project: Any, tmp_path: Path) -> None:
    subprocess.run(["espeak-ng", "-w", str(tmp_path / "say.wav"), "turn on the light"], check=True)
    running = start_project(listening(), 4.5, sound_system.env, library)
    wait_until(lambda: len(running.find("loudness", "value")) > 5, 15)
    quiet = len(running.find("loudness", "value"))
    sound_system.play(tmp_path / "say.wav")
    levels = running.wait().find("loudness", "value")
    assert max(levels[:quiet]) == 0.0
    assert sum(percent > 50 for percent in levels[quiet:]) >= 6


@pytest.mark.slow
def test_a_louder_left_ear_counts_half(sound_system: Any, start_project: Any, save_wav: Any, tmp_path: Path) -> None:
    sine = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    save_wav(tmp_path / "left.wav", np.stack((sine, 0 * sine), axis=1))
    running = start_project(listening("device: pulse"), 4.5, sound_system.env)
    wait_until(lambda: len(running.find("loudness", "value")) > 5, 15)
    sound_system.play(tmp_path / "left.wav")
    loud = [decibels(percent) for percent in running.wait().find("loudness", "value") if percent > 60]
    assert np.median(loud) == pytest.approx(-15.05, abs=0.5)


REFUSING = """
import sys, time, json
import numpy as np
from xmaker_audio.library import SoundDeviceLibrary
import xmaker_microphone.sources as sources

class Fixed(SoundDeviceLibrary):  # the real library, on a microphone that knows one rate and one channel
    def listen(self, device, rate, channels, frames, give):
        if (rate, channels) != (44100, 1):
            raise OSError("Invalid sample rate")
        return super().listen(device, rate, channels, frames, give)

sources.find_library = Fixed
microphone = sources.Microphone(None, 16000, 0.1, 5.0)
microphone.open()
print("ready", flush=True)
chunks = []
end = time.monotonic() + 2.5
while time.monotonic() < end:
    if (chunk := microphone.read()) is not None:
        chunks.append(chunk)
microphone.close()
sound = np.concatenate(chunks) / 32768
loud = sound[np.abs(sound).max() * 0.5 < np.abs(sound)]
spectrum = np.abs(np.fft.rfft(sound))
print(json.dumps({
    "lengths": sorted({len(chunk) for chunk in chunks}),
    "peak": float(np.percentile(np.abs(loud), 99)),
    "pitch": float(spectrum.argmax() * 16000 / len(sound)),
}))
"""


@pytest.mark.slow
def test_a_microphone_with_another_rate_is_brought_to_16_khz(sound_system: Any, write_tone: Any) -> None:
    import json

    child = subprocess.Popen([sys.executable, "-c", REFUSING], env=sound_system.env, stdout=subprocess.PIPE, encoding="utf-8")
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    sound_system.play(write_tone("tone.wav", 0.25, 1.0))
    heard = json.loads(child.communicate(timeout=20)[0])
    assert heard["lengths"] == [1600]
    assert heard["pitch"] == pytest.approx(440, abs=2)
    assert heard["peak"] == pytest.approx(0.25, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("library", ["pyaudio", "sounddevice"])
def test_a_sound_system_that_hangs_is_said_in_time_and_comes_back(
    library: str, frail_sound_system: Any, start_project: Any
) -> None:
    running = start_project(listening("timeout: 1 s"), 12, frail_sound_system.env, library)
    wait_until(lambda: len(running.find("loudness", "value")) > 5, 15)
    frail_sound_system.freeze()
    frozen = time.monotonic()
    wait_until(lambda: "XM833" in running.stderr, 5)
    assert time.monotonic() - frozen < 2.5
    wait_until(lambda: "XM831" in running.stderr, 5)
    heard = len(running.find("loudness", "value"))
    frail_sound_system.thaw()
    wait_until(lambda: len(running.find("loudness", "value")) > heard + 5, 10)
    assert running.find("microphone", "notice")[-1] == "microphone is back."


@pytest.mark.slow
@pytest.mark.parametrize("library", ["pyaudio", "sounddevice"])
def test_a_sound_system_that_hangs_from_the_start_does_not_hang_the_run(
    library: str, frail_sound_system: Any, start_project: Any
) -> None:
    frail_sound_system.freeze()
    running = start_project(listening("timeout: 1 s"), 3, frail_sound_system.env, library).wait(15)
    assert "XM831" in running.stderr
    assert running.process.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("library", ["pyaudio", "sounddevice"])
def test_a_microphone_that_is_gone_is_noticed_at_once(library: str, frail_sound_system: Any, start_project: Any) -> None:
    running = start_project(listening("timeout: 30 s"), 8, frail_sound_system.env, library)
    wait_until(lambda: len(running.find("loudness", "value")) > 5, 15)
    frail_sound_system.daemon.kill()
    wait_until(lambda: "XM833" in running.stderr, 3)
    running.wait()
    assert running.stderr.count("error") == 1, "that it cannot be opened either is no news"


@pytest.mark.slow
def test_an_unknown_microphone_is_told_with_those_that_are_there(sound_system: Any, start_project: Any) -> None:
    running = start_project(listening("device: no such thing"), 1, sound_system.env).wait()
    assert "XM834" in running.stderr and "default" in running.stderr


@pytest.fixture
def no_sound_system(tmp_path: Path) -> dict[str, str]:
    import os

    return {**os.environ, "PULSE_SERVER": "unix:/nonexistent", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}


@pytest.mark.skipif(Path("/dev/snd/controlC0").exists() or sys.platform != "linux", reason="this computer has a sound card")
def test_without_a_microphone_the_fallback_plays(no_sound_system: Any, start_project: Any, write_tone: Any) -> None:
    write_tone("a.wav", 0.25, 0.5)
    running = start_project(listening("fallback: a.wav"), 5, no_sound_system).wait()
    [notice] = running.find("microphone", "notice")  # either there is no microphone, or no library that could hear it
    assert notice.endswith(": playing “a.wav”.")
    assert len(running.find("loudness", "value")) == 5
    assert running.stderr == ""


@pytest.mark.skipif(Path("/dev/snd/controlC0").exists() or sys.platform != "linux", reason="this computer has a sound card")
@pytest.mark.parametrize("library", ["pyaudio", "sounddevice"])
def test_without_a_microphone_the_run_goes_on_and_says_how_to_mend_it(
    library: str, no_sound_system: Any, start_project: Any
) -> None:
    if library == "sounddevice" and not find_library("portaudio"):
        pytest.skip("needs libportaudio2")
    running = start_project(listening(), 1, no_sound_system, library).wait()
    first, second = running.stderr.splitlines()
    assert first == "error XM830: There is no microphone." and "Plug one in" in second


@pytest.mark.skipif(Path("/dev/snd/controlC0").exists() or sys.platform != "linux", reason="this computer has a sound card")
def test_xmaker_verbose_shows_what_is_hidden_otherwise(no_sound_system: Any, start_project: Any) -> None:
    running = start_project(listening(), 1, no_sound_system | {"XMAKER_VERBOSE": "1"}, "pyaudio").wait()
    assert "ALSA lib" in running.stderr
