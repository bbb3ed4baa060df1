"""The output nodes that put pictures and words into folders, one for each label."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from xmaker import Count, Event, Frame, Output, Seconds, Sound, XMakerError, action
from xmaker.errors import message
from xmaker_toolbox.files import RESERVED, whole

RATE = 16000


@dataclass
class Collector(Output):
    """Saves examples under the label that is chosen; numbers go on where they were, so that nothing is ever overwritten."""

    blocking: ClassVar[bool] = True
    ending: ClassVar[str]
    """Of the files."""
    folder: Path
    labels: Sequence[str]
    count: Count | None = None
    """How many examples of each label are wanted; then the run ends."""
    _taken: dict[str, int] = field(init=False, repr=False)
    """Label → examples in its folder."""
    _label: str = field(init=False, repr=False)

    def open(self) -> None:
        self._taken = {label: len(list((self.folder / label).glob(f"*{self.ending}"))) for label in self.labels}
        self._label = self.labels[0]

    @action
    def choose(self, number: float) -> None:
        """Go on with another label; the first is 1."""
        self._label = self.labels[int(number) - 1]
        self._say(message("XM476", "what", label=self._label, count=self._taken[self._label]))

    @action
    def end(self) -> None:
        """End the run."""
        self.host.runtime.finished.set()

    def save(self, write: Any) -> None:
        """Have `write` fill the next free file of the label. Raises XMakerError when it cannot be written."""
        folder = self.folder / self._label
        path = folder / f"{self._next(folder):04d}{self.ending}"
        with whole(path) as part:
            write(part)
        self._taken[self._label] += 1
        self._say(f"{self._label} {self._taken[self._label]}  {path}")
        if self.count and all(count >= self.count for count in self._taken.values()):
            self.end()
        elif self.count and self._taken[self._label] >= self.count:
            self.choose(next(at for at, label in enumerate(self.labels, 1) if self._taken[label] < self.count))

    def _next(self, folder: Path) -> int:
        numbers = (int(path.stem) for path in folder.glob(f"*{self.ending}") if path.stem.isdigit())
        return max(numbers, default=0) + 1

    def _say(self, text: str) -> None:
        self.host.terminal.write(text, self.host.name)


@dataclass
class PictureCollector(Collector):
    """Saves the newest picture when it is told to."""

    use: ClassVar[str] = "collector"
    takes: ClassVar = (Frame,)
    ending: ClassVar[str] = ".jpg"
    every: Seconds = 0.2
    """The shortest time between two pictures: a key that is held comes thirty times a second."""
    _newest: Any = field(init=False, default=None, repr=False)
    _last: float = field(init=False, default=float("-inf"), repr=False)

    def receive(self, event: Event) -> None:
        self._newest = event.value.image

    @action
    def take(self) -> None:
        """Save the newest picture."""
        now = self.host.now()
        if self._newest is None or now - self._last < self.every:
            return
        self._last = now
        self.save(self._write)

    def _write(self, path: Path) -> None:
        import cv2

        path.write_bytes(cv2.imencode(".jpg", self._newest, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes())


@dataclass
class WordCollector(Collector):
    """Saves each word that is said, cut out as the node `keywords` cuts it."""

    use: ClassVar[str] = "collector"
    takes: ClassVar = (Sound,)
    ending: ClassVar[str] = ".wav"
    _listener: Any = field(init=False, repr=False)
    _at_one_rate: Any = field(init=False, repr=False)

    def open(self) -> None:
        from xmaker_audio.resample import AnyRate
        from xmaker_keywords.listening import Listener

        super().open()
        self._listener, self._at_one_rate = Listener(), AnyRate(RATE)

    def receive(self, event: Event) -> None:
        import numpy as np

        sound = event.value
        samples = np.asarray(sound.samples, np.float32) / np.float32(32768.0)
        heard = self._listener.hear(self._at_one_rate.run(samples, sound.rate)) if len(samples) else self._listener.finish()
        for word in heard:
            self.save(lambda path, word=word: _write_wav(path, word))


def _write_wav(path: Path, samples: Any) -> None:
    import numpy as np

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).clip(-32768, 32767).astype(np.int16).tobytes())


def label_folder(label: str) -> str:
    """Return a label if it can be a folder's name, on every system. Raises XMakerError when it cannot."""
    name = label.strip()
    if not name or name.startswith(".") or RESERVED.match(name) or any(letter in name for letter in '/\\:*?"<>|'):
        raise XMakerError.of("XM475", label=label)
    return name
