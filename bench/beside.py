"""Long work in the panel beside a run: how old frames are at their action while a network is quantized there."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from xmaker_panel.jobs import Jobs

from bench.measure import Row, Settings, each_round, percentile, take_turns
from bench.overload import ages_of_frames
from xmaker import Plugins, Project
from xmaker.cli.gallery import gallery
from xmaker.runtime.live_file import LiveFile

NETWORK = "my_own_model/fruit.onnx"
"""A network with 32-bit numbers that is there."""
MORE_MS = 5.0
"""What the usual frame may be older by: less than anybody sees."""


def run(settings: Settings) -> list[Row]:
    """Classify a camera's frames with and without the work, in turns."""
    seconds, ages = settings.seconds or 15.0, dict[str, list[float]]()
    with TemporaryDirectory() as folder:
        jobs, network = Jobs(LiveFile(Path(folder, "project.yaml"))), gallery() / NETWORK

        def work() -> None:
            now = jobs.shown()
            assert not now or now["state"] != "failed", now
            if not now or now["state"] != "works":
                jobs.start("quantize", NETWORK, {"model": str(network), "data": ""}, lambda folder, result: result)

        def block(name: str, working: bool) -> Callable[[], float]:
            def measure() -> float:
                if working:
                    work()
                classifier: Any = Plugins.load().nodes["classifier"]
                found = ages_of_frames(
                    Project("beside"), classifier(model="cat-dog"), seconds, work if working else lambda: None
                )
                jobs.cancel()
                ages.setdefault(name, []).extend(found[30:])  # the network is warm
                return percentile(found[30:], 50)

            return measure

        blocks = {"alone": block("alone", False), "working": block("working", True), "alone again": block("alone again", False)}
        middle = take_turns(blocks, settings.rounds or 3)
        jobs.close()
    added = each_round(lambda one, with_it, two: with_it - (one + two) / 2, *middle.values())
    control = each_round(lambda one, two: one - two, middle["alone"], middle["alone again"])
    rows = [Row("older at the action while quantizing, p50", added * 1e3, "ms", MORE_MS, f"A-A {control * 1e3:+.2f} ms")]
    for name, found in ages.items():
        beside = f"p99 {percentile(found, 99) * 1e3:.1f} ms, {len(found)} frames"
        rows.append(Row(f"age at the action, {name}, p50", statistics.median(found) * 1e3, "ms", beside=beside))
    return rows
