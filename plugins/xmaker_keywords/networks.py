"""From a word to its scores: by the frozen embedding and a head, or by a network that looks at a spectrogram's picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xmaker_vision.prepare import Preparer

from xmaker import ModelCard, Session
from xmaker_keywords.embedding import RATE, embed
from xmaker_keywords.head import head_in, softmax

Scores = Callable[[Any], Any]
"""(n,) float32 samples at 16 kHz → (words,) scores."""


def by_embedding(card: ModelCard, session: Session) -> Scores:
    """Return what scores a word by a head; the session is the embedding's."""
    head = head_in(card)
    return lambda word: head.scores(embed(session, word, head.windows))


def by_picture(card: ModelCard, session: Session, swap: bool, seconds: float) -> Scores:
    """Return what scores a sound by the picture of its spectrogram, made as XEdu's tutorial does.

    The tutorial hands an RGB picture to a function that takes BGR: `swap` does the same.
    """
    import numpy as np

    from xmaker_keywords.logmel import picture

    preparer, length, logits = Preparer(card.input), round(seconds * RATE), card.decode.get("scores") == "logits"

    def scores(sound: Any) -> Any:
        image = picture(sound[-length:] if len(sound) > length else sound)
        bgr = image if swap else np.ascontiguousarray(image[..., ::-1])
        found = session.run(preparer.tensor(bgr))[0].reshape(-1)
        return softmax(found) if logits else found

    return scores
