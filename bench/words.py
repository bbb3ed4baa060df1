"""What listening for words costs: the spectrogram, a silent microphone, and a word itself."""

from __future__ import annotations

import statistics
from typing import Any

from bench.measure import Row, Settings, answer, child, cpu_seconds, each_round, take_turns

MS, MEMORY, SILENCE = 3.0, 10.0, 20.0
TIMES = 20


def run(settings: Settings) -> list[Row]:
    """Time the spectrogram and a word here, and watch three processes: with keywords, without, and with them again."""
    import numpy as np
    from xmaker_keywords.logmel import log_mel

    second = np.random.default_rng(1).normal(0, 0.1, 16000).astype(np.float32)
    log_mel(second)  # warm: the filters are worked out once

    def spectrogram() -> float:
        return cpu_seconds(lambda: [log_mel(second) for _ in range(TIMES)]) / TIMES

    label = _labeller()

    def word() -> float:
        return cpu_seconds(lambda: [label(second) for _ in range(TIMES)]) / TIMES

    turns = take_turns({"one": spectrogram, "two": spectrogram, "word": word}, settings.rounds or 20)
    control = each_round(lambda one, two: one / two, turns["one"], turns["two"])
    seconds = settings.seconds or 20.0
    programs = [child("silent_microphone", seconds, kind) for kind in ("keywords", "nothing", "keywords")]
    silent, bare, again = (answer(program) * 1e3 for program in programs)
    return [
        Row("log-mel of 1 s of sound", statistics.median(turns["one"]) * 1e3, "ms", MS, f"A/A {control:.3f}"),
        Row("memory for log-mel", answer(child("spectrogram_memory")), "MB", MEMORY),
        Row("a word, embedding and head", statistics.median(turns["word"]) * 1e3, "ms"),
        Row(
            "CPU, keywords on a silent microphone",
            silent,
            "ms/s",
            SILENCE,
            f"A/A {silent / again:.2f}",
            f"without {bare:.2f} ms/s",
        ),
    ]


def _labeller() -> Any:
    from xmaker_toolbox.nodes import Host

    from xmaker import Plugins

    plugins = Plugins.load()
    node: Any = plugins.nodes["keywords"](model="digits")
    node.host = Host(plugins)
    node.open()
    return node._named
