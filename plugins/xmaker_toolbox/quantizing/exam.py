"""The same pictures for every network: what it answers, and how that compares with the original's answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from xmaker import ModelCard, ProjectError, Session
from xmaker.values import Array
from xmaker_toolbox.evaluation.names import as_counted, numbers_of
from xmaker_toolbox.pictures import Picture, load_picture
from xmaker_toolbox.progress import Progress
from xmaker_toolbox.quantizing.judges import Metric, judge_of


class Marks(msgspec.Struct, frozen=True):
    """What an exam came to; see Candidate."""

    agreement: float
    accuracy: float | None
    loss: float


class Exam:
    """Compares networks with an original on pictures."""

    def __init__(self, card: ModelCard, pictures: Sequence[Picture], metric: Metric | None, max_loss: float) -> None:
        self._card, self._pictures, self._metric = card, pictures, metric
        self._judge = judge_of(card)
        self._right = numbers_of(card.label_names(), pictures) if card.task == "classify" else [None for _ in pictures]
        self.labelled = len(pictures) if metric else sum(number is not None for number in self._right)
        self._by_labels = bool(metric) or self.labelled * max_loss >= 100  # else one picture would be more than may be lost
        self._wanted: list[Any] = []
        self._best: float | None = None

    def first(self, original: Session, progress: Progress) -> Marks:
        """Hear the original. Raises ProjectError when its answers are no numbers."""
        self._wanted = []
        for picture, answer in self._answers(original, progress):
            if answer is None:
                raise ProjectError.of("XM585", file=self._card.path, picture=picture.path)
            self._wanted.append(answer)
        if self._card.task == "classify":
            said = [int(answer.argmax()) for answer in self._wanted]
            self._right = as_counted(self._card.label_names(), self._pictures, self._right, said)
        self._best = self._accuracy(self._wanted)
        return Marks(1.0, self._best, 0.0)

    def marks(self, network: Session, progress: Progress) -> Marks:
        """Return how a network's answers compare; one whose answers are no numbers loses everything."""
        found = [answer for _, answer in self._answers(network, progress)]
        if any(answer is None for answer in found):
            return Marks(0.0, None, 100.0)
        accuracy, best = self._accuracy(found), self._best
        expected = self._judge.expected(self._wanted, self._wanted) - self._judge.expected(self._wanted, found)
        loss = best - accuracy if self._by_labels and best is not None and accuracy is not None else expected
        return Marks(self._judge.agreement(self._wanted, found), accuracy, 100 * loss)

    def _answers(self, network: Session, progress: Progress) -> Iterator[tuple[Picture, Any]]:
        """Yield each picture with the answer to it; None for one that is not a number."""
        checked = Checked(network)
        with self._judge.reader(checked) as answer:
            for number, picture in enumerate(self._pictures):
                progress(number / len(self._pictures))
                found = answer(load_picture(picture.path))
                yield picture, None if checked.broken else found

    def _accuracy(self, answers: Sequence[Any]) -> float | None:
        if self._metric:
            return self._metric(self._pictures, answers)
        known = [(answer, right) for answer, right in zip(answers, self._right, strict=True) if right is not None]
        return sum(int(answer.argmax()) == right for answer, right in known) / len(known) if known else None


class Checked:
    """A session that notices answers that are no numbers."""

    def __init__(self, network: Session) -> None:
        self._network, self.outputs, self.broken = network, network.outputs, False

    def run(self, array: Array) -> Sequence[Array]:
        import numpy as np

        outputs = self._network.run(array)
        self.broken = any(one.dtype.kind == "f" and bool(np.isnan(one).any()) for one in outputs)
        return [np.nan_to_num(one) for one in outputs] if self.broken else outputs

    def close(self) -> None:
        """Leave it open: it is asked again."""
