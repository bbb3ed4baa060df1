"""Hears words: those of a head in the box, or any that somebody has taught it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import msgspec
from xmaker_audio.resample import AnyRate

from xmaker import (
    Count,
    Label,
    LabelName,
    Model,
    NodeError,
    ProjectError,
    Seconds,
    Session,
    Sound,
    hookimpl,
)
from xmaker.cards import is_file_name
from xmaker_keywords.embedding import MODEL
from xmaker_keywords.head import OTHER, TASK
from xmaker_keywords.listening import RATE, Listener


class Keyword(Label):
    """A word that was heard: true for one event, as a key is."""

    momentary: ClassVar[bool] = True


@dataclass
class Keywords(Model):
    """Gives the word that was said, and its score: `when: word == "开灯"`. What is none of its words is `other`.
    说的是哪个词，得分多少：`when: word == "开灯"`。不是这些词的声音叫“其他”（`other`）。

    A word must be said by itself, with a short pause after it. `xmaker model teach FOLDER` teaches it words of your own, in any
    language or dialect, or sounds such as a whistle. A network that tells pictures of sounds apart (spectrograms in the colours
    of viridis, as XEdu's dialect project makes them) may be given as well.
    """

    use: ClassVar[str] = "keywords"
    takes: ClassVar = (Sound,)
    gives: ClassVar = Keyword
    model: str = "digits"
    """The words: a name (`xmaker model list`), the file that `xmaker model teach` wrote, or an .onnx file for spectrograms.
    认哪些词：名字（见 `xmaker model list`）、`xmaker model teach` 写的文件，或用频谱图的 .onnx 文件。"""
    min_score: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    """From which score on, from 0 to 1, a word counts; below, it is `other`.
    得分（0 到 1）达到多少算数；低于它就是 `other`。"""
    engine: str = ""
    """What runs the network: `auto` measures once which is the fastest; nothing is ONNX Runtime for an .onnx file.
    用什么运行网络：`auto` 测一次哪个最快；不写，.onnx 文件就用 ONNX Runtime。"""
    threads: Count | None = None
    """How many threads the network may use; nothing is one, and with `engine: auto` as many as is fastest.
    网络可以用几个线程；不写是一个，`engine: auto` 时用最快的数量。"""
    seconds: Annotated[Seconds, msgspec.Meta(ge=0.1, le=10)] = 2.0
    """For spectrograms: how much sound the network looks at, from where the word begins.
    用频谱图时：网络从词的开头起看多长的声音。"""
    swap: bool = True
    """For spectrograms: red and blue change places, as in the tutorial; false for a network that learnt from saved pictures.
    用频谱图时：红和蓝互换，和教程里一样；用保存的图片训练的网络写 false。"""
    _names: tuple[LabelName, ...] = field(init=False, repr=False)
    _session: Session = field(init=False, repr=False)
    _scores: Any = field(init=False, repr=False)
    _listener: Listener = field(init=False, repr=False)
    _at_one_rate: AnyRate = field(init=False, repr=False)

    def check(self) -> None:
        card = self.host.model(self.model)
        spectrograms = card.task == "classify" and is_file_name(self.model)  # those of the catalog see photographs
        if card.task != TASK and not spectrograms:
            raise ProjectError.of("XM920", model=self.model, task=card.task)
        if card.task == TASK:
            from xmaker_keywords.head import head_in

            head_in(card)

    def known_labels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.host.model(self.model).label_names(), LabelName(*OTHER))))

    def open(self) -> None:
        from xmaker_keywords.networks import by_embedding, by_picture

        card = self.host.model(self.model)
        self._names = card.label_names()
        if card.task == TASK:
            card = msgspec.structs.replace(card, path=MODEL)
        self._session = self.host.session(card, self.threads, self.engine)
        if card.task == TASK:
            self._scores, wanted = by_embedding(card, self._session), 0.0
        else:
            self._scores, wanted = by_picture(card, self._session, self.swap, self.seconds), self.seconds
        self._listener, self._at_one_rate = Listener(wanted), AnyRate(RATE)

    def close(self) -> None:
        self._session.close()

    def run(self, value: Sound) -> Keyword | None:
        heard = self._listener.hear(self._at_16k(value)) if len(value.samples) else self._listener.finish()
        words = [self._named(word) for word in heard]
        for earlier in words[:-1]:  # in a piece of sound that is longer than a word
            self.host.emit(earlier, self.host.moment)
        return words[-1] if words else None

    def _at_16k(self, value: Sound) -> Any:
        """Return a sound's samples as float32 of -1..1, at the rate that networks of speech want."""
        import numpy as np

        samples = np.nan_to_num(np.asarray(value.samples, np.float32) / np.float32(32768.0)).clip(-1.0, 1.0)
        return self._at_one_rate.run(samples, value.rate)

    def _named(self, word: Any) -> Keyword:
        import numpy as np

        scores = self._scores(word)
        if not np.isfinite(scores).all():
            raise NodeError.of("XM922", model=self.model)
        best = int(scores.argmax())
        score = float(scores[best])
        if score < self.min_score:
            number = next((number for number, name in enumerate(self._names) if name in OTHER), -1)
            return Keyword(LabelName(*OTHER), score, number=number)
        return Keyword(self._names[best] if best < len(self._names) else LabelName(str(best)), score, number=best)


@hookimpl
def xmaker_nodes() -> list[type[Model]]:
    return [Keywords]
