"""Learns words from takes, and finds out how well: every take is judged by a head that never heard it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xmaker import Session
from xmaker_keywords.augment import varied
from xmaker_keywords.embedding import FIRST, SIZE, STEP, embed
from xmaker_keywords.head import OTHER, Head, fit
from xmaker_keywords.listening import AROUND, FRAME
from xmaker_keywords.takes import Takes

BANK = Path(__file__).parent / "other_words.npy"
"""What other words sound like: (words, 15, 96) int8, in units of SCALE; see build_heads.py."""
SCALE = 0.75
FEWEST, MOST = 7, 15
"""Windows that a head looks at: 1.28 s, and 1.92 s for long words. Odd, so that their middles are the same."""
QUIET = 3200
"""Samples of quiet that a head should see around a word: 0.2 s."""
VARIANTS = 8
"""Versions that are made of each take, besides itself."""
FOLDS = 5


@dataclass
class Lesson:
    """What was learnt, and how well."""

    head: Head
    confusion: Any
    """(words, words and other) counts: which word was said, and as which it was heard."""

    @property
    def accuracy(self) -> float:
        return float(self.confusion.diagonal().sum() / self.confusion.sum())


def learn(words: list[Takes], session: Session, min_score: float) -> Lesson:
    """Learn from the takes; those of `other` come last. The same takes give the same head."""
    import numpy as np

    windows = windows_for([sound for takes in words for sound in takes.sounds])
    known = [takes for takes in words if takes.word not in OTHER]
    made = [[versions(sound, session, windows, number) for number, sound in enumerate(takes.sounds)] for takes in words]
    bank = other_words(windows)
    confusion = np.zeros((len(known), len(known) + 1), int)
    folds = min(FOLDS, *(len(takes.sounds) for takes in known))
    for fold in range(folds):
        head = _fit([[take for at, take in enumerate(one) if at % folds != fold] for one in made], bank, len(known))
        for word, one in enumerate(made[: len(known)]):
            for take in one[fold::folds]:
                confusion[word, _heard(head, take[0], min_score)] += 1
    return Lesson(_fit(made, bank, len(known)), confusion)


def _fit(made: list[list[Any]], bank: Any, words: int) -> Head:
    import numpy as np

    rows = [np.concatenate(one) if one else bank[:0] for one in made]
    classes = [np.full(len(row), min(word, words)) for word, row in enumerate(rows)]
    return fit(np.concatenate((*rows, bank)), np.concatenate((*classes, np.full(len(bank), words))), words + 1)


def _heard(head: Head, features: Any, min_score: float) -> int:
    scores = head.scores(features)
    return int(scores.argmax()) if scores.max() >= min_score else len(scores) - 1


def versions(sound: Any, session: Session, windows: int, seed: int) -> Any:
    """Return the (versions, windows * 96) features of a take: itself first, then as it might have been said, too."""
    import numpy as np

    chance = np.random.default_rng(seed)
    return np.stack([embed(session, one, windows) for one in (sound, *(varied(sound, chance) for _ in range(VARIANTS)))])


def windows_for(sounds: list[Any]) -> int:
    """Return how many windows the words want: nine of ten words fit in wholly."""
    import numpy as np

    longest = float(np.percentile([len(sound) for sound in sounds], 90)) - 2 * AROUND * FRAME
    needed = int(np.ceil((longest + QUIET - FIRST) / STEP)) + 1
    return min(MOST, max(FEWEST, needed | 1))


def other_words(windows: int) -> Any:
    """Return the (n, windows * 96) features of words in many voices, none of which is what is taught, or hardly ever."""
    import numpy as np

    bank = np.load(BANK)
    cut = (bank.shape[1] - windows) // 2
    return (bank[:, cut : cut + windows].astype(np.float32) * SCALE).reshape(len(bank), windows * SIZE)
