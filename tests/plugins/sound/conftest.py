"""A sound system of the tests' own: PulseAudio with a speaker that is also its microphone. No sound card is needed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
import wave
from collections.abc import Callable, Iterator
from glob import glob
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xmaker.testing import wait_until

TOOLS = ("pulseaudio", "pactl", "pacat", "paplay", "espeak-ng")
ALSA_PLUGINS = ("/usr/lib/*/alsa-lib", "/usr/lib/alsa-lib", "/usr/lib64/alsa-lib")
LIBRARIES = ("pyaudio", "sounddevice")
NULL = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def missing() -> str:
    """Return what this machine lacks, or ""."""
    tools = [tool for tool in TOOLS if not shutil.which(tool)]
    if tools:
        return f"needs {', '.join(tools)}"
    plugins = [folder for places in ALSA_PLUGINS for folder in glob(f"{places}/libasound_module_pcm_pulse.so")]
    return "" if plugins else "needs libasound2-plugins"


def write_wav(path: Path, samples: Any, rate: int = 16000) -> Path:
    """Write samples of -1..1, (n,) or (n, channels), with 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1 if samples.ndim == 1 else samples.shape[1], 2, rate, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def tone(amplitude: float, seconds: float = 1.0, rate: int = 16000, pitch: float = 440.0) -> Any:
    return amplitude * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)


class SoundSystem:
    """A private PulseAudio: what is played on its only speaker is what its only microphone hears."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o700)
        socket = folder / "pulse.sock"
        assert len(str(socket)) < 100, "a socket's path must be short"
        own = {"PULSE_SERVER": f"unix:{socket}", "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
        self.env = {**os.environ, **own, "LC_ALL": "C.UTF-8"}
        self.env.pop("XMAKER_VERBOSE", None)
        self.folder = folder
        self.start()

    def start(self) -> None:
        socket = self.env["PULSE_SERVER"]
        modules = [
            f"module-native-protocol-unix auth-anonymous=1 socket={socket.removeprefix('unix:')}",
            "module-null-sink sink_name=null rate=48000",
        ]
        options = [
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
            "--system=no",
            f"--log-target=file:{self.folder}/log",
        ]
        loads = [word for module in modules for word in ("-L", module)]
        self.daemon = subprocess.Popen(["pulseaudio", *options, *loads], env=self.env, **NULL)
        wait_until(lambda: subprocess.run(["pactl", "info"], env=self.env, timeout=5, **NULL).returncode == 0)
        # an idle null sink wakes every two seconds only; silence keeps it awake
        silence = ["pacat", "--raw", "--latency-msec=20", "--rate=16000", "--channels=1", "/dev/zero"]
        self.silence = subprocess.Popen(silence, env=self.env, **NULL)
        time.sleep(2.2)

    def play(self, path: Path) -> None:
        """Play a file to its end."""
        subprocess.run(["paplay", str(path)], env=self.env, timeout=30, check=True, **NULL)

    def freeze(self) -> None:
        self.daemon.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.daemon.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.thaw()
        for child in (self.silence, self.daemon):
            child.kill()
            child.wait()


class RunningProject:
    """A project that runs in a process of its own, and the lines that it prints."""

    def __init__(self, folder: Path, project: str, seconds: float, library: str, env: dict[str, str]) -> None:
        (folder / "project.yaml").write_text(textwrap.dedent(project), encoding="utf-8")
        hidden = [name for name in LIBRARIES if name != library]
        program = f"import sys; sys.modules.update(dict.fromkeys({hidden})); from xmaker.cli import main; main()"
        command = [sys.executable, "-c", program, "run", str(folder), "--json", "--for", f"{seconds}s"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        self.process = subprocess.Popen(command, env=env, cwd=folder, **pipes)
        self.lines: list[dict[str, Any]] = []
        self.stderr = ""
        self.threads = [threading.Thread(target=reader, daemon=True) for reader in (self._read_lines, self._read_errors)]
        for thread in self.threads:
            thread.start()

    def _read_lines(self) -> None:
        for line in self.process.stdout or ():
            with contextlib.suppress(ValueError):  # a plain line that a node printed
                self.lines.append(json.loads(line))
                continue
            self.lines.append({"node": "", "printed": line.rstrip("\n")})

    def _read_errors(self) -> None:
        for line in self.process.stderr or ():
            self.stderr += line

    def find(self, node: str, key: str) -> list[Any]:
        """Return this field of every line of a node."""
        return [line[key] for line in self.lines if line["node"] == node and key in line]

    def wait(self, seconds: float = 30.0) -> RunningProject:
        try:
            self.process.wait(seconds)
        finally:
            self.process.kill()
        for thread in self.threads:
            thread.join(5)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()
        return self


def _sound_system(folder: Path) -> Iterator[SoundSystem]:
    if reason := missing():
        pytest.skip(reason)
    system = SoundSystem(folder)
    yield system
    system.stop()


@pytest.fixture(scope="session")
def sound_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundSystem]:
    """A sound system for tests that leave it as it is."""
    yield from _sound_system(tmp_path_factory.mktemp("p"))


@pytest.fixture
def frail_sound_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundSystem]:
    """A sound system of this test alone: it may freeze or kill it."""
    yield from _sound_system(tmp_path_factory.mktemp("p"))


RunInSystem = Callable[..., RunningProject]


@pytest.fixture
def start_project(tmp_path: Path) -> Iterator[RunInSystem]:
    """Give a function that starts a project in a process of its own: (project, seconds, library, env)."""
    started: list[RunningProject] = []

    def start(project: str, seconds: float, env: dict[str, str], library: str = "sounddevice") -> RunningProject:
        if library == "pyaudio":
            pytest.importorskip("pyaudio")
        started.append(RunningProject(tmp_path, project, seconds, library, env))
        return started[-1]

    yield start
    for running in started:
        running.process.kill()
        running.wait()


@pytest.fixture
def write_tone(tmp_path: Path) -> Any:
    def write(name: str, amplitude: float, seconds: float) -> Path:
        sine = amplitude * np.sin(2 * np.pi * 440 * np.arange(int(seconds * 16000)) / 16000)
        return write_wav(tmp_path / name, sine)

    return write


# Microphones


@pytest.fixture
def save_wav() -> Callable[..., Path]:
    """Give a function that writes samples of -1..1, (n,) or (n, channels), into a WAV file."""
    return write_wav
