"""PortAudio, through PyAudio or sounddevice: its devices, and streams of int16 samples.

PortAudio lists devices only when it starts, so each opening of a microphone starts it anew and sees what was plugged in.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from xmaker import MissingDependency

COMMAND = 'pip install "xmaker[audio]"' + (" && sudo apt install libportaudio2" if sys.platform == "linux" else "")
"""Elsewhere sounddevice brings PortAudio along."""

Give = Callable[[bytes], None]


class Device(Protocol):
    """A microphone or speaker that PortAudio knows."""

    number: int
    name: str
    rate: int
    inputs: int
    outputs: int


class _Device:
    def __init__(self, number: int, name: str, rate: float, inputs: int, outputs: int) -> None:
        self.number, self.name, self.rate, self.inputs, self.outputs = number, name, int(rate), inputs, outputs


class Stream(Protocol):
    """Sound on its way, in either direction."""

    def is_active(self) -> bool:
        """Return whether it still runs; False after the device was unplugged."""

    def write(self, data: bytes) -> None:
        """Play this; waits until there is room for it."""

    def close(self) -> None:
        """End it at once."""


class Library(Protocol):
    """What the microphone and the speaker need of PortAudio."""

    errors: tuple[type[Exception], ...]

    def start(self) -> None:
        """Look for devices. Each start needs an `end`."""

    def end(self) -> None: ...
    def devices(self) -> list[Device]: ...
    def default(self, kind: str) -> int | None:
        """Return the number of the default device for `input` or `output`, or None."""

    def listen(self, device: int, rate: int, channels: int, frames: int, give: Give) -> Stream:
        """Have `give` called, on PortAudio's thread, with every `frames` samples that come."""

    def speak(self, device: int, rate: int) -> Stream:
        """Open a speaker for one channel."""


def find_library() -> Library:
    """Return PyAudio when it is installed, else sounddevice. Raises MissingDependency with the command that brings one."""
    try:
        return PyAudioLibrary()
    except ImportError:
        pass
    try:
        return SoundDeviceLibrary()
    except ImportError:
        raise MissingDependency.of("XM601", library="sounddevice", command=COMMAND) from None
    except OSError:
        raise MissingDependency.of("XM601", library="PortAudio", command="sudo apt install libportaudio2") from None


class PyAudioLibrary:
    """PortAudio through PyAudio."""

    errors: tuple[type[Exception], ...] = (OSError, ValueError, SystemError)

    def __init__(self) -> None:
        import pyaudio

        self._pyaudio: Any = pyaudio
        self._running: Any = None

    def start(self) -> None:
        self._running = self._pyaudio.PyAudio()

    def end(self) -> None:
        self._running.terminate()

    def devices(self) -> list[Device]:
        every = [self._running.get_device_info_by_index(number) for number in range(self._running.get_device_count())]
        return [
            _Device(info["index"], info["name"], info["defaultSampleRate"], info["maxInputChannels"], info["maxOutputChannels"])
            for info in every
        ]

    def default(self, kind: str) -> int | None:
        try:
            return int(getattr(self._running, f"get_default_{kind}_device_info")()["index"])
        except OSError:
            return None

    def listen(self, device: int, rate: int, channels: int, frames: int, give: Give) -> Stream:
        def called(data: bytes, *_: object) -> tuple[None, int]:
            give(data)
            return None, going_on

        going_on: int = self._pyaudio.paContinue
        shape = {"rate": rate, "channels": channels, "format": self._pyaudio.paInt16, "frames_per_buffer": frames}
        return _PyAudioStream(self._running.open(input=True, input_device_index=device, stream_callback=called, **shape))

    def speak(self, device: int, rate: int) -> Stream:
        # a tenth of a second: with the small buffers that are usual, speech stutters on a busy board
        shape = {"rate": rate, "channels": 1, "format": self._pyaudio.paInt16, "frames_per_buffer": rate // 10}
        return _PyAudioStream(self._running.open(output=True, output_device_index=device, **shape))


class _PyAudioStream:
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def is_active(self) -> bool:
        return bool(self._stream.is_active())

    def write(self, data: bytes) -> None:
        self._stream.write(data)

    def close(self) -> None:
        self._stream.close()


class SoundDeviceLibrary:
    """PortAudio through sounddevice."""

    users: ClassVar[int] = 0

    def __init__(self) -> None:
        import sounddevice

        self._sounddevice: Any = sounddevice
        self.errors: tuple[type[Exception], ...] = (sounddevice.PortAudioError, OSError, ValueError)

    def start(self) -> None:
        """Look for devices anew, unless somebody uses one: starting again would take it away. There is no public way."""
        if not SoundDeviceLibrary.users:
            self._sounddevice._terminate()  # noqa: SLF001
            self._sounddevice._initialize()  # noqa: SLF001
        SoundDeviceLibrary.users += 1

    def end(self) -> None:
        SoundDeviceLibrary.users -= 1

    def devices(self) -> list[Device]:
        keys = ("name", "default_samplerate", "max_input_channels", "max_output_channels")
        return [_Device(number, *map(info.get, keys)) for number, info in enumerate(self._sounddevice.query_devices())]

    def default(self, kind: str) -> int | None:
        try:
            return int(self._sounddevice.query_devices(kind=kind)["index"])
        except self.errors:
            return None

    def listen(self, device: int, rate: int, channels: int, frames: int, give: Give) -> Stream:
        def called(data: Any, *_: object) -> None:
            give(bytes(data))

        shape = {"samplerate": rate, "channels": channels, "dtype": "int16", "blocksize": frames}
        return _started(self._sounddevice.RawInputStream(device=device, callback=called, **shape))

    def speak(self, device: int, rate: int) -> Stream:
        shape = {"samplerate": rate, "channels": 1, "dtype": "int16", "blocksize": rate // 10}  # see above
        return _started(self._sounddevice.RawOutputStream(device=device, **shape))


def _started(stream: Any) -> Stream:
    try:
        stream.start()
    except Exception:
        stream.close()
        raise
    return _SoundDeviceStream(stream)


class _SoundDeviceStream:
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def is_active(self) -> bool:
        return bool(self._stream.active)

    def write(self, data: bytes) -> None:
        self._stream.write(data)

    def close(self) -> None:
        self._stream.close()
