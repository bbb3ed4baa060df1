"""Quantizes a network: tries several ways, compares the answers, and writes the best."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from xmaker import ProjectError
from xmaker.errors import message
from xmaker_toolbox.files import whole
from xmaker_toolbox.progress import Progress, quiet, span
from xmaker_toolbox.quantizing.album import gather
from xmaker_toolbox.quantizing.calibrate import METHODS
from xmaker_toolbox.quantizing.choose import best_of, faster, faster_engine
from xmaker_toolbox.quantizing.integers import layout_for
from xmaker_toolbox.quantizing.judges import Metric
from xmaker_toolbox.quantizing.results import Candidate, Quantized
from xmaker_toolbox.quantizing.saved import with_card
from xmaker_toolbox.quantizing.source import open_source
from xmaker_toolbox.quantizing.trials import Lab, Trial, integer_trials, other_trial


def quantize(
    model: str | Path,
    out: str | Path,
    *,
    data: str | Path,
    test: str | Path | None = None,
    kind: Literal["static", "dynamic", "float16"] = "static",
    target: Literal["auto", "x86", "arm"] = "auto",
    max_loss: float = 1.0,
    methods: Sequence[str] = METHODS,
    metric: Metric | None = None,
    progress: Progress = quiet,
) -> Quantized:
    """Write a network in fewer bits to `out`, an .onnx file with its card inside, and say what that costs.

    `model` is a name of the catalog or an .onnx file with a card; `data` a folder or table of pictures, to see which numbers
    occur; `test` other ones, to compare the answers on (without it, every other one of `data`). `max_loss` is in points
    (hundredths): of accuracy, where so many labels are known that one picture counts less; else of what the original itself
    expects. `metric` takes the place of accuracy. `methods` are some of `minmax`, `percentile`, `entropy`.
    Raises ProjectError, and writes nothing, when no way is good enough; MissingDependency without the extra `toolbox`.
    """
    out = Path(out)
    if out.suffix.lower() != ".onnx":
        raise ProjectError.of("XM587", file=out)
    with TemporaryDirectory(prefix="xmaker-") as folder:
        source = open_source(model, Path(folder))
        if out.exists() and out.samefile(source.path):
            raise ProjectError.of("XM587", file=out)
        progress(0, message("XM598", "what"))
        album = gather(Path(data), Path(test) if test else None, span(progress, 0, 0.05))
        lab = Lab(source, album, metric, max_loss, span(progress, 0.05, 0.1))
        if kind == "static":
            tried = integer_trials(lab, layout_for(target), methods, max_loss, span(progress, 0.1, 0.95))
        else:
            tried = [other_trial(lab, kind, span(progress, 0.1, 0.95))]
        best = best_of([one.candidate for one in tried], max_loss, source.path)
        chosen = next(one for one in tried if one.candidate is best)
        with whole(out) as part:
            part.write_bytes(with_card(chosen.graph, source, out.stem, chosen.calibration, _measured(lab, best, data, test)))
    return _result(lab, tried, best, out, progress)


def _measured(lab: Lab, best: Candidate, data: Any, test: Any) -> list[dict[str, Any]]:
    """Return the rows of the card's `accuracy`: what the original reached, and what this one reaches."""
    where = {"set": Path(test or data).name, "pictures": len(lab.album.testing)}
    rows = []
    for one in (lab.original, best):
        right = {} if one.accuracy is None else {"accuracy": round(one.accuracy, 4)}
        rows.append({**where, "precision": one.name, "agreement": round(one.agreement, 4), **right})
    return rows


def _result(lab: Lab, tried: list[Trial], best: Candidate, out: Path, progress: Progress) -> Quantized:
    quicker, engine = faster(best, lab.original), None
    if not quicker:
        progress(0.95, message("XM594", "what"))
        engine = faster_engine(lab.source.card, lab.source.path, out)
    return Quantized(
        path=out,
        original=lab.original,
        candidates=tuple(one.candidate for one in tried),
        chosen=best,
        faster=quicker,
        engine=engine[0] if engine else "",
        file=engine[1] if engine else None,
        reason=_reason(lab.original, best, lab.source.path, out, engine),
        calibrated=len(lab.album.calibrating),
        tested=len(lab.album.testing),
        labelled=lab.exam.labelled,
        skipped=lab.album.skipped,
    )


def _reason(original: Candidate, best: Candidate, model: Path, out: Path, engine: tuple[str, Path, float] | None) -> str:
    details: dict[str, Any] = {
        "name": best.name,
        "loss": f"{best.loss:.1f}",
        "size": f"{100 * best.bytes / original.bytes:.0f}",
        "times": f"{original.ms / best.ms:.2f}",
        "model": model.name,
        "out": out.name,
    }
    if faster(best, original):
        return message("XM590", "what", **details)
    if engine is None:
        return message("XM591", "what", **details)
    return message("XM592", "what", **details, engine=engine[0], file=engine[1].name, gain=f"{1 / engine[2]:.2f}")
