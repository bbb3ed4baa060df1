"""A buzzer that beeps, holds a tone and plays a melody."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from xmaker import Handle, Output, Pin, ProjectError, XMakerError, action, hookimpl
from xmaker.looks import Tone

STEPS = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}
"""Half tones from A."""
DEEPEST, HIGHEST = 20.0, 20_000.0
"""What an ear hears, in Hz."""


def frequency_of(note: str) -> float:
    """Return a note's frequency in Hz: `A4` is 440 (ISO 16), `C#5`, `Eb4`; `-` is a rest, 0. Raises XMakerError."""
    if note in ("-", "R", "r"):
        return 0.0
    found = re.fullmatch(r"([A-Ga-g])([#b]?)([1-8]?)", note)
    if not found:
        raise XMakerError.of("XM855", note=note)
    half_tones = STEPS[found[1].upper()] + {"#": 1, "b": -1, "": 0}[found[2]] + 12 * (int(found[3] or 4) - 4)
    return float(440.0 * 2.0 ** (half_tones / 12))  # equal temperament


def tones_of(notes: str) -> list[tuple[float, float]]:
    """Return the frequency in Hz, 0 for a rest, and the beats of each note of a melody. Raises XMakerError."""
    tones = []
    for note in notes.replace(",", " ").split():
        name, _, beats = note.partition(":")
        try:
            tones.append((frequency_of(name), float(beats or 1)))
        except ValueError:
            raise XMakerError.of("XM855", note=note) from None
    return tones


@dataclass
class Buzzer(Output):
    """A passive buzzer on a pin, or the board's own.
    引脚上的无源蜂鸣器，或板子自带的蜂鸣器。
    """

    use: ClassVar[str] = "buzzer"
    blocking: ClassVar[bool] = True
    pin: Annotated[Pin, "tone"] = Pin()
    """The pin of the buzzer; nothing is the board's own.
    蜂鸣器的引脚；不写就是板子自己的蜂鸣器。"""
    tempo: float = 120.0
    """Beats a minute of a melody.
    旋律每分钟多少拍。"""
    _horn: Handle = field(init=False, repr=False)
    _heard: float = field(init=False, default=0.0, repr=False)
    """The frequency of the tone that is heard now."""

    def check(self) -> None:
        if not self.tempo > 0:
            raise ProjectError.of("XM842", option="tempo", node=self.host.name, limits="> 0", value=f"{self.tempo:g}")

    def open(self) -> None:
        self._horn = self.pin.open()

    @action
    def beep(self, times: float = 1) -> None:
        """Beep, once or several times.
        嘀一声或几声。"""
        for _ in range(min(20, round(times))):
            if not (self._sound(1000, 0.1) and self._rest(0.1)):
                return

    @action
    def tone(self, frequency: float, seconds: float = 0) -> None:
        """Sound with a frequency from 20 to 20000 Hz, for some seconds or until `off`; 0 is silent.
        用 20 到 20000 Hz 的频率发声，持续几秒或直到 `off`；0 是静音。"""
        frequency = max(DEEPEST, min(HIGHEST, frequency)) if frequency else 0.0
        if seconds:
            self._sound(frequency, min(60.0, seconds))
        else:
            self._write(frequency)

    @action
    def melody(self, notes: Annotated[str, tones_of]) -> None:
        """Play notes, each one beat long unless a number of beats follows: `C4 D4 E4:2 - G4:0.5`.
        演奏音符，每个一拍，后面可以写拍数：`C4 D4 E4:2 - G4:0.5`。"""
        for frequency, beats in tones_of(notes):
            seconds = min(60.0, beats * 60 / self.tempo)
            if not (self._sound(frequency, seconds * 0.9) and self._rest(seconds * 0.1)):
                return

    @action(level=True)
    def off(self) -> None:
        """Be silent.
        安静。"""
        self._write(0)

    def _sound(self, frequency: float, seconds: float) -> bool:
        self._write(frequency)
        goes_on = self._rest(seconds)
        self._write(0)
        return goes_on

    def _write(self, frequency: float) -> None:
        self._horn.write(frequency)
        self._heard = frequency

    def _rest(self, seconds: float) -> bool:
        return self.host.sleep(self.host.now() + seconds)

    def looks(self) -> Tone:
        return Tone(self._heard)

    def safe(self) -> None:
        self._write(0)


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Buzzer]
