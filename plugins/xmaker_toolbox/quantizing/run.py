"""Quantizes a network: tries several ways, compares the answers, and writes the best."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from xmaker import ModelCard, Plugins, ProjectError
from xmaker_toolbox.files import require_own
from xmaker_toolbox.progress import Progress, quiet, span
from xmaker_toolbox.quantizing.album import gather
from xmaker_toolbox.quantizing.calibrate import METHODS
from xmaker_toolbox.quantizing.choose import best_of, faster, faster_engine, reason
from xmaker_toolbox.quantizing.integers import layout_for
from xmaker_toolbox.quantizing.judges import Metric
from xmaker_toolbox.quantizing.litert import LiteRtSource, litert_trials
from xmaker_toolbox.quantizing.results import Candidate, Quantized
from xmaker_toolbox.quantizing.source import open_onnx
from xmaker_toolbox.quantizing.trials import Lab, Trial, integer_trials, other_trial
from xmaker_toolbox.steps import quantizing


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
    """Write a network in fewer bits to `out`, a file of the same kind with its card, and say what that costs.

    `model` is a name of the catalog, or an .onnx or .tflite file with a card; `data` a folder or table of pictures, to see
    which numbers occur; `test` other ones, to compare the answers on (without it, every other one of `data`). `max_loss` is
    in points (hundredths): of accuracy, where so many labels are known that one picture counts less; else of what the
    original itself expects. `metric` takes the place of accuracy. `methods`, for .onnx files, are some of `minmax`,
    `percentile`, `entropy`.
    Raises ProjectError, and writes nothing, when no way is good enough; MissingDependency without the extra `toolbox`.
    """
    out, card = Path(out).expanduser(), Plugins.load().model(str(model), Path.cwd())
    file = _checked(card, out)
    layout = layout_for(target) if kind == "static" and file.suffix == ".onnx" else ""
    with TemporaryDirectory(prefix="xmaker-") as folder:
        source = LiteRtSource(card, Path(folder)) if file.suffix == ".tflite" else open_onnx(card, Path(folder))
        progress(0, quantizing().looking)
        album = gather(card, Path(data), Path(test) if test else None, span(progress, 0, 0.05))
        lab = Lab(source, album, metric or album.metric, max_loss, span(progress, 0.05, 0.1))
        step = span(progress, 0.1, 0.95)
        if isinstance(source, LiteRtSource):
            tried = litert_trials(lab, source, kind, step)
        elif layout:
            tried = integer_trials(lab, source, layout, methods, max_loss, step)
        else:
            tried = [other_trial(lab, source, kind, step)]
        return _finish(lab, tried, out, layout, max_loss, progress)


def _checked(card: ModelCard, out: Path) -> Path:
    """Return the model's file. Raises ProjectError when it cannot be quantized into `out`."""
    file = card.path
    assert file is not None
    if file.suffix not in (".onnx", ".tflite") or card.input.height == 1:  # a sound has no height
        raise ProjectError.of("XM581", file=file)
    if out.suffix != file.suffix or (out.exists() and out.samefile(file)):
        raise ProjectError.of("XM587", file=out, ending=file.suffix)
    require_own(out)
    return file


def _finish(lab: Lab, tried: Sequence[Trial], out: Path, layout: str, max_loss: float, progress: Progress) -> Quantized:
    """Write the best, and say why."""
    source, here = lab.source, layout in ("", layout_for("auto"))
    best = best_of([one.candidate for one in tried], max_loss, source.path, here)
    chosen = next(one for one in tried if one.candidate is best)
    source.write(chosen.made, out, chosen.noted, _measured(lab, best))
    engine = None
    if here and not faster(best, lab.original) and out.suffix.lower() == ".onnx":
        progress(0.95, quantizing().choosing)
        engine = faster_engine(source.card, source.path, out)
    return Quantized(
        path=out,
        original=lab.original,
        candidates=tuple(one.candidate for one in tried),
        chosen=best,
        faster=faster(best, lab.original),
        engine=engine.name if engine else "",
        file=engine.file if engine else None,
        reason=reason(lab.original, best, source.path, out, "" if here else layout, engine),
        calibrated=len(lab.album.calibrating),
        tested=len(lab.album.testing),
        labelled=lab.exam.labelled,
        skipped=lab.album.skipped,
    )


def _measured(lab: Lab, best: Candidate) -> list[dict[str, Any]]:
    """Return the rows of the card's `accuracy`: what the original reached, and what this one reaches."""
    rows = []
    for one in (lab.original, best):
        right = {} if one.accuracy is None else {"accuracy": round(one.accuracy, 4)}
        what = {"set": lab.album.tested_on, "pictures": len(lab.album.testing), "precision": one.name}
        rows.append({**what, "agreement": round(one.agreement, 4), **right})
    return rows
