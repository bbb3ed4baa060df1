"""What a word sounds like, as numbers: Google's speech embedding, frozen, in the box (see speech-embedding.json).

It looks at 0.775 s of sound at a time, every 80 ms, and gives 96 numbers for each: sounds that people hear as alike are near
each other, whoever speaks and whatever the language. So a few takes of a word are enough to tell it from others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xmaker import Session

MODEL = Path(__file__).parent / "speech_embedding.onnx"
RATE = 16000
FIRST, STEP, SIZE = 12400, 1280, 96
"""Samples of the first window, samples from one to the next, and numbers of each."""
PEAK = 0.6
"""What the loudest sample becomes: how near somebody stands to the microphone must not matter."""


def samples_of(windows: int) -> int:
    """Return how many samples so many windows look at."""
    return FIRST + (windows - 1) * STEP


def embed(session: Session, word: Any, windows: int) -> Any:
    """Return the (windows * 96,) float32 features of a word, whose middle is the middle of the windows."""
    import numpy as np

    sound = centred(word, samples_of(windows))
    sound = sound * (PEAK / max(1e-6, float(np.abs(sound).max())))
    return session.run(sound[None].astype(np.float32))[0].reshape(-1)


def centred(word: Any, length: int) -> Any:
    """Return so many samples from the middle of a word; silence is around what is shorter."""
    import numpy as np

    missing = length - len(word)
    if missing > 0:
        return np.pad(word, (missing // 2, missing - missing // 2))
    return word[-missing // 2 :][:length]
