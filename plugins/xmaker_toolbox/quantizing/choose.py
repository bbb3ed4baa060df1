"""Takes the best of what was tried."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xmaker import ModelCard, Plugins, ProjectError
from xmaker_toolbox.quantizing.results import Candidate

BETTER = 0.97
"""A network must take less than this part of the time, or it is not called faster: so exact are timings here."""
CLOSE = 1.05
"""Of networks that take hardly longer than the fastest, the one that loses least is taken."""
SECONDS = 60.0
"""Of the processor's time, at most, that looking for an engine takes."""


def best_of(candidates: Sequence[Candidate], max_loss: float, model: Path) -> Candidate:
    """Return the fastest that loses no more than `max_loss` points. Raises ProjectError when there is none."""
    good = [one for one in candidates if one.loss <= max_loss]
    if not good:
        least = min(candidates, key=lambda one: one.loss)
        raise ProjectError.of("XM586", file=model, max=f"{max_loss:g}", best=least.name, loss=f"{least.loss:.1f}")
    fastest = min(one.ms for one in good)
    return min((one for one in good if one.ms <= CLOSE * fastest), key=lambda one: (one.loss, one.ms))


def faster(chosen: Candidate, original: Candidate) -> bool:
    return chosen.ms < BETTER * original.ms


def faster_engine(card: ModelCard, original: Path, written: Path) -> tuple[str, Path, float] | None:
    """Return an engine here, and the file of the two, that beat the original in ONNX Runtime; and its part of the time."""
    from xmaker_auto.choosing import agrees
    from xmaker_auto.measuring import Candidate as Way
    from xmaker_auto.measuring import measured

    usual = Way("onnxruntime", str(original), 1)
    others = Plugins.load().engine(card, "auto").others
    ways = [
        Way(engine.name, str(file), 1)
        for engine in others
        for file in (original, written)
        if file.name.endswith(engine.suffixes or "\0") and not engine.name.endswith("-spin") and engine().there()
    ]
    results = [one for one in measured(card, usual, [way for way in ways if way != usual], SECONDS) if agrees(one)]
    best = min(results, key=lambda one: one.ratio, default=None)
    return (best.way.engine, Path(best.way.file), best.ratio) if best and best.ratio < BETTER else None
