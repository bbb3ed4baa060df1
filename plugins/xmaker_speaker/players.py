"""Ways to be heard: the sound library when one is installed, else the program of PulseAudio or of ALSA."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from xmaker_audio.library import Device, Library, Stream, find_library
from xmaker_audio.patience import within
from xmaker_audio.resample import Resampler, to_int16
from xmaker_audio.waves import Wav

from xmaker import MissingDependency

OPEN_SECONDS = 3.0
SLICE = 0.05
"""Seconds of sound that are written at once: so soon `stop` is heard."""
TAIL = 0.4
"""Seconds of silence after a sound: PortAudio drops what is in its buffers (0.3 s) when it is closed, however it is asked."""
PROGRAMS = {
    "paplay": ("--raw", "--format=s16le", "--channels=1", "--rate={rate}"),
    "pw-cat": ("-p", "--format=s16", "--channels=1", "--rate={rate}", "-"),
    "aplay": ("-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", "{rate}", "-"),
}


class NoSpeakerError(Exception):
    """Nothing here can be heard."""


class Turn:
    """One sound that is played; `stop` ends it at once, from any thread."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def stop(self) -> None:
        self.stopped.set()
        with self._lock:
            if self._child is not None:
                self._child.kill()

    def play(self, wav: Wav, volume: float) -> None:
        """Play it to its end. Raises NoSpeakerError."""
        opened = open_speaker(wav.rate)
        if opened is not None:
            self._play_stream(opened, wav, volume)
            return
        for program, options in PROGRAMS.items():
            if (path := shutil.which(program)) and self._play_program([path, *options], wav, volume):
                return
            wav.rewind()
        raise NoSpeakerError

    def _play_stream(self, opened: Opened, wav: Wav, volume: float) -> None:
        library, stream, rate = opened
        try:
            for data in slices(wav, rate, volume):
                if self.stopped.is_set():
                    break
                stream.write(data)
        except library.errors:
            raise NoSpeakerError from None
        finally:
            close_speaker(opened)

    def _play_program(self, command: list[str], wav: Wav, volume: float) -> bool:
        words = [word.format(rate=wav.rate) for word in command]
        with self._lock:
            if self.stopped.is_set():
                return True
            null = subprocess.DEVNULL
            self._child = subprocess.Popen(  # noqa: S603
                words, stdin=subprocess.PIPE, stdout=null, stderr=null, start_new_session=True
            )
        assert self._child.stdin is not None
        with suppress(OSError):  # it has ended; why, says its exit code
            for data in slices(wav, wav.rate, volume):
                self._child.stdin.write(data)
        with suppress(OSError):  # it is closed all the same
            self._child.stdin.close()
        return self._child.wait() == 0 or self.stopped.is_set()


Opened = tuple[Library, Stream, int]


def open_speaker(rate: int) -> Opened | None:
    """Open the default speaker through the sound library, at a rate that it can; None where that cannot be."""
    try:
        return within(OPEN_SECONDS, lambda: _connect(rate), _end_late)
    except (MissingDependency, TimeoutError):
        return None


def _connect(rate: int) -> Opened | None:
    library = find_library()
    try:
        library.start()
    except library.errors:
        return None
    try:
        stream = _speak(library, rate)
    except BaseException:
        library.end()
        raise
    if stream is None:
        library.end()
        return None
    return library, *stream


def _speak(library: Library, rate: int) -> tuple[Stream, int] | None:
    speakers: list[Device] = [device for device in library.devices() if device.outputs > 0]
    default = library.default("output")
    speakers.sort(key=lambda device: device.number != default)
    for tried in dict.fromkeys((rate, *(device.rate for device in speakers[:1]))):
        try:
            return (library.speak(speakers[0].number, tried), tried) if speakers else None
        except library.errors:
            continue
    return None


def close_speaker(opened: Opened) -> None:
    """Close it; what has not been heard yet never will be."""
    try:
        within(OPEN_SECONDS, lambda: _end(opened), lambda _: None)
    except opened[0].errors:
        pass  # it hangs (TimeoutError), or is gone


def _end_late(opened: Opened | None) -> None:
    if opened is not None:
        _end(opened)


def _end(opened: Opened) -> None:
    try:
        opened[1].close()
    finally:
        opened[0].end()


def slices(wav: Wav, rate: int, volume: float) -> Iterator[bytes]:
    """Return the sound at this rate and volume (0..1), a piece at a time."""
    resampler = Resampler(wav.rate, rate)

    def ready(samples: Any) -> bytes:
        return bytes(to_int16(samples * volume).tobytes())

    while len(samples := wav.read(max(1, round(wav.rate * SLICE)))):
        yield ready(resampler.run(samples))
    yield ready(resampler.finish())
    yield bytes(2 * round(rate * TAIL))
