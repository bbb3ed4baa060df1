"""The microphone plays WAV files: every kind becomes the same sound, and nonsense is refused. Nothing is mocked."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xmaker_audio.waves import NoWav, Wav
from xmaker_microphone import Microphone
from xmaker_microphone.sources import Chunks

from xmaker import Event, Plugins, Project, ProjectError, Runtime, Sound, hookimpl


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


def test_a_file_gives_chunks_with_their_own_times_and_an_empty_one_at_its_end(tmp_path: Path, write_tone: Any) -> None:
    write_tone("a.wav", 0.5, seconds=0.25)
    ear = hear(tmp_path, source="a.wav")
    assert [len(event.value.samples) for event in ear.sounds] == [1600, 1600, 800, 0]
    assert [event.time for event in ear.sounds] == pytest.approx([0.1, 0.2, 0.25, 0.25])
    assert not ear.errors


def test_a_long_file_takes_no_time(tmp_path: Path, write_tone: Any) -> None:
    write_tone("a.wav", 0.5, seconds=60)
    begin = time.monotonic()
    assert len(hear(tmp_path, source="a.wav").samples) == 60 * 16000
    assert time.monotonic() - begin < 10


def test_real_time_paces_a_file(tmp_path: Path, write_tone: Any) -> None:
    write_tone("a.wav", 0.5, seconds=0.5)
    times = [event.time for event in hear(tmp_path, source="a.wav", real_time=True).sounds]
    assert len(times) == 6
    assert times[-2] - times[0] >= 0.38


def test_loop_begins_again_and_time_goes_on(tmp_path: Path, write_tone: Any) -> None:
    write_tone("a.wav", 0.5, seconds=0.2)
    ear = hear(tmp_path, 0.3, source="a.wav", loop=True)
    times = [event.time for event in ear.sounds if len(event.value.samples)]
    assert len(times) > 4
    assert times == sorted(set(times))
    assert [len(event.value.samples) for event in ear.sounds[:6]] == [1600, 1600, 0, 1600, 1600, 0]


def test_rate_and_chunk(tmp_path: Path, write_tone: Any) -> None:
    write_tone("a.wav", 0.5, seconds=1)
    ear = hear(tmp_path, source="a.wav", rate=8000, chunk=0.5)
    assert [(len(event.value.samples), event.value.rate) for event in ear.sounds] == [(4000, 8000), (4000, 8000), (0, 8000)]


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


def test_without_a_sound_library_the_fallback_plays_and_is_not_put_down_to_the_microphone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_tone: Any
) -> None:
    for name in ("pyaudio", "sounddevice"):
        monkeypatch.setitem(sys.modules, name, None)
    write_tone("a.wav", 0.2, 0.5)
    ear = hear(tmp_path, fallback="a.wav")
    assert ear.sounds and (ear.notices, ear.errors) == (["XM846"], [])


def test_progress_and_pace_are_known_for_files(tmp_path: Path) -> None:
    assert Microphone().paced and not Microphone().finite
    assert not Microphone(source="a.wav").paced and Microphone(source="a.wav").finite
    assert Microphone(source="a.wav", real_time=True).paced
    assert Microphone().progress() is None
