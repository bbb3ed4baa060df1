"""Changes how many samples a second a sound has."""

from __future__ import annotations

from math import gcd
from typing import Any

ZEROS = 24
"""Zero crossings of the sinc on either side: what would fold back into speech is 70 dB down."""
PASSED = 0.92
"""Part of the lower rate's band that passes; the rest is the slope of the filter."""
BETA = 8.0
"""Shape of the Kaiser window: 80 dB."""
MOST_PHASES = 1024
"""Places between two samples that have a filter of their own; odd pairs of rates take the nearest."""


class Resampler:
    """A windowed sinc that goes from chunk to chunk without a seam. Takes and gives float arrays."""

    def __init__(self, source: int, target: int) -> None:
        import numpy as np

        common = gcd(source, target)
        self._up, self._down = target // common, source // common
        self._phases = min(self._up, MOST_PHASES)
        scale = min(1.0, target / source)
        self._half = int(np.ceil(ZEROS / scale))
        self._filters = _filters(self._phases, self._half, PASSED * scale)
        self._waiting: Any = np.zeros(self._half - 1, np.float32)
        self._given = self._dropped = 0

    def run(self, samples: Any) -> Any:
        """Return what can be said by now; the last few samples wait for those that follow them."""
        import numpy as np

        if self._up == self._down:
            return samples
        taps = 2 * self._half
        self._waiting = np.concatenate((self._waiting, samples.astype(np.float32)))
        last = len(self._waiting) - taps + self._dropped
        end = max(self._given, ((last + 1) * self._up - 1) // self._down + 1)
        places = np.arange(self._given, end, dtype=np.int64) * self._down
        starts, phases = places // self._up - self._dropped, places % self._up * self._phases // self._up
        made = np.zeros(0, np.float32)
        if len(places):
            windows = np.lib.stride_tricks.sliding_window_view(self._waiting, taps)[starts]
            made = np.einsum("ij,ij->i", windows, self._filters[phases])
        self._given = end
        self._drop(end * self._down // self._up - self._dropped)
        return made

    def _drop(self, count: int) -> None:
        count = min(count, len(self._waiting))
        self._waiting = self._waiting[count:]
        self._dropped += count

    def finish(self) -> Any:
        """Return what still waits, as if silence followed."""
        import numpy as np

        return self.run(np.zeros(self._half if self._up != self._down else 0, np.float32))


class AnyRate:
    """Brings sounds of any rate to one; when theirs changes, it begins anew."""

    def __init__(self, target: int) -> None:
        self._target = self._rate = target
        self._resampler = Resampler(target, target)

    def run(self, samples: Any, rate: int) -> Any:
        """As `Resampler.run`."""
        if rate != self._rate:
            self._rate, self._resampler = rate, Resampler(rate, self._target)
        return self._resampler.run(samples)


def _filters(phases: int, half: int, cutoff: float) -> Any:
    """Return one filter for each place between two samples; each leaves the level of a steady sound as it is."""
    import numpy as np

    distance = np.arange(phases)[:, None] / phases + half - 1 - np.arange(2 * half)[None, :]
    window = np.i0(BETA * np.sqrt(np.clip(1 - (distance / half) ** 2, 0, 1))) / np.i0(BETA)
    filters = np.sinc(cutoff * distance) * window
    return (filters / filters.sum(axis=1, keepdims=True)).astype(np.float32)


def to_int16(samples: Any) -> Any:
    """Return a sound of -1..1 as int16: 1.0 is full scale."""
    import numpy as np

    return np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
