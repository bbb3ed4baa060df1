"""Voice activity: cuts single words out of a stream of sound, so that silence costs nothing.

A word begins where the sound rises above the room's own noise, and ends with a short pause. What goes on for longer than a word
is none: music, a fan, a lesson. What such a noise leaves behind is a higher idea of how loud the room is.
"""

from __future__ import annotations

import math
from typing import Any

RATE = 16000
FRAME = 320
"""Samples of which the loudness is looked at: 20 ms."""
QUIETEST = -60.0
"""Decibels of full scale below which no room counts as being: a muted microphone gives nothing at all."""
BEGINS, GOES_ON = 12.0, 6.0
"""Decibels above the room at which a word begins, and down to which it goes on."""
FADES = 20.0
"""Decibels below its loudest frame at which a word has faded away, however quiet the room is."""
FOLLOWS = 0.05
"""The part of the way by which the room's loudness follows each frame while nobody speaks: it takes half a second."""
AROUND = 15
"""Frames of quiet that end a word, and that are kept before and after it: 0.3 s."""
DYNAMIC = 25.0
"""Decibels from the loudest of a word down to its room, at least: the quietest of a recording may be speech itself."""
STEADY = 6.0
"""Decibels by which a recording must change to hold anything but noise."""
SHORTEST, LONGEST = 4, 125
"""Frames of a word: 80 ms to 2.5 s."""


class Listener:
    """Takes sound in pieces of any length, and gives the words in it."""

    def __init__(self, wanted: float = 0.0) -> None:
        """`wanted`: how many seconds to take from where a word begins, whatever they hold; 0 is to its end."""
        import numpy as np

        self._wanted = round(wanted * RATE / FRAME)
        self._rest: Any = np.zeros(0, np.float32)
        self._frames: list[Any] = []
        """What came lately: a word under way with what was before it, or only the latter."""
        self._before = 0
        """How many of the frames were before the word."""
        self._loud = 0
        """Frames of the word that were loud; 0 while there is none."""
        self._quiet = 0
        """Frames of quiet since then."""
        self._lowest = self._highest = 0.0
        """Decibels of its quietest and its loudest frame."""
        self.room: float | None = None
        """How loud the room is without anybody speaking, in decibels of full scale; what comes first says it first."""

    def hear(self, samples: Any) -> list[Any]:
        """Return the words that have ended in (n,) float32 samples of -1..1 at 16 kHz; 0.3 s more on either side."""
        import numpy as np

        sound = np.concatenate((self._rest, samples))
        count = len(sound) // FRAME
        frames, self._rest = sound[: count * FRAME].reshape(count, FRAME), sound[count * FRAME :]
        power = np.einsum("ij,ij->i", frames, frames).tolist()
        words = []
        for frame, one in zip(frames, power, strict=True):
            decibels = max(QUIETEST, 10.0 * math.log10(one / FRAME + 1e-12))
            if (word := self._next(frame, decibels)) is not None:
                words.append(word)
        return words

    def finish(self) -> list[Any]:
        """Return the word that is under way when the sound ends: as if silence followed."""
        import numpy as np

        return self.hear(np.zeros((max(AROUND, self._wanted) + 1) * FRAME, np.float32))

    def _next(self, frame: Any, decibels: float) -> Any:
        """Take one frame; return a word when it ends one."""
        self._frames.append(frame)
        room = decibels if self.room is None else self.room
        if not self._loud:
            del self._frames[: -AROUND - 1]
            if decibels >= room + BEGINS:
                self._before, self._loud, self._quiet = len(self._frames) - 1, 1, 0
                self._lowest = self._highest = decibels
            self.room = room + FOLLOWS * (min(decibels, room + BEGINS) - room)
            return None
        if decibels >= max(room + GOES_ON, self._highest - FADES):
            self._loud, self._quiet = self._loud + 1, 0
            self._lowest, self._highest = min(self._lowest, decibels), max(self._highest, decibels)
        else:
            self._quiet += 1
        length = len(self._frames) - self._before
        if length >= self._wanted if self._wanted else self._quiet >= AROUND:
            return self._end(length - self._quiet)
        if length - self._quiet > LONGEST and not self._wanted:
            self.room = self._lowest
            self._end(0)
        return None

    def _end(self, length: int) -> Any:
        import numpy as np

        frames, enough = self._frames, self._loud >= SHORTEST and length
        self._frames, self._loud = frames[-AROUND:], 0
        return np.concatenate(frames) if enough else None


def loudest_word(samples: Any) -> Any:
    """Return the loudest word of a recording, with 0.3 s on either side; None when there is none.

    A recording may begin and end with the word, so its quietest tenth tells how loud the room is, if it is quiet at all.
    """
    import numpy as np

    silence = np.zeros(FRAME * AROUND, np.float32)
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    if not len(frames):
        return None
    loudness = 10.0 * np.log10(np.square(frames).mean(axis=1) + 1e-12)
    if loudness.max() - np.percentile(loudness, 10) < STEADY:
        return None
    listener = Listener()
    room = min(np.percentile(loudness, 10), loudness.max() - DYNAMIC)
    listener.room = float(max(QUIETEST, room))
    words = listener.hear(np.concatenate((silence, samples, silence, silence[:FRAME])).astype(np.float32))
    return max(words, key=lambda word: float(np.square(word).sum()), default=None)
