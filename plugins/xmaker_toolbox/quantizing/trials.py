"""Tries ways to write a network in fewer bits, and compares each with the original."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from xmaker import ModelCard, ProjectError, Session
from xmaker.errors import message
from xmaker.values import Array
from xmaker_toolbox.pictures import Picture, load_picture
from xmaker_toolbox.progress import Progress, span
from xmaker_toolbox.quantizing.album import Album
from xmaker_toolbox.quantizing.calibrate import MOST, ranges, spread
from xmaker_toolbox.quantizing.exam import Exam
from xmaker_toolbox.quantizing.floats import dynamic, halves
from xmaker_toolbox.quantizing.integers import Plan, in_integers, plan_for
from xmaker_toolbox.quantizing.judges import Metric
from xmaker_toolbox.quantizing.network import timed
from xmaker_toolbox.quantizing.results import Candidate
from xmaker_toolbox.quantizing.runtime import in_short
from xmaker_toolbox.quantizing.sensitive import PICTURES, numbers_to_try, worst_first
from xmaker_toolbox.quantizing.source import OnnxSource
from xmaker_toolbox.steps import quantizing


class Source(Protocol):
    """A network as it came, in one of the formats."""

    card: ModelCard
    path: Path
    size: int
    """Bytes on disk, weights in other files included."""

    def original(self) -> Session: ...

    def session(self, model: bytes) -> Session:
        """Load a file of this format. Raises ProjectError when it cannot be run."""

    def file(self, made: Any, name: str, noted: dict[str, Any]) -> bytes:
        """Return the file of what was made, with a card that has this in its `calibration`."""

    def write(self, made: Any, out: Path, noted: dict[str, Any], accuracy: Sequence[dict[str, Any]]) -> None:
        """Write it, with its card; `accuracy` is the card's."""


class Trial(msgspec.Struct, frozen=True):
    """A candidate and what was made, with what its card says of how."""

    candidate: Candidate
    made: Any
    noted: dict[str, Any]


class Lab:
    """The original, and what it answers to the pictures."""

    def __init__(self, source: Source, album: Album, metric: Metric | None, max_loss: float, progress: Progress) -> None:
        from xmaker_vision.prepare import Preparer

        self.source, self.album = source, album
        self._prepare = Preparer(source.card.input).tensor
        self.exam = Exam(source.card, album.testing, metric, max_loss)
        self._session = source.original()
        marks = self.exam.first(self._session, progress)
        self._tensor = self.tensor_of(album.testing[0])
        ms = timed([self._session], self._tensor)[0]
        self.original = Candidate(name="fp32", bytes=source.size, accuracy=marks.accuracy, ms=ms)

    def tensor_of(self, picture: Picture) -> Array:
        """Return the network's input, a new one each time."""
        tensor: Array = self._prepare(load_picture(picture.path)).copy()
        return tensor

    def trial(self, name: str, made: Any, noted: dict[str, Any], progress: Progress, floats: Sequence[str] = ()) -> Trial:
        """Compare what was made with the original. What cannot be run raises ProjectError."""
        model = self.source.file(made, "new", noted)
        session = self.source.session(model)
        marks = self.exam.marks(session, progress)
        original, ms = timed([self._session, session], self._tensor)
        session.close()
        candidate = Candidate(
            name=name,
            floats=tuple(floats),
            bytes=len(model),
            agreement=marks.agreement,
            accuracy=marks.accuracy,
            loss=marks.loss,
            ms=ms / original * self.original.ms,  # both slow down together on a busy computer
        )
        return Trial(candidate, made, noted)


def integer_trials(
    lab: Lab, source: OnnxSource, layout: str, methods: Sequence[str], max_loss: float, progress: Progress
) -> list[Trial]:
    """Try each way to calibrate; where none is good enough, leave more and more layers of the best in floats."""
    plan = plan_for(source.graph, layout)
    if not plan.layers.weights:
        raise ProjectError.of("XM595", file=source.path)
    known, tried = {}, []
    for number, method in enumerate(methods):
        step = span(progress, 0.6 * number / len(methods), 0.6 * (number + 1) / len(methods))
        step(0, message("XM589", "what", way=method))
        known[method] = _seen(lab, source, method, span(step, 0, 0.5))
        tried.append(_in_integers(lab, source, plan, method, known[method], span(step, 0.5, 1)))
    best = min(tried, key=lambda one: one.candidate.loss)
    if best.candidate.loss > max_loss:
        name = best.candidate.name
        tried += _with_floats(lab, source, plan, name, known[name], max_loss, span(progress, 0.6, 1))
    return tried


def other_trial(lab: Lab, source: OnnxSource, kind: str, progress: Progress) -> Trial:
    """Try weights in 8 bits (`dynamic`), or floats of 16 (`float16`)."""
    progress(0, message("XM589", "what", way=kind))
    try:
        graph = dynamic(source.prepared) if kind == "dynamic" else halves(source.graph)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  # the libraries raise what they like
        raise ProjectError.of("XM584", file=source.path, reason=in_short(error)) from None
    return lab.trial(kind, graph, {"method": kind}, progress)


def _seen(lab: Lab, source: OnnxSource, method: str, progress: Progress) -> Any:
    try:
        return ranges(source.prepared, source.input, lab.album.calibrating, lab.tensor_of, method, progress)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  # the calibrators raise what they like
        raise ProjectError.of("XM584", file=source.path, reason=in_short(error)) from None


def _in_integers(
    lab: Lab, source: OnnxSource, plan: Plan, method: str, seen: Any, progress: Progress, floats: Sequence[str] = ()
) -> Trial:
    noted: dict[str, Any] = {
        "method": method,
        "pictures": min(len(lab.album.calibrating), MOST[method]),
        "layout": f"{plan.layout}, QDQ, per channel",
        "saturates": False,
    }
    if floats:
        noted["float_layers"] = list(floats)
    try:
        graph = in_integers(source.graph, plan, seen, floats)
    except Exception as error:  # noqa: BLE001  # the quantizer raises what it likes
        raise ProjectError.of("XM584", file=source.path, reason=in_short(error)) from None
    return lab.trial(method, graph, noted, progress, floats)


def _with_floats(
    lab: Lab, source: OnnxSource, plan: Plan, method: str, seen: Any, max_loss: float, progress: Progress
) -> list[Trial]:
    """Leave more and more of the layers that bear it worst in floats, until no more is lost than may be."""
    progress(0, quantizing().trying)
    tensors = [lab.tensor_of(picture) for picture in spread(lab.album.calibrating, PICTURES)]
    order = worst_first(source, plan, seen, tensors, span(progress, 0, 0.5))
    tried: list[Trial] = []
    for count in numbers_to_try(len(order)):
        progress(0.5 + count / len(order), message("XM589", "what", way=f"{method} + {count} fp32"))
        tried.append(_in_integers(lab, source, plan, method, seen, lambda part, doing="": None, sorted(order[:count])))
        if tried[-1].candidate.loss <= max_loss:
            break
    return tried
