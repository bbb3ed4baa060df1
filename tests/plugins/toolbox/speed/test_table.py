"""The tutorial's table, its signs, and the picture of it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from xmaker_toolbox.speed.plot import plot
from xmaker_toolbox.speed.results import Benchmark, Machine, Speed, told_apart
from xmaker_toolbox.speed.table import boards, footnotes, markdown, ways


def speed(precision: str = "FP32", mean_ms: float = 0.0, **more: Any) -> Speed:
    """One that was measured, when it has a mean."""
    times = {"runs": 10, "mean_ms": mean_ms, "median_ms": mean_ms, "p99_ms": mean_ms, "cpu_ms": mean_ms} if mean_ms else {}
    about = {"model": "cats", "engine": "onnxruntime", "threads": 1, "megabytes": 14.0 if precision == "FP32" else 3.6}
    return Speed(**{"file": f"cats_{precision}.onnx", "precision": precision, **about, **times, **more})


def benchmark(*speeds: Speed, board: str = "UNIHIKER M10") -> Benchmark:
    return Benchmark.now(speeds, Machine(board, "Cortex-A35", 4, 512, "Linux", "performance", 0.1))


def row(*speeds: Speed) -> list[str]:
    (found,) = boards([benchmark(*speeds)])[1]
    return found


def test_fp32_and_int8_stand_side_by_side() -> None:
    assert row(speed("FP32", 565), speed("INT8", 202.4)) == ["cats", "onnxruntime", "14.0", "3.6", "1.77", "4.94"]


def test_the_best_number_of_threads_counts() -> None:
    assert row(speed("FP32", 500), speed("FP32", 250, threads=4), speed("FP32", 300, threads=2))[4] == "4"


@pytest.mark.parametrize(
    ("speeds", "cells", "sign"),
    [
        ([speed("FP32", 31_000, slow=True), speed("INT8", slow=True)], ["*", "*"], "*"),
        ([speed("FP32", 52), speed("INT8", 92)], ["19.2", "10.9†"], "†"),
        ([speed("FP32", 52), speed("INT8", 26, agreement=0.5)], ["19.2", "38.5‡"], "‡"),
        ([speed("FP32", 52), speed("INT8", error="it ended its process (-4)")], ["19.2", "–"], ""),
    ],
)
def test_signs_say_what_is_wrong(speeds: list[Speed], cells: list[str], sign: str) -> None:
    assert row(*speeds)[4:] == cells
    signs = [note[0] for note in footnotes([benchmark(*speeds)]) if note[0] in "*†‡"]
    assert signs == [*sign]


def test_what_failed_is_told_with_its_reason() -> None:
    crashed = speed("INT8", engine="ncnn", error="it ended its process (-4)")
    _, (best, *_, last) = ways(benchmark(crashed, speed("FP32", 52), speed("INT8", 20, agreement=0.5)))
    assert (best[0], best[-1]) == ("cats_INT8.onnx", "")  # the fastest, but with other answers
    assert last[-1] == "it ended its process (-4)"
    assert boards([benchmark(crashed)])[1] == []


def test_one_board_before_and_after_is_told_apart() -> None:
    twice = told_apart([benchmark(speed(mean_ms=2)), benchmark(speed(mean_ms=1))], ["before", "after"])
    assert boards(twice)[0][4:] == [
        f"UNIHIKER M10 ({name}) {kind}" for name in ("before", "after") for kind in ("FP32", "INT8")
    ]


def test_markdown_has_tables_of_equal_width() -> None:
    text = markdown([benchmark(speed("FP32", 40_000, slow=True), speed("INT8", error="a | b"))])
    for part in text.split("\n\n"):
        assert len({line.replace(r"\|", "").count("|") for line in part.splitlines()}) == 1
    assert "- \\* more than 30 s a picture" in text


def test_the_plot_is_a_picture_with_every_number() -> None:
    slow, quick = speed("FP32", 565), speed("INT8", 202.4)
    two = [benchmark(slow, quick), benchmark(speed("FP32", 4.9), board="Laptop & co")]
    root = ElementTree.fromstring(plot(two))
    texts = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"1.77", "4.94", "204", "cats onnxruntime"} <= {*texts}
    assert any("Laptop & co" in text for text in texts)
    places = {one.get("cy"): float(one.get("cx", "")) for one in root.iter("{http://www.w3.org/2000/svg}circle")}
    assert all(0 < x < float(root.get("width", "")) for x in places.values())


def test_nothing_measured_is_an_empty_picture() -> None:
    ElementTree.fromstring(plot([benchmark(speed(error="it ended its process (-4)"))]))
