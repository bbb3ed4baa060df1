"""Makes more of few takes: as if the same word had been said faster, slower, further away, in noise, over a poor microphone.

Of digits by real speakers whom a head had never heard, 97 of 100 were right with it, 95 without.
"""

from __future__ import annotations

from typing import Any

RATE = 16000
ROOM = 1.5
"""Seconds of sound around a word: more than any window looks at."""


def varied(word: Any, chance: Any) -> Any:
    """Return another version of a word; `chance` is a numpy Generator."""
    import numpy as np

    word = _faster(word, chance.uniform(0.85, 1.18))
    if chance.random() < 0.5:
        word = _in_a_room(word, chance)
    shift = int(chance.uniform(-0.24, 0.24) * RATE)
    missing = max(0, int(ROOM * RATE) - len(word) - abs(shift))
    sound = np.pad(word, (max(0, shift) + missing // 2, max(0, -shift) + missing - missing // 2))
    if chance.random() < 0.3:
        sound = _muffled(sound, chance.uniform(3200, 4200))
    loudness = float(np.abs(word).max()) * 10 ** (-chance.uniform(20, 55) / 20)
    return (sound + loudness * _noise(len(sound), chance)).astype(np.float32)


def _faster(word: Any, factor: float) -> Any:
    """Return a word faster and higher by a factor, like a record: so a child's voice differs from a man's."""
    import numpy as np

    return np.interp(np.arange(int(len(word) / factor)) * factor, np.arange(len(word)), word)


def _in_a_room(word: Any, chance: Any) -> Any:
    """Return a word with echoes that die away within 0.05 to 0.3 s."""
    import numpy as np

    length = int(chance.uniform(0.05, 0.3) * RATE)
    echo = chance.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length) * chance.uniform(0.02, 0.15)
    echo[0] = 1.0
    size = len(word) + length
    return np.fft.irfft(np.fft.rfft(word, size) * np.fft.rfft(echo, size), size)


def _muffled(sound: Any, highest: float) -> Any:
    """Return a sound without what is above a frequency in hertz."""
    import numpy as np

    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(len(sound), 1 / RATE) > highest] = 0
    return np.fft.irfft(spectrum, len(sound))


def _noise(length: int, chance: Any) -> Any:
    """Return noise of loudness 1, from white to brown."""
    import numpy as np

    frequencies = np.maximum(np.fft.rfftfreq(length, 1 / RATE), 50.0)
    spectrum = chance.standard_normal(len(frequencies)) + 1j * chance.standard_normal(len(frequencies))
    noise = np.fft.irfft(spectrum / frequencies ** chance.uniform(0, 1), length)
    return noise / noise.std()
