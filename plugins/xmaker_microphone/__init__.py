"""Sound from a microphone or a WAV file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec

from xmaker import DeviceError, Finished, Input, MissingDependency, ProjectError, Seconds, Sound, Stamped, hookimpl
from xmaker_microphone.sources import Microphone as Device
from xmaker_microphone.sources import WavFile

LONGEST_CHUNK = 10.0
GONE = ("XM830", "XM832", "XM834")
"""What is not told of a microphone that there has been: it gives no sound any more, which has been told already."""


@dataclass
class Microphone(Input):
    """Sound, in chunks of a tenth of a second: mono, 16 bits.
    声音，每段十分之一秒：单声道，16 位。

    Any microphone that the computer knows will do; a USB one needs no wiring. `source: clap.wav` plays a WAV file instead, as
    fast as its readers can, unless `real_time` is on. `fallback`: the WAV file to play when there is no microphone.
    """

    use: ClassVar[str] = "microphone"
    gives: ClassVar = Sound
    device: int | str | None = None
    """A part of the microphone's name, or its number; nothing is the computer's own choice.
    麦克风名字的一部分，或它的编号；不写就由电脑选。"""
    rate: Annotated[int, msgspec.Meta(ge=1000, le=192000)] = 16000
    """How many samples a second; models of speech want 16000.
    每秒多少个采样；语音模型要 16000。"""
    chunk: Seconds = 0.1
    """How long each piece of sound is.
    每段声音有多长。"""
    source: str = ""
    """A WAV file to take the sound from.
    从哪个 WAV 文件取声音。"""
    real_time: bool = False
    """Whether a file is played as slowly as it sounds, like a microphone.
    文件是否按实际速度播放，像麦克风一样。"""
    loop: bool = False
    """Whether a file begins again at its end.
    文件放完以后是否从头再来。"""
    fallback: str = ""
    """The WAV file to play when there is no microphone.
    没有麦克风时放的 WAV 文件。"""
    timeout: Seconds = 5.0
    """How long a microphone may be silent (not even noise) before it is opened again.
    麦克风完全没有声音（连噪声都没有）多久以后重新打开。"""
    _device: Device | None = field(init=False, default=None, repr=False)
    _file: WavFile | None = field(init=False, default=None, repr=False)
    _playing: bool = field(init=False, default=False, repr=False)
    """Whether the fallback is playing."""
    _heard: str = field(init=False, default="", repr=False)
    """The microphone that there has been: then it is waited for, and nothing plays in its place."""
    _start: float = field(init=False, default=0.0, repr=False)

    def check(self) -> None:
        if not 0.01 <= self.chunk <= LONGEST_CHUNK:
            raise ProjectError.of("XM837", chunk=f"{self.chunk:g}", longest=f"{LONGEST_CHUNK:g}")
        for name in (self.source, self.fallback):
            if name:
                self._wav(name).check()

    @property
    def paced(self) -> bool:
        return not self.source or self.real_time

    @property
    def finite(self) -> bool:
        return bool(self.source or self._playing) and not self._begins_again()

    def _begins_again(self) -> bool:
        return self.loop or (self._playing and self.host.runtime.endless)

    @property
    def period(self) -> float | None:
        return self.chunk

    def progress(self) -> tuple[int, int] | None:
        return self._file.progress() if self._file else None

    def open(self) -> None:
        self._start = self.host.now()
        if self.source or self._playing:
            self._open_file(self.source or self.fallback)
            return
        device = Device(self.device, self.rate, self.chunk, max(0.1, self.timeout))
        try:
            device.open()
        except (DeviceError, MissingDependency) as error:
            if self._heard and error.code in GONE:
                raise DeviceError.of("XM833", device=self._heard) from None
            if self._heard or not self.fallback:
                raise
            self._playing = True
            self._open_file(self.fallback)
            missing = error.problems[0].details if isinstance(error, MissingDependency) else None
            self.host.notice("XM846" if missing else "XM838", **(missing or {}), file=self.fallback)
            return
        self._device = device
        if not self._heard:
            self.host.notice("XM839", device=device.name)
        self._heard = device.name

    def _open_file(self, name: str) -> None:
        file = self._wav(name)
        file.open()
        self._file = file

    def read(self) -> Sound | Stamped | None:
        if self._file is not None:
            return self._read_file(self._file)
        assert self._device is not None  # read follows open
        samples = self._device.read()
        return None if samples is None else Sound(samples, self.rate)

    def _read_file(self, file: WavFile) -> Sound | Stamped | None:
        samples = file.read()
        if samples is None and self._begins_again():
            file.rewind()
            samples = file.read()
        if samples is None:
            raise Finished(file.time)
        sound = Sound(samples, self.rate)
        if not (self.real_time or self._playing):
            return Stamped(sound, file.time)
        return sound if self.host.sleep(self._start + file.time) else None

    def close(self) -> None:
        for opened in (self._device, self._file):
            if opened is not None:
                opened.close()
        self._device = self._file = None

    def _wav(self, name: str) -> WavFile:
        """Return the file of a name; a relative one counts from the project, else from where the user is."""
        path = self.host.folder / Path(name).expanduser()
        path = path if path.exists() or not Path(name).exists() else Path(name)
        if not path.is_file():
            raise ProjectError.of("XM836", file=name)
        return WavFile(path, self.rate, self.chunk)


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Microphone]
