"""The share of preparing the picture in an INT8 frame, from a camera's 640x480."""

from __future__ import annotations

import statistics

from bench.measure import Row, Settings, cpu_seconds, each_round, take_turns
from bench.networks import plugins_with_networks
from bench.rig import Rig, pictures
from xmaker import Frame

FRAMES = 20
LIMIT = 6.0


def run(settings: Settings) -> list[Row]:
    """Time the classifier's own preparation beside its whole frame."""
    rig = Rig(plugins_with_networks(settings, ("int8",)), "imagenet-int8")
    node, frames = rig.classifier, [Frame(image) for image in pictures()]

    def prepare() -> float:
        return cpu_seconds(lambda: [node._preparer.tensor(frames[number % 4].image) for number in range(FRAMES)]) / FRAMES

    def whole() -> float:
        node.run(frames[0])  # warm
        return cpu_seconds(lambda: [node.run(frames[number % 4]) for number in range(FRAMES)]) / FRAMES

    seconds = take_turns({"prepare": prepare, "whole": whole, "prepare again": prepare}, settings.rounds or 40)
    rig.stop()
    share = each_round(lambda part, sum_of_all: part / sum_of_all, seconds["prepare"], seconds["whole"])
    control = each_round(lambda one, two: one / two, seconds["prepare"], seconds["prepare again"])
    part, everything = statistics.median(seconds["prepare"]), statistics.median(seconds["whole"])
    beside = f"{part * 1e6:.0f} µs of {everything * 1e3:.2f} ms"
    return [Row("preprocessing in an INT8 frame of 640x480", share * 100, "%", LIMIT, f"A/A {control:.3f}", beside)]
