"""Reads WAV files.

Not with Python's own module: before 3.12 it refuses the "extensible" files that most programs write for 24 bits.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any, BinaryIO

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
RATES = range(1000, 768001)


class NoWav(ValueError):
    """It is no WAV file that can be read; the words say why."""


class Wav:
    """A WAV file of any rate, any number of channels, 8 to 32 bits or float; read as mono samples of -1..1."""

    def __init__(self, source: Path | bytes) -> None:
        self._file: BinaryIO = source.open("rb") if isinstance(source, Path) else io.BytesIO(source)
        try:
            self._start, size = self._find_sound()
        except (NoWav, OSError):
            self._file.close()
            raise
        self.frames = size // self._step
        self._left = self.frames

    def _find_sound(self) -> tuple[int, int]:
        """Return where the samples begin and how many bytes they take. The size in a file that was a pipe is a lie."""
        head = self._file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            raise NoWav("RIFF/WAVE")
        whole = self._file.seek(0, io.SEEK_END)
        at, form = 12, b""
        while at + 8 <= whole:
            self._file.seek(at)
            name, size = struct.unpack("<4sI", self._file.read(8))
            if name == b"fmt ":
                form = self._file.read(min(size, 64))
                self._take_form(form)
            elif name == b"data" and form:
                return at + 8, self._whole_frames(min(size, whole - at - 8))
            at += 8 + size + size % 2
        raise NoWav("data" if form else "fmt")

    def _whole_frames(self, size: int) -> int:
        if size < self._step:
            raise NoWav("0 s")
        return size

    def _take_form(self, form: bytes) -> None:
        if len(form) < 16:
            raise NoWav("fmt")
        kind, self._channels, rate, _, _, self._bits = struct.unpack("<HHIIHH", form[:16])
        self.rate: int = rate
        if kind == EXTENSIBLE and len(form) >= 26:
            kind = struct.unpack("<H", form[24:26])[0]
        self._float = kind == FLOAT
        known = (32, 64) if self._float else (8, 16, 24, 32) if kind == PCM else ()
        if self._bits not in known or not self._channels or self.rate not in RATES:
            raise NoWav(f"fmt {kind}, {self._bits} bit, {self._channels} channels, {self.rate} Hz")
        self._step: int = self._channels * self._bits // 8

    @property
    def seconds(self) -> float:
        return self.frames / self.rate

    def read(self, frames: int) -> Any:
        """Return up to so many samples; none at the end. Channels are averaged."""
        if self._left == self.frames:
            self._file.seek(self._start)
        wanted = min(frames, self._left)
        data = self._file.read(wanted * self._step)
        got = len(data) // self._step
        self._left = self._left - got if got == wanted else 0  # the file has become shorter
        return self._to_samples(data[: got * self._step]).reshape(-1, self._channels).mean(axis=1)

    def _to_samples(self, data: bytes) -> Any:
        import numpy as np

        if self._float:
            return np.nan_to_num(np.frombuffer(data, f"<f{self._bits // 8}").astype(np.float64), posinf=1.0, neginf=-1.0)
        if self._bits == 8:  # the only width without a sign
            return (np.frombuffer(data, np.uint8) - 128.0) / 128.0
        if self._bits == 24:
            wide = np.zeros((len(data) // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            return wide.reshape(-1).view("<i4") / 2.0**31
        return np.frombuffer(data, f"<i{self._bits // 8}") / 2.0 ** (self._bits - 1)

    def rewind(self) -> None:
        self._left = self.frames

    def close(self) -> None:
        self._file.close()
