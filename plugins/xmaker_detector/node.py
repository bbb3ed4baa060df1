"""Finds things in a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import msgspec

from xmaker import Count, Detections, Frame, Model, ModelCard, ProjectError, Seconds, hookimpl
from xmaker.errors import nearest

Part = Annotated[float, msgspec.Meta(ge=0, le=1)]
USUAL_SCORE = 0.4
WEAK = 0.5
"""What is followed stays until its score falls below this part of `min_score`."""


@dataclass
class Detector(Model):
    """Finds things in the picture: what each is, how sure that is, and where; and follows them from frame to frame.
    找出画面里的东西：各是什么、有多确定、在哪里；并在一帧一帧之间跟踪它们。

    In rules: `people.count("person")`; `people.nearest.x`, where the largest thing is (0 is the left edge, 1 the right one;
    `x_px` is in pixels); `people.entered("person")` and `people.left("person")`, true for one event; `people.total("person")`.
    """

    use: ClassVar[str] = "detector"
    takes: ClassVar = (Frame,)
    gives: ClassVar = Detections
    model: str = "objects"
    """The model: a name (`xmaker model list`) or the path of an .onnx file.
    模型：名字（见 `xmaker model list`），或 .onnx 文件的路径。"""
    labels: list[str] = field(default_factory=list)
    """Which labels to look for; without it all that the model knows.
    找哪些标签；不写就是模型认识的全部。"""
    min_score: Part | None = None
    """How sure the model must be, 0 to 1; without it what is best for the model.
    模型要有多大把握，0 到 1；不写就用对这个模型最合适的值。"""
    iou: Part = 0.5
    """Of boxes of one label that overlap more than this (0 to 1), only the best stays.
    同一标签的框重叠超过它（0 到 1），只留最好的一个。"""
    max: Count = 100
    """How many things to give at most.
    最多给出多少个物体。"""
    track: Seconds = 1.0
    """How long something that is out of sight is remembered, and is the same when it comes back.
    物体看不见以后记住多久；这期间再出现，算同一个。"""
    layout: str = ""
    """What the network's outputs mean, where XMaker cannot tell.
    网络的输出是什么意思，XMaker 认不出时才写。"""
    engine: str = ""
    """What runs the network: `auto` measures once which is the fastest; nothing is ONNX Runtime for an .onnx file.
    用什么运行网络：`auto` 测一次哪个最快；不写，.onnx 文件就用 ONNX Runtime。"""
    threads: Count | None = None
    """How many threads the network may use; nothing is one, and with `engine: auto` as many as is fastest.
    网络可以用几个线程；不写是一个，`engine: auto` 时用最快的数量。"""
    _finder: Any = field(init=False, repr=False)
    _follower: Any = field(init=False, repr=False)
    _sure: float = field(init=False, repr=False)
    _source: str | None = field(init=False, repr=False, default=None)
    _time: float = field(init=False, repr=False, default=0.0)

    def check(self) -> None:
        if self.layout:
            from xmaker_detector.layouts import layout_named

            layout_named(self.layout)
        card = self._card()
        if card.task != "detect":
            raise ProjectError.of("XM670", model=self.model, task=card.task)
        names = card.label_names()
        for label in self.labels:
            if names and label not in [*names]:
                known = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
                raise ProjectError.of("XM675", model=self.model, label=label, near=nearest(label, names), known=known)
        from xmaker_detector.reading import look_at_outputs

        look_at_outputs(card, self.layout, self.model)

    def _card(self) -> ModelCard:
        """Return the model's card. One made of its labels and shapes is made anew where the layout is said, for with that
        goes how pictures are prepared.
        """
        from xmaker_detector.reading import BESIDE, guessed_card

        card = self.host.model(self.model)
        if self.layout and card.path and card.format == BESIDE and card.task == "detect":
            from xmaker import read_onnx

            card = guessed_card(read_onnx(card.path), self.layout) or card
        return card

    def known_labels(self) -> tuple[str, ...]:
        names = self.host.model(self.model).label_names()
        return tuple(name for name in names if not self.labels or name in [*self.labels])

    def open(self) -> None:
        from xmaker_detector.finder import Finder
        from xmaker_detector.follow import Follower

        card = self._card()
        self._sure = card.decode.get("min_score", USUAL_SCORE) if self.min_score is None else self.min_score
        session = self.host.session(card, self.threads, self.engine)
        self._finder = Finder(card, session, WEAK * self._sure, self.iou, self.max, self.labels, self.layout)
        self._follower, self._source = Follower(self.track), None

    def close(self) -> None:
        self._finder.close()

    def run(self, value: Frame) -> Detections:
        now = self.host.moment
        scene = value.source != self._source or now < self._time
        self._source, self._time = value.source, now
        there, came, gone = self._follower.follow(self._finder.find(value.image), self._sure, now, scene)
        return Detections(there, value.width, value.height, came, gone, dict(self._follower.totals))


@hookimpl
def xmaker_nodes() -> list[type[Model]]:
    return [Detector]
