"""Says what is in a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, ClassVar

import msgspec
from xmaker_vision.prepare import Preparer

from xmaker import Count, Frame, Label, LabelName, Model, ModelCard, NodeError, ProjectError, Seconds, Session, hookimpl
from xmaker.errors import nearest

MOST_WEIGHT = 0.4
"""The most that one frame counts against those before it: less than half, so that one wrong frame never flips the label."""
UNKNOWN = LabelName("unknown", "未知")


@dataclass
class Classifier(Model):
    """Gives the label of the picture, its score, and the best few labels.
    给出画面的标签、得分，和最像的几个标签。

    `smooth` averages the scores of a live picture over that time, so that a label does not flicker; 0 switches it off.
    Pictures from different files are never mixed. `groups: {cat: [tabby cat, Persian cat]}` makes one label of several, whose
    scores are added up.
    """

    use: ClassVar[str] = "classifier"
    takes: ClassVar = (Frame,)
    gives: ClassVar = Label
    model: str = "imagenet"
    """The model: a name (`xmaker model list`) or the path of an .onnx file.
    模型：名字（见 `xmaker model list`），或 .onnx 文件的路径。"""
    top: Count = 5
    """How many of the best labels to give.
    给出得分最高的几个标签。"""
    groups: dict[str, Annotated[list[str], msgspec.Meta(min_length=1)]] = field(default_factory=dict)
    """Labels that count as one, under the group's name.
    合并成一个的标签，用组的名字。"""
    min_score: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    """Below this score, from 0 to 1, the label is `unknown`.
    得分（0 到 1）低于它，标签就是 `unknown`。"""
    smooth: Seconds = 0.3
    """Over how long the scores of a live picture are averaged.
    实时画面的得分在多长时间里取平均。"""
    engine: str = ""
    """What runs the network: `auto` measures once which is the fastest; nothing is ONNX Runtime for an .onnx file.
    用什么运行网络：`auto` 测一次哪个最快；不写，.onnx 文件就用 ONNX Runtime。"""
    threads: Count | None = None
    """How many threads the network may use; nothing is one, and with `engine: auto` as many as is fastest.
    网络可以用几个线程；不写是一个，`engine: auto` 时用最快的数量。"""
    _session: Session = field(init=False, repr=False)
    _logits: bool = field(init=False, repr=False)
    _names: tuple[LabelName, ...] = field(init=False, repr=False)
    _into: Any = field(init=False, repr=False)
    _numbers: list[int] = field(init=False, repr=False)
    _preparer: Preparer = field(init=False, repr=False)
    _last: Any = field(init=False, default=None, repr=False)
    _source: str = field(init=False, default="", repr=False)
    _time: float = field(init=False, default=0.0, repr=False)

    def check(self) -> None:
        card = self.host.model(self.model)
        if card.task != "classify":
            raise ProjectError.of("XM619", model=self.model, task=card.task)
        self._grouped(card)

    def known_labels(self) -> tuple[str, ...]:
        names = self._grouped(self.host.model(self.model))[0]
        return (*names, UNKNOWN) if names and self.min_score else names

    def open(self) -> None:
        card = self.host.model(self.model)
        self._session = self.host.session(card, self.threads, self.engine)
        self._logits = card.decode.get("scores") == "logits"
        self._names, self._into = self._grouped(card)
        self._numbers = [self._number(card, str(name)) for name in self._names] if self._into else []
        self._preparer = Preparer(card.input)
        self._last = None

    def close(self) -> None:
        self._session.close()

    def run(self, value: Frame) -> Label:
        scores = self._scores(self._session.run(self._preparer.tensor(value.image))[0].reshape(-1))
        scores = self._smoothed(scores, value.source)
        best = int(scores.argmax())
        score = float(scores[best])
        if not math.isfinite(score):
            self._last = None
            raise NodeError.of("XM654", model=self.model)
        if score < self.min_score:
            return Label(UNKNOWN, score, partial(self._ranking, scores))
        return Label(self._name(best), score, partial(self._ranking, scores), self._numbers[best] if self._numbers else best)

    def _grouped(self, card: ModelCard) -> tuple[tuple[LabelName, ...], list[int]]:
        """Return the labels that remain, and which of them each of the network's labels becomes; [] without groups."""
        names = card.label_names()
        if not self.groups:
            return names, []
        group_of: dict[int, str] = {}
        for group, members in self.groups.items():
            for member in members:
                found = [number for number, name in enumerate(names) if name == member]
                if not found:
                    known = [*names, *(name.other for name in names)]
                    raise ProjectError.of("XM656", label=member, model=self.model, meant=nearest(member, known))
                if other := next((group_of[number] for number in found if group_of.get(number, group) != group), ""):
                    raise ProjectError.of("XM425", label=member, groups=f"{other}, {group}", model=self.model)
                group_of.update(dict.fromkeys(found, group))
        for number, name in enumerate(names):
            for group in self.groups:
                if name == group != group_of.get(number):
                    raise ProjectError.of("XM426", group=group, model=self.model)
        kept = tuple(name for number, name in enumerate(names) if number not in group_of)
        remaining = (*map(LabelName, self.groups), *kept)
        places = {str(name): place for place, name in enumerate(remaining)}
        return remaining, [places[group_of.get(number, str(name))] for number, name in enumerate(names)]

    def _number(self, card: ModelCard, name: str) -> int:
        """Return which of the model's labels a name is; of a group, that of the first label that it names."""
        first = next(iter(self.groups.get(name, [name])))
        return next(number for number, label in enumerate(card.label_names()) if label == first)

    def _scores(self, scores: Any) -> Any:
        """Return the scores as probabilities, those of each group added up."""
        import numpy as np

        labels = len(self._into or self._names)
        if labels and labels != scores.size:
            raise ProjectError.of("XM650", file=self.model, scores=scores.size, labels=labels)
        scores = scores.astype(np.float32, copy=False)
        if self._logits:
            scores = np.exp(scores - scores.max())
            scores /= scores.sum()
        return np.bincount(self._into, scores, len(self._names)).astype(np.float32) if self._into else scores

    def _ranking(self, scores: Any) -> tuple[tuple[str, float], ...]:
        best = scores.argsort()[::-1][: max(1, self.top)].tolist()
        return tuple((self._name(index), float(scores[index])) for index in best)

    def _name(self, index: int) -> LabelName:
        """Return the name of a class; its number where the card does not name it."""
        return self._names[index] if self._names else LabelName(str(index))

    def _smoothed(self, scores: Any, source: str) -> Any:
        """Return an exponential moving average of the scores, with `smooth` as its time constant."""
        now = self.host.moment
        if not self.smooth or self._last is None or source != self._source or now < self._time:
            self._last = scores.copy()  # the engine may use its memory again
        else:
            import cv2

            weight = min(MOST_WEIGHT, 1.0 - math.exp(-(now - self._time) / self.smooth))
            mixed = cv2.addWeighted(scores, weight, self._last, 1.0 - weight, 0.0)
            self._last = mixed.reshape(-1)  # new: the label keeps the old
        self._source, self._time = source, now
        return self._last


@hookimpl
def xmaker_nodes() -> list[type[Model]]:
    return [Classifier]
