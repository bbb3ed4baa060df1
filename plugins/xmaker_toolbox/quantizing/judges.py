"""How alike the answers of two networks are, and how right: by the task of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any, Protocol

from xmaker import Detection, Frame, ModelCard, Plugins, Session
from xmaker.values import Array
from xmaker_toolbox.evaluation.matching import overlap
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.pictures import Picture

Metric = Callable[[Sequence[Picture], Sequence[Any]], float]
"""Gives the part, 0..1, in which answers to labelled pictures are right: scores of a classifier, lists of Detection."""


class Judge(Protocol):
    """Knows one task. Answers are lists, one answer for each picture."""

    def __init__(self, card: ModelCard) -> None: ...

    def reader(self, session: Session) -> AbstractContextManager[Callable[[Array], Any]]:
        """Open what gives a network's answer to a (height, width, 3) uint8 BGR picture."""

    def agreement(self, wanted: Sequence[Any], found: Sequence[Any]) -> float:
        """Return the part, 0..1, in which answers are the same."""

    def expected(self, wanted: Sequence[Any], found: Sequence[Any]) -> float:
        """Return how much of `found` is right, 0..1, if `wanted` is as sure as it should be."""


def judge_of(card: ModelCard) -> Judge:
    kinds: dict[str, type[Judge]] = {"classify": Labels, "detect": Boxes}
    return kinds.get(card.task, Outputs)(card)


class Outputs:
    """Judges the numbers that come out, where nobody knows what they mean: by the angle between them."""

    def __init__(self, card: ModelCard) -> None:
        self._card = card

    @contextmanager
    def reader(self, session: Session) -> Iterator[Callable[[Array], Any]]:
        import numpy as np
        from xmaker_vision.prepare import Preparer

        preparer = Preparer(self._card.input)
        yield lambda image: np.concatenate(
            [np.asarray(one, np.float32).reshape(-1) for one in session.run(preparer.tensor(image))]
        )

    def agreement(self, wanted: Sequence[Any], found: Sequence[Any]) -> float:
        return sum(map(cosine, wanted, found)) / len(wanted)

    def expected(self, wanted: Sequence[Any], found: Sequence[Any]) -> float:
        return self.agreement(wanted, found)


class Labels(Outputs):
    """Judges classifiers by their best label."""

    @contextmanager
    def reader(self, session: Session) -> Iterator[Callable[[Array], Any]]:
        import numpy as np
        from xmaker_vision.prepare import Preparer

        preparer, logits = Preparer(self._card.input), self._card.decode.get("scores") == "logits"

        def scores(image: Array) -> Array:
            given = np.array(session.run(preparer.tensor(image))[0], np.float32).reshape(-1)
            if not logits:
                return given
            made = np.exp(given - given.max())
            return np.asarray(made / made.sum())

        yield scores

    def agreement(self, wanted: Sequence[Any], found: Sequence[Any]) -> float:
        return sum(int(one.argmax() == other.argmax()) for one, other in zip(wanted, found, strict=True)) / len(wanted)

    def expected(self, wanted: Sequence[Any], found: Sequence[Any]) -> float:
        """The original's score of a label says how often it is right; so it says that of another network's label, too."""
        return float(sum(one[other.argmax()] for one, other in zip(wanted, found, strict=True)) / len(wanted))


class Boxes:
    """Judges detectors by the boxes that they find."""

    OVERLAP = 0.5
    """Two boxes of a label that overlap so much (IoU) show the same thing, as the PASCAL VOC challenge has it."""
    WEAKEST = 0.02
    """The lowest score that is looked at: average precision wants the weak ones, too."""

    def __init__(self, card: ModelCard) -> None:
        self._card = card
        self._sure = card.decode.get("min_score", 0.4)

    @contextmanager
    def reader(self, session: Session) -> Iterator[Callable[[Array], Any]]:
        host = SimpleNamespace(name="model", moment=0.0, model=lambda _: self._card, session=lambda *_: session)
        numbers = count()
        with opened(Plugins.load(), "detector", host, min_score=self.WEAKEST) as node:  # as a project reads them
            yield lambda image: node.run(Frame(image, str(next(numbers)))).items

    def agreement(self, wanted: Sequence[Any], found: Sequence[Any]) -> float:
        both = all_boxes = 0
        for one, other in zip(map(self._strong, wanted), map(self._strong, found), strict=True):
            both += sum(matched is not None for matched in self._matches(other, one))
            all_boxes += len(one) + len(other)
        return 2 * both / all_boxes if all_boxes else 1.0

    def expected(self, wanted: Sequence[Any], found: Sequence[Any]) -> float:
        """The original's score of a box says how often it is right; a box where it has none is wrong. F1 of all boxes."""
        right = boxes = things = 0.0
        for one, other in zip(wanted, found, strict=True):
            strong = self._strong(other)
            right += sum(matched.score for matched in self._matches(strong, one) if matched)
            boxes += len(strong)
            things += sum(box.score for box in self._strong(one))
        return 2 * right / (boxes + things) if boxes + things else 1.0

    def _strong(self, boxes: list[Detection]) -> list[Detection]:
        return [box for box in boxes if box.score >= self._sure]

    def _matches(self, boxes: list[Detection], others: list[Detection]) -> list[Detection | None]:
        """Return for each box, the best first, the one of the others that shows the same thing; none of them twice."""
        left, found = list(others), []
        for box in boxes:
            overlaps = [(overlap(box.box, one.box), number) for number, one in enumerate(left) if one.number == box.number]
            best, number = max(overlaps, default=(0.0, -1))
            found.append(left.pop(number) if best >= self.OVERLAP else None)
        return found


def cosine(one: Any, other: Any) -> float:
    """Return the cosine of the angle between two answers; 1 for the same, zeros included."""
    import numpy as np

    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / length if length else float((one == other).all())
