"""Where sound comes from: a microphone, or a WAV file. Each opens, gives the next chunk, and closes."""

from __future__ import annotations

import queue
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from xmaker_audio.library import Device, Library, Stream, find_library
from xmaker_audio.patience import within
from xmaker_audio.resample import Resampler, to_int16
from xmaker_audio.waves import NoWav, Wav

from xmaker import DeviceError, ProjectError

GLANCE = 0.2
"""How long a read waits at most, so that the end of a run need not wait for sound."""
CLOSE_SECONDS = 0.5
WAITING_CHUNKS = 100
"""Chunks that may wait for a slow reader; then the oldest go."""


class Source(Protocol):
    """Something that gives chunks of mono int16 samples."""

    def open(self) -> None: ...
    def read(self) -> Any:
        """Return the next chunk; None when there is nothing yet, or no more."""

    def close(self) -> None: ...


class Chunks:
    """Brings sound to the wanted rate and cuts it into chunks of one length."""

    def __init__(self, rate: int, wanted: int, length: int) -> None:
        import numpy as np

        self._resampler, self._length = Resampler(rate, wanted), length
        self._ready: Any = np.zeros(0)

    def add(self, samples: Any) -> None:
        import numpy as np

        self._ready = np.concatenate((self._ready, self._resampler.run(samples)))

    def finish(self) -> None:
        import numpy as np

        self._ready = np.concatenate((self._ready, self._resampler.finish()))

    def take(self, rest: bool = False) -> Any:
        """Return a chunk, or None; `rest` takes a shorter one, too."""
        if not (len(self._ready) if rest else len(self._ready) >= self._length):
            return None
        taken, self._ready = self._ready[: self._length], self._ready[self._length :]
        return to_int16(taken)


class Heard(NamedTuple):
    """A microphone that is open."""

    library: Library
    stream: Stream
    device: Device
    rate: int
    channels: int
    data: queue.Queue[bytes]

    def end(self) -> None:
        try:
            self.stream.close()
        finally:
            self.library.end()


@dataclass
class Microphone:
    """A microphone, by number or a part of its name."""

    wanted: int | str | None
    rate: int
    chunk: float
    timeout: float
    name: str = ""
    _heard: Heard | None = field(default=None, repr=False)
    _last: float = 0.0

    def open(self) -> None:
        try:
            self._heard = within(self.timeout, self._connect, Heard.end)
        except TimeoutError:
            raise DeviceError.of("XM831") from None
        self.name, self._last = self._heard.device.name, time.monotonic()
        self._chunks = Chunks(self._heard.rate, self.rate, max(1, round(self.rate * self.chunk)))

    def _connect(self) -> Heard:
        library = find_library()  # even this may hang: sounddevice looks for devices while it is imported
        try:
            library.start()
        except library.errors as error:
            raise DeviceError.of("XM832", device=self.wanted or "", reason=error) from None
        try:
            return self._listen(library, choose(library, self.wanted))
        except BaseException:
            library.end()
            raise

    def _listen(self, library: Library, device: Device) -> Heard:
        """Try the wanted rate first, then the device's own. Of two channels both are taken: some libraries drop one."""
        reason: Exception | None = None
        for rate in dict.fromkeys((self.rate, device.rate)):
            for channels in dict.fromkeys((min(2, device.inputs), 1)):
                data: queue.Queue[bytes] = queue.Queue(WAITING_CHUNKS)
                try:
                    stream = library.listen(device.number, rate, channels, max(1, round(rate * self.chunk)), _into(data))
                    return Heard(library, stream, device, rate, channels, data)
                except library.errors as error:
                    reason = error
        raise DeviceError.of("XM832", device=device.name, reason=reason)

    def read(self) -> Any:
        assert self._heard is not None  # read follows open
        if (chunk := self._chunks.take()) is not None:
            return chunk
        try:
            data = self._heard.data.get(timeout=GLANCE)
        except queue.Empty:
            silent = time.monotonic() - self._last
            if silent > self.timeout or not self._is_active():
                raise DeviceError.of("XM833", device=self.name) from None
            return None
        self._last = time.monotonic()
        self._chunks.add(to_mono(data, self._heard.channels))
        return self._chunks.take()

    def _is_active(self) -> bool:
        assert self._heard is not None
        try:
            return self._heard.stream.is_active()
        except self._heard.library.errors:
            return False

    def close(self) -> None:
        heard, self._heard = self._heard, None
        if heard is not None:
            try:
                within(CLOSE_SECONDS, heard.end, lambda _: None)
            except heard.library.errors:
                pass  # it hangs (TimeoutError is an OSError, and so one of them), or is gone


def _into(data: queue.Queue[bytes]) -> Any:
    def give(samples: bytes) -> None:
        while True:
            try:
                data.put_nowait(samples)
                return
            except queue.Full:
                try:
                    data.get_nowait()
                except queue.Empty:
                    pass  # the reader was quicker

    return give


def to_mono(data: bytes, channels: int) -> Any:
    """Return samples of -1..1; channels are averaged, as adding them would be twice as loud."""
    import numpy as np

    return np.frombuffer(data, np.int16).reshape(-1, channels).mean(axis=1) / 32768.0


def choose(library: Library, wanted: int | str | None) -> Device:
    """Return the microphone that was asked for. Raises DeviceError when there is none, or none of that name."""
    microphones = [device for device in library.devices() if device.inputs > 0]
    if not microphones:
        raise DeviceError.of("XM830")
    if wanted in (None, ""):
        default = library.default("input")
        return next((device for device in microphones if device.number == default), microphones[0])
    for device in microphones:
        if str(wanted) == str(device.number) or str(wanted).lower() in device.name.lower():
            return device
    known = ", ".join(f"{device.number}: {device.name}" for device in microphones)
    raise DeviceError.of("XM834", device=wanted, known=known)


@dataclass
class WavFile:
    """A WAV file of any rate and width."""

    path: Path
    rate: int
    chunk: float
    given: int = 0
    """Samples given since it was opened; they go on when the file begins again."""

    def check(self) -> None:
        self.open()
        self.close()

    def open(self) -> None:
        try:
            self._wav = Wav(self.path)
        except (NoWav, OSError) as error:
            raise ProjectError.of("XM835", file=self.path, reason=error) from None
        self._length = max(1, round(self.rate * self.chunk))
        self.given = 0
        self._begin()

    def _begin(self) -> None:
        self._chunks, self._ended, self._told = Chunks(self._wav.rate, self.rate, self._length), False, False

    def read(self) -> Any:
        """Return the next chunk; an empty one at the end of the file, so that a listener knows that the last word is over."""
        while (chunk := self._chunks.take(rest=self._ended)) is None and not self._ended:
            samples = self._wav.read(max(1, round(self._wav.rate * self.chunk)))
            if len(samples):
                self._chunks.add(samples)
            else:
                self._ended = True
                self._chunks.finish()
        if chunk is None and not self._told:
            import numpy as np

            self._told = True
            return np.zeros(0, np.int16)
        self.given += 0 if chunk is None else len(chunk)
        return chunk

    def rewind(self) -> None:
        self._wav.rewind()
        self._begin()

    @property
    def time(self) -> float:
        """When the last chunk ended: a microphone's comes then, too."""
        return self.given / self.rate

    def progress(self) -> tuple[int, int]:
        return min(self.given, self._total), self._total

    @property
    def _total(self) -> int:
        return max(1, round(self._wav.seconds * self.rate))

    def close(self) -> None:
        self._wav.close()
