"""Takes the best of what was tried."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from xmaker import ModelCard, Plugins, ProjectError
from xmaker.errors import message
from xmaker_toolbox.quantizing.results import Candidate

BETTER = 0.97
"""A network must take less than this part of the time, or it is not called faster: so exact are timings here."""
SMALLER = 0.97
"""A file must have less than this part of the size, or nothing to speak of became shorter in it."""
CLOSE = 1.05
"""Of networks that take hardly longer than the fastest, the one that loses least is taken."""
SECONDS = 60.0
"""Of the processor's time, at most, that looking for an engine takes."""


class Way(msgspec.Struct, frozen=True):
    """An engine that is faster than the original in ONNX Runtime."""

    name: str
    file: Path
    ratio: float
    """Its time by the original's."""


def best_of(candidates: Sequence[Candidate], max_loss: float, model: Path, here: bool) -> Candidate:
    """Return the fastest that loses no more than `max_loss` points. Raises ProjectError when there is none.

    For a processor that is not `here`, times do not count.
    """
    good = [one for one in candidates if one.loss <= max_loss]
    if not good:
        lost = ", ".join(f"{one.title} {one.loss:.3g}" for one in candidates)
        raise ProjectError.of("XM586", file=model, max=f"{max_loss:g}", lost=lost)
    fastest = min(one.ms for one in good)
    if here:
        good = [one for one in good if one.ms <= CLOSE * fastest]
    return min(good, key=lambda one: (max(0, one.loss), -one.agreement, one.ms))  # to be better than the original is luck


def faster(chosen: Candidate, original: Candidate) -> bool:
    return chosen.ms < BETTER * original.ms


def faster_engine(card: ModelCard, original: Path, written: Path) -> Way | None:
    """Return the engine here, and the file of the two, that beat the original in ONNX Runtime most; None when none does."""
    from xmaker_auto.choosing import agrees
    from xmaker_auto.measuring import Candidate as Candidates
    from xmaker_auto.measuring import measured

    usual = Candidates("onnxruntime", str(original), 1)
    ways = [
        Candidates(engine.name, str(file), 1)
        for engine in Plugins.load().engine(card, "auto").others
        for file in (original, written)
        if file.name.endswith(engine.suffixes or "\0") and not engine.name.endswith("-spin") and engine().there()
    ]
    results = [one for one in measured(card, usual, [way for way in ways if way != usual], SECONDS) if agrees(one)]
    best = min(results, key=lambda one: one.ratio, default=None)
    return Way(best.way.engine, Path(best.way.file), best.ratio) if best and best.ratio < BETTER else None


def reason(original: Candidate, best: Candidate, model: Path, out: Path, foreign: str, engine: Way | None) -> str:
    """Return which file to use, and why. `foreign` is the layout, if it is for another kind of processor."""
    details = {
        "name": best.title,
        "loss": f"{max(0.0, best.loss):.1f}",
        "size": f"{100 * best.bytes / original.bytes:.0f}",
        "times": f"{original.ms / best.ms:.2f}",
        "model": model.name,
        "out": out.name,
    }
    if best.bytes >= SMALLER * original.bytes and not engine:  # then its time is the original's, but for chance
        return message("XM908", "what", **details)
    if foreign:
        return message("XM594", "what", **details, layout=foreign)
    if faster(best, original):
        return message("XM590", "what", **details)
    if engine is None:
        return message("XM591", "what", **details)
    return message("XM592", "what", **details, engine=engine.name, file=engine.file.name, gain=f"{1 / engine.ratio:.2f}")
