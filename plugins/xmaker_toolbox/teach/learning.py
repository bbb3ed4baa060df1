"""Learns classes from the features of pictures, and finds out how well: each picture is judged by a head that never saw it."""

from __future__ import annotations

from typing import Any

import msgspec
from xmaker_keywords.head import Head, fit

FOLDS = 5
ALIKE = 0.8
"""From which cosine of their features on two pictures are of one moment. Measured: neighbours in a burst 0.91 and more, one
photo and the next of another animal 0.67 at most."""


class Learnt(msgspec.Struct):
    """A head, and how well heads like it did on pictures that they had not seen."""

    head: Head
    confusion: list[list[int]]
    """A row for what it is, a column for what was said."""

    @property
    def accuracy(self) -> float:
        right = sum(row[number] for number, row in enumerate(self.confusion))
        return right / sum(map(sum, self.confusion))


def learn(features: list[Any]) -> Learnt:
    """Learn from the features of each class: (pictures, versions, 1280) float32, a picture as it is first of its versions."""
    import numpy as np

    folds = min(FOLDS, *map(len, features))
    confusion = [[0] * len(features) for _ in features]
    for fold in range(folds):
        head = _fit([np.delete(one, np.s_[fold::folds], axis=0) for one in features])
        for number, one in enumerate(features):
            for said in head.scores(one[fold::folds, 0]).argmax(axis=1).tolist():
                confusion[number][said] += 1
    return Learnt(_fit(features), confusion)


def moments(features: Any) -> int:
    """Return at how many moments the pictures of a class were taken, of its (pictures, versions, 1280) features in their order.

    Pictures of one moment are near copies. One of them that is held out is judged with its copies among what was learnt, and
    then accuracy says how well things are known again, not how well others of their kind are.
    """
    import numpy as np

    rows = features[:, 0] / np.linalg.norm(features[:, 0], axis=1, keepdims=True).clip(1e-9)
    return 1 + int(((rows[1:] * rows[:-1]).sum(axis=1) < ALIKE).sum())


def _fit(features: list[Any]) -> Head:
    import numpy as np

    rows = [one.reshape(-1, one.shape[-1]) for one in features]
    classes = np.concatenate([np.full(len(row), number) for number, row in enumerate(rows)])
    return fit(np.concatenate(rows), classes, len(features))
