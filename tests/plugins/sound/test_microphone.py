"""The microphone: real ones (a private PulseAudio), WAV files, and none at all. Nothing is mocked."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from ctypes.util import find_library
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xmaker_audio.waves import NoWav, Wav
from xmaker_microphone import Microphone
from xmaker_microphone.sources import Chunks, _into, to_mono

from xmaker import Event, Plugins, Project, ProjectError, Runtime, Sound, hookimpl
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


class Ear:
    """What a microphone gave, and what was said about it."""

    def __init__(self) -> None:
        self.sounds: list[Event] = []
        self.notices: list[str] = []
        self.errors: list[str] = []
        self.xmaker_wants_media = True

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if isinstance(event.value, Sound):
            self.sounds.append(event)
        else:
            self.notices.append(event.value.code)

    @hookimpl
    def xmaker_error(self, error: Any) -> None:
        self.errors.append(error.code)

    @property
    def samples(self) -> Any:
        return np.concatenate([event.value.samples for event in self.sounds])


def hear(tmp_path: Path, seconds: float | None = None, **options: Any) -> Ear:
    """Run a project with nothing but a microphone."""
    project = Project("test", folder=tmp_path, plugins=Plugins()).add(Microphone(**options), name="microphone")
    project.check()
    project.plugins.manager.register(ear := Ear())
    Runtime(project.plugins).run(project, seconds)
    return ear


def wav_bytes(samples: Any, rate: int, bits: int, *, is_float: bool = False, extensible: bool = False) -> bytes:
    """Return a WAV file of samples of -1..1, (n, channels)."""
    kind, channels = 3 if is_float else 1, samples.shape[1]
    step = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * step, step, bits)
    if extensible:
        form = b"\xfe\xff" + form[2:] + struct.pack("<HHIH", 22, bits, 0, kind) + bytes(14)
    if is_float:
        data = samples.astype(f"<f{bits // 8}").tobytes()
    elif bits == 8:
        data = (samples * 127 + 128).round().astype(np.uint8).tobytes()
    else:
        whole = (samples * (2.0 ** (bits - 1) - 1)).round().astype("<i4")
        data = whole.view(np.uint8).reshape(*samples.shape, 4)[..., : bits // 8].tobytes()
    chunks = [(b"JUNK", b"odd"), (b"fmt ", form), (b"data", data)]
    body = b"".join(name + struct.pack("<I", len(part)) + part + bytes(len(part) % 2) for name, part in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


# WAV files


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize("rate", [16000, 8000, 22050, 44100, 48000, 96000])
@pytest.mark.parametrize(("bits", "is_float"), [(8, False), (16, False), (24, False), (32, False), (32, True), (64, True)])
def test_every_kind_of_wav_becomes_the_same_sound(
    tmp_path: Path, rate: int, bits: int, is_float: bool, extensible: bool
) -> None:
    def sine(rate: int) -> Any:
        return 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate // 2) / rate)

    stereo = np.stack((sine(rate), sine(rate) * 0.5), axis=1)
    (tmp_path / "a.wav").write_bytes(wav_bytes(stereo, rate, bits, is_float=is_float, extensible=extensible))
    ear = hear(tmp_path, source="a.wav")
    assert (ear.samples.dtype, len(ear.samples)) == (np.int16, 8000)
    apart = ear.samples / 32768 - 0.75 * sine(16000)  # the mean of the two channels
    assert np.abs(apart[100:-100]).max() < (0.01 if bits == 8 else 0.0002)


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=300), st.integers(1, 50))
def test_16_bits_of_one_channel_stay_as_they_are(values: list[int], frames: int) -> None:
    samples = np.array(values, "<i2")
    body = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16) + b"data" + struct.pack("<I", 2 * len(samples))
    wav = Wav(b"RIFF\0\0\0\0WAVE" + body + samples.tobytes())
    chunks = Chunks(16000, 16000, frames)
    given_back: list[int] = []
    while len(read := wav.read(frames)):
        chunks.add(read)
        while (chunk := chunks.take()) is not None:
            given_back += chunk.tolist()
    chunks.finish()
    given_back += [] if (rest := chunks.take(rest=True)) is None else rest.tolist()
    assert given_back == values


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_no_bytes_whatever_crash_the_reader(noise: bytes) -> None:
    for start in (b"", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0"):
        try:
            wav = Wav(start + noise)
        except NoWav:
            continue
        assert np.isfinite(wav.read(1000)).all()


@pytest.mark.skipif(sys.platform == "win32", reason="sox is a Linux program here")
def test_a_file_that_sox_wrote(tmp_path: Path) -> None:
    import shutil

    if not shutil.which("sox"):
        pytest.skip("needs sox")
    target = ["-b", "24", "-c", "2", "-r", "44100", str(tmp_path / "a.wav")]
    subprocess.run(["sox", "-n", *target, "synth", "1", "sine", "300", "gain", "-12"], check=True)
    samples = hear(tmp_path, source="a.wav").samples / 32768
    assert 20 * np.log10(np.sqrt(np.mean(samples**2))) == pytest.approx(-12 - 3, abs=0.1)


def test_a_file_gives_chunks_with_their_own_times(tmp_path: Path, write_tone: Any) -> None:
    write_tone("a.wav", 0.5, seconds=0.25)
    ear = hear(tmp_path, source="a.wav")
    assert [len(event.value.samples) for event in ear.sounds] == [1600, 1600, 800]
    assert [event.time for event in ear.sounds] == pytest.approx([0.1, 0.2, 0.25])
    assert not ear.errors


def test_a_long_file_takes_no_time(tmp_path: Path, write_tone: Any) -> None:
    write_tone("a.wav", 0.5, seconds=60)
    begin = time.monotonic()
    assert len(hear(tmp_path, source="a.wav").samples) == 60 * 16000
    assert time.monotonic() - begin < 10


def test_real_time_paces_a_file(tmp_path: Path, write_tone: Any) -> None:
    write_tone("a.wav", 0.5, seconds=0.5)
    times = [event.time for event in hear(tmp_path, source="a.wav", real_time=True).sounds]
    assert len(times) == 5
    assert times[-1] - times[0] >= 0.38


def test_loop_begins_again_and_time_goes_on(tmp_path: Path, write_tone: Any) -> None:
    write_tone("a.wav", 0.5, seconds=0.2)
    times = [event.time for event in hear(tmp_path, 0.3, source="a.wav", loop=True).sounds]
    assert len(times) > 4
    assert times == sorted(set(times))


def test_rate_and_chunk(tmp_path: Path, write_tone: Any) -> None:
    write_tone("a.wav", 0.5, seconds=1)
    ear = hear(tmp_path, source="a.wav", rate=8000, chunk=0.5)
    assert [(len(event.value.samples), event.value.rate) for event in ear.sounds] == [(4000, 8000)] * 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "RIFF"),
        (b"ID3\x04 an mp3", "RIFF"),
        (b"RIFF\0\0\0\0WAVE", "fmt"),
        (wav_bytes(np.zeros((0, 1)), 16000, 16), "0 s"),
        (wav_bytes(np.zeros((9, 1)), 16000, 16)[:54], "data"),
        (wav_bytes(np.zeros((9, 1)), 1, 16), "1 Hz"),
    ],
    ids=["empty", "mp3", "no form", "no sound", "cut off", "rate"],
)
def test_what_is_no_wav_is_said_before_the_run(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(ProjectError, match=reason) as raised:
        hear(tmp_path, source="a.wav")
    assert raised.value.code == "XM835"


@pytest.mark.parametrize(
    ("options", "code"),
    [({"source": "nothing.wav"}, "XM836"), ({"fallback": "."}, "XM836"), ({"chunk": 0.0}, "XM837"), ({"chunk": 11.0}, "XM837")],
)
def test_what_cannot_work_is_said_before_the_run(tmp_path: Path, options: dict[str, Any], code: str) -> None:
    with pytest.raises(ProjectError) as raised:
        hear(tmp_path, **options)
    assert raised.value.code == code


def test_progress_and_pace_are_known_for_files(tmp_path: Path) -> None:
    assert Microphone().paced and not Microphone().finite
    assert not Microphone(source="a.wav").paced and Microphone(source="a.wav").finite
    assert Microphone(source="a.wav", real_time=True).paced
    assert Microphone().progress() is None


@pytest.fixture
def write_tone(tmp_path: Path) -> Any:
    def write(name: str, amplitude: float, seconds: float) -> Path:
        sine = amplitude * np.sin(2 * np.pi * 440 * np.arange(int(seconds * 16000)) / 16000)
        (tmp_path / name).write_bytes(wav_bytes(sine[:, None], 16000, 16))
        return tmp_path / name

    return write


# Microphones


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
        hear(tmp_path, 1)
    assert "pip install 'xmaker[audio]'" in str(getattr(raised.value, "hint", ""))


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
def test_a_louder_left_ear_counts_half(sound_system: Any, start_project: Any, tmp_path: Path) -> None:
    sine = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    (tmp_path / "left.wav").write_bytes(wav_bytes(np.stack((sine, 0 * sine), axis=1), 16000, 16))
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
    wait_until(lambda: "XM830" in running.stderr, 5)


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
    assert running.find("microphone", "notice") == ["No microphone found: playing “a.wav”."]
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
