"""From a word to its scores: by the frozen embedding and a head, or by a network that looks at a spectrogram's picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from xmaker_vision.prepare import Preparer

from xmaker import ModelCard, Session
from xmaker_keywords.embedding import MODEL, RATE, embed
from xmaker_keywords.head import head_in

Load = Callable[[ModelCard], Session]
Scores = Callable[[Any], Any]
"""(n,) float32 samples at 16 kHz → (words,) scores."""


def by_embedding(card: ModelCard, load: Load) -> Scores:
    """Return what scores a word by a head; the embedding is the one in the box, wherever the head's file lies."""
    head, session = head_in(card), load(replace(card, path=MODEL))
    return lambda word: head.scores(embed(session, word, head.windows))


def by_picture(card: ModelCard, load: Load, swap: bool, seconds: float) -> Scores:
    """Return what scores a sound by the picture of its spectrogram, made as XEdu's tutorial does.

    The tutorial hands an RGB picture to a function that takes BGR: `swap` does the same.
    """
    import numpy as np

    from xmaker_keywords.logmel import picture

    session, preparer, length = load(card), Preparer(card.input), round(seconds * RATE)

    def scores(sound: Any) -> Any:
        image = picture(sound[-length:] if len(sound) > length else sound)
        bgr = image if swap else np.ascontiguousarray(image[..., ::-1])
        return session.run(preparer.tensor(bgr))[0].reshape(-1)

    return scores
