"""Says what is in a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from xmaker_vision.prepare import Preparer

from xmaker import Count, Frame, Label, LabelName, Model, ModelCard, ProjectError, Seconds, Session, hookimpl

MOST_WEIGHT = 0.4
"""The most that one frame counts against those before it: less than half, so that one wrong frame never flips the label."""


@dataclass
class Classifier(Model):
    """Gives the label of the picture, its score, and the best few labels.
    给出画面的标签、得分，和最像的几个标签。

    `smooth` averages the scores of a live picture over that time, so that a label does not flicker; 0 switches it off.
    Pictures from different files are never mixed.
    """

    use: ClassVar[str] = "classifier"
    takes: ClassVar = (Frame,)
    gives: ClassVar = Label
    model: str = "imagenet"
    """The model: a name (`xmaker model list`) or the path of an .onnx file."""
    top: Count = 5
    """How many of the best labels to give."""
    smooth: Seconds = 0.3
    """Over how long the scores of a live picture are averaged."""
    threads: Count = 1
    """How many threads the network may use."""
    _card: ModelCard = field(init=False, repr=False)
    _session: Session = field(init=False, repr=False)
    _names: tuple[LabelName, ...] = field(init=False, repr=False)
    _preparer: Preparer = field(init=False, repr=False)
    _last: Any = field(init=False, default=None, repr=False)
    _source: str = field(init=False, default="", repr=False)
    _time: float = field(init=False, default=0.0, repr=False)

    def check(self) -> None:
        card = self.host.model(self.model)
        if card.task != "classify":
            raise ProjectError.of("XM619", model=self.model, task=card.task)

    def known_labels(self) -> tuple[str, ...]:
        return self.host.model(self.model).label_names()

    def open(self) -> None:
        self._card = self.host.model(self.model)
        self._session = self.host.session(self._card, self.threads)
        self._names = self._card.label_names()
        self._preparer = Preparer(self._card.input)
        self._last = None

    def run(self, value: Frame) -> Label:
        scores = self._smoothed(self._session.run(self._preparer.tensor(value.image))[0].reshape(-1), value.source)
        best = int(scores.argmax())
        return Label(self._name(best), float(scores[best]), partial(self._ranking, scores))

    def _ranking(self, scores: Any) -> tuple[tuple[str, float], ...]:
        best = scores.argsort()[::-1][: max(1, self.top)].tolist()
        return tuple((self._name(index), float(scores[index])) for index in best)

    def _name(self, index: int) -> LabelName:
        """Return the name of a class; its number where the card does not name it."""
        return self._names[index] if index < len(self._names) else LabelName(str(index))

    def _smoothed(self, scores: Any, source: str) -> Any:
        """Return an exponential moving average of the scores, with `smooth` as its time constant."""
        now = self.host.moment
        if not self.smooth or self._last is None or source != self._source or now < self._time:
            self._last = scores.astype("float32")
        else:
            import cv2

            weight = min(MOST_WEIGHT, 1.0 - math.exp(-(now - self._time) / self.smooth))
            self._last = cv2.addWeighted(scores, weight, self._last, 1.0 - weight, 0.0).reshape(
                -1
            )  # new: the label keeps the old
        self._source, self._time = source, now
        return self._last


@hookimpl
def xmaker_nodes() -> list[type[Model]]:
    return [Classifier]
