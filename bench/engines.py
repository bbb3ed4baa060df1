"""How much faster `engine: auto` runs networks than ONNX Runtime with 32-bit numbers: --zoo DIR, and what choosing takes.

DIR has networks, `cats.onnx`, and beside them what `auto` may take in their place: `cats_int8.onnx`, `cats.tflite` … Those of
`python -m bench zoo` lie in its cache; `xmaker model quantize` makes 8-bit files of them whose answers agree on photos.
Everything is the processor's time of one thread, and each run is measured beside one of the 32-bit file in ONNX Runtime, so
that a busy computer slows both.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from xmaker_auto.choosing import SECONDS, agrees, best_of, candidates, measure, reference
from xmaker_auto.measuring import Result, measured
from xmaker_toolbox.speed.bench import known_card

from bench.measure import Row, Settings
from xmaker import Engine, ModelCard, Plugins

ALONE, TOGETHER, NEAR, LONGEST = 0.53, 0.45, 1.05, 20.0
SETS = {
    "ONNX Runtime alone": (("onnxruntime",), ALONE),
    "all engines": (("onnxruntime", "openvino", "litert", "ncnn"), TOGETHER),
}
"""What may be chosen from: its engines' names, and the limit for the mean of the networks."""


def run(settings: Settings) -> list[Row]:
    """Let `auto` choose for each network, and measure all that it could have taken once more."""
    if not settings.zoo:
        raise SystemExit("engines needs networks: --zoo DIR (cats.onnx, and cats_int8.onnx, cats.tflite … beside it)")
    plugins, rows = Plugins.load(), list[Row]()
    files = [path for path in sorted(settings.zoo.glob("*.onnx")) if not path.stem.endswith("_int8")]
    cards = [known_card(plugins, str(path.absolute()), False) for path in files]
    for title, (names, limit) in SETS.items():
        ratios, seconds, worst = list[float](), list[float](), 0.0
        for card in cards:
            auto = plugins.engine(card, "auto", lambda *_, **__: None)
            auto.others = tuple(one for one in auto.others if one.name in names)
            chosen, again, took = _choose(auto, card)
            seconds.append(took)
            ratios.append(again.ratio)
            best = min(chosen, key=lambda one: one.ratio)
            worst = max(worst, again.ratio / best.ratio)
            rows.append(Row(f"{title}: {card.name}", again.ratio, beside=", ".join(_said(again, chosen))))
        mean = statistics.geometric_mean(ratios)
        rows += [
            Row(f"{title}: geometric mean", mean, limit=limit, beside=f"{len(ratios)} networks"),
            Row(f"{title}: the choice by the best", worst, limit=NEAR, beside="the worst of the networks"),
            Row(f"{title}: choosing, the longest", max(seconds), "s", LONGEST),
        ]
    return rows


def _choose(auto: Engine, card: ModelCard) -> tuple[list[Result], Result, float]:
    """Return all ways measured anew, the chosen one among them, and how many seconds choosing took, more threads included."""
    firsts, usual = candidates(auto.others, card, 1), reference(auto.others, card)
    start = time.perf_counter()
    results = measure(auto, card, firsts, auto.threads)
    took = time.perf_counter() - start
    way = best_of([one for one in results if one.way.threads == 1], usual)
    again = [one for one in measured(card, usual, firsts, 3 * SECONDS) if agrees(one)]
    return again, next(one for one in again if one.way == way), took


def _said(chosen: Result, results: list[Result]) -> Iterator[str]:
    for one in sorted(results, key=lambda one: one.ratio):
        bits = "INT8" if "_int8" in Path(one.way.file).stem else "FP32"
        yield f"{one.way.engine} {bits} {one.ratio:.3f}{' (chosen)' if one is chosen else ''}"
