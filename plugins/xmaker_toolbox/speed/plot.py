"""A picture of the table, as SVG: for each network and engine FP32 and INT8 on a logarithmic scale of pictures a second.

A place on a line is compared, not the length of a bar: a logarithm has no zero where bars could begin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from html import escape

from xmaker.words import columns, width
from xmaker_toolbox.speed.results import Benchmark, Speed
from xmaker_toolbox.speed.table import caption, pair, rate

COLOURS = ("#2a6fb0", "#d1632b", "#3f8f4f", "#8a5aa8", "#8a7a2b", "#555555")
"""One for each board."""
PLOT, LINE, TOP, LETTER, RIGHT = 520, 30, 24, 7.7, 90
"""Pixels: the scale, a line, above the lines, a letter, beside the scale."""


def plot(benchmarks: Sequence[Benchmark]) -> str:
    """Return an SVG picture of several boards' pictures a second; an empty scale when nothing was measured."""
    lines = list(dict.fromkeys((one.model, one.engine) for benchmark in benchmarks for one in benchmark.speeds if one.runs))
    lines.sort()
    pairs = [[pair(benchmark, *line) for benchmark in benchmarks] for line in lines]
    low, high = _decades([one for line in pairs for both in line for one in both if one and one.runs])
    left = 20 + LETTER * max((width(f"{model} {engine}") for model, engine in lines), default=0)
    step = LINE + 14 * (len(benchmarks) - 1)
    bottom = TOP + step * len(lines)

    def x(per_second: float) -> float:
        return left + PLOT * (math.log10(per_second) - low) / (high - low)

    parts = [*_scale(low, high, x, bottom)]
    for number, ((model, engine), boards) in enumerate(zip(lines, pairs, strict=True)):
        middle = TOP + step * (number + 0.5)
        parts.append(f'<text x="10" y="{middle + 4:.0f}">{escape(model)} <tspan fill="#777">{escape(engine)}</tspan></text>')
        for place, both in enumerate(boards):
            y = middle + 14 * (place - (len(boards) - 1) / 2)
            parts += _pair(both, x, y, COLOURS[place % len(COLOURS)])
    parts += _legend(benchmarks, bottom + 46)
    size = (
        max(left + PLOT + RIGHT, *(30 + LETTER * width(caption(one)) for one in benchmarks)),
        bottom + 66 + 18 * len(benchmarks),
    )
    return _page(parts, *size)


def _page(parts: list[str], across: float, down: float) -> str:
    size = f'width="{across:.0f}" height="{down:.0f}" font-family="sans-serif" font-size="13"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""])


def _decades(speeds: Sequence[Speed]) -> tuple[int, int]:
    """Return the powers of ten between which all lie."""
    rates = [one.per_second for one in speeds] or [1.0]
    low, high = math.floor(math.log10(min(rates))), math.ceil(math.log10(max(rates)))
    return low, max(high, low + 1)


def _scale(low: int, high: int, x: Callable[[float], float], bottom: float) -> Iterator[str]:
    for power in range(low, high + 1):
        for digit in range(1, 10 if power < high else 2):
            at = x(digit * 10.0**power)
            colour = "#bbb" if digit == 1 else "#eee"
            yield f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{bottom}" stroke="{colour}"/>'
        label = f"{10.0**power:g}"
        yield f'<text x="{x(10.0**power):.1f}" y="{bottom + 18}" text-anchor="middle">{label}</text>'
    *_, speed = columns("XM451")
    yield f'<text x="{x(10 ** ((low + high) / 2)):.1f}" y="{TOP - 8}" text-anchor="middle">{escape(speed)}</text>'


def _pair(both: tuple[Speed | None, Speed | None], x: Callable[[float], float], y: float, colour: str) -> Iterator[str]:
    """Yield a ring for FP32, a dot for INT8, a line between them, and the numbers outside."""
    there = [(one, x(one.per_second)) for one in both if one and one.runs]
    if len(there) == 2:
        yield f'<line x1="{there[0][1]:.1f}" x2="{there[1][1]:.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/>'
    rightmost = max((at for _, at in there), default=0.0)
    for one, at in there:
        fill = colour if one.precision == "INT8" else "white"
        yield f'<circle cx="{at:.1f}" cy="{y}" r="5" fill="{fill}" stroke="{colour}" stroke-width="2"/>'
        anchor, aside = ("start", 9) if at == rightmost else ("end", -9)
        yield f'<text x="{at + aside:.1f}" y="{y + 4}" text-anchor="{anchor}" font-size="11" fill="{colour}">{rate(one)}</text>'


def _legend(benchmarks: Sequence[Benchmark], y: float) -> Iterator[str]:
    for place, (words, fill) in enumerate((("FP32", "white"), ("INT8", "#555"))):
        yield f'<circle cx="{16 + 70 * place}" cy="{y}" r="5" fill="{fill}" stroke="#555" stroke-width="2"/>'
        yield f'<text x="{26 + 70 * place}" y="{y + 4}">{words}</text>'
    for number, one in enumerate(benchmarks):
        line = y + 22 + 18 * number
        yield f'<rect x="11" y="{line - 5}" width="10" height="10" fill="{COLOURS[number % len(COLOURS)]}"/>'
        yield f'<text x="26" y="{line + 4}">{escape(caption(one))}</text>'
