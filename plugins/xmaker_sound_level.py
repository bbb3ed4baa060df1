"""How loud it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

from xmaker import Model, Quantity, Reading, Seconds, Sound, hookimpl

QUIETEST = 60.0
"""Decibels below full scale that count as silence."""


@dataclass
class SoundLevel(Model):
    """How loud a sound is: 0 % is silence, 100 % the loudest that a microphone can tell.
    声音有多大：0 % 是安静，100 % 是麦克风能分辨的最大声。

    A sound of twice the amplitude gives 10 % more, wherever it begins, for ears work like that. In decibels: 0 % is -60 dB,
    100 % is 0 dB (the mean of the squares against full scale), and in between 0.6 dB make one per cent. Speech gives some
    60 %, a clap near the microphone 75 % and more.
    """

    use: ClassVar[str] = "sound_level"
    takes: ClassVar = (Sound,)
    gives: ClassVar = {"value": Quantity("%", 0, 100)}
    smooth: Seconds = 0.0
    """How long a loud moment is felt afterwards: 0 s shows each clap, 1 s how loud the room is.
    一次响声的影响保持多久：0 s 能看出每次拍手，1 s 表示房间有多吵。"""
    _power: float = field(init=False, default=0.0, repr=False)

    def run(self, value: Sound) -> Reading | None:
        import numpy as np

        if not len(value.samples):
            return None
        power = float(np.mean(np.square(value.samples.astype(np.float64) / 32768.0)))
        # the mean that sound level meters show (IEC 61672: "fast" is 0.125 s, "slow" 1 s)
        part = 1.0 - math.exp(-value.seconds / self.smooth) if self.smooth > 0 else 1.0
        self._power += part * (power - self._power)
        return Reading(round(percent(self._power), 1))


def percent(power: float) -> float:
    """Return the level of a mean square of full scale: 100 % + 10/6 % for each decibel."""
    if power <= 0.0:
        return 0.0
    return min(100.0, max(0.0, 100.0 * (1.0 + 10.0 * math.log10(power) / QUIETEST)))


@hookimpl
def xmaker_nodes() -> list[type[Model]]:
    return [SoundLevel]
