"""The tables: every way that was measured; and the tutorial's, a line for each network, FP32 and INT8 side by side."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

import msgspec
from xmaker_auto.choosing import AGREES

from xmaker.errors import message
from xmaker.words import columns
from xmaker_toolbox.speed.results import Benchmark, Speed

PRECISIONS = ("FP32", "INT8")
SIGNS = STAR, SLOWER, DIFFERS = "*", "†", "‡"
"""Over 30 s a picture; INT8 slower than FP32; other answers than the model's own file."""
NONE, FASTEST = "–", "◀"

Table = tuple[list[str], list[list[str]]]
"""Headings, and rows."""


def ways(benchmark: Benchmark) -> Table:
    """Return the table of every way to run a model; ◀ marks the fastest whose answers agree with the model's own file."""
    speeds = sorted(benchmark.speeds, key=lambda one: (one.model, not one.runs, one.mean_ms))
    models = dict.fromkeys(one.model for one in speeds)
    best = [fastest([one for one in speeds if one.model == model and agrees(one)]) for model in models]
    return columns("XM450"), [_way(one, FASTEST if one in best else one.error) for one in speeds]


def _way(one: Speed, remark: str) -> list[str]:
    if not one.runs:
        return [one.file, one.engine, str(one.threads), STAR if one.slow else "", *[""] * 7, remark]
    compared = ["" if number is None else f"{number:.{digits}f}" for number, digits in ((one.ratio, 2), (one.agreement, 3))]
    times = [f"{ms:.2f}" if ms < 100 else f"{ms:.0f}" for ms in (one.median_ms, one.p99_ms, one.cpu_ms)]
    memory = [f"{one.peak_mb:.0f}", f"{one.load_ms:.0f}"]
    return [one.file, one.engine, str(one.threads), rate(one), *times, *compared, *memory, remark]


def agrees(one: Speed) -> bool:
    return not one.error and (one.agreement is None or one.agreement >= AGREES)


def fastest(speeds: Sequence[Speed]) -> Speed | None:
    """Return the one with the most pictures a second; where none was measured to the end, one that is too slow, or None."""
    measured = [one for one in speeds if one.runs]
    return min(measured, key=lambda one: one.mean_ms) if measured else next((one for one in speeds if one.slow), None)


def rate(one: Speed | None) -> str:
    """Return pictures a second with three digits; `*` where one takes over 30 s."""
    if one is None:
        return NONE
    return STAR if one.slow else f"{one.per_second:.3g}" if one.per_second < 1000 else f"{one.per_second:.0f}"


def boards(benchmarks: Sequence[Benchmark]) -> Table:
    """Return the tutorial's table: for each network and engine the size and, for each board, the pictures a second."""
    measured = [one for benchmark in benchmarks for one in benchmark.speeds if one.runs or one.slow]
    lines = sorted({(one.model, one.engine) for one in measured if one.precision in PRECISIONS})
    names = columns("XM451")
    several = len(benchmarks) > 1
    headings = [*names[:2], *(f"{names[2]} {precision}" for precision in PRECISIONS)]
    for benchmark in benchmarks:
        headings += [f"{benchmark.machine.board if several else names[3]} {precision}" for precision in PRECISIONS]
    return headings, [[*line, *_cells(benchmarks, *line)] for line in lines]


def _cells(benchmarks: Sequence[Benchmark], model: str, engine: str) -> Iterator[str]:
    found = [pair(benchmark, model, engine) for benchmark in benchmarks]
    for sizes in zip(*found, strict=True):
        yield next((f"{one.megabytes:.1f}" for one in sizes if one), NONE)
    for floats, bytes_ in found:
        yield rate(floats) + _differs(floats)
        yield rate(bytes_) + (SLOWER if slower(floats, bytes_) else "") + _differs(bytes_)


def _differs(one: Speed | None) -> str:
    return DIFFERS if one and not agrees(one) else ""


def pair(benchmark: Benchmark, model: str, engine: str) -> tuple[Speed | None, Speed | None]:
    """Return the fastest of an engine's numbers of threads, in FP32 and in INT8."""
    of_engine = [one for one in benchmark.speeds if (one.model, one.engine) == (model, engine)]
    floats, bytes_ = (fastest([one for one in of_engine if one.precision == precision]) for precision in PRECISIONS)
    return floats, bytes_


def slower(floats: Speed | None, bytes_: Speed | None) -> bool:
    """Whether INT8 takes longer here than FP32."""
    return bool(floats and bytes_ and floats.runs and bytes_.runs and bytes_.mean_ms > floats.mean_ms)


def caption(benchmark: Benchmark) -> str:
    """Say what was measured where and when."""
    whats = dict(zip(("network", "picture"), columns("XM453"), strict=True))
    what = ", ".join(dict.fromkeys(whats[one.what] for one in benchmark.speeds))
    machine = benchmark.machine
    about = msgspec.structs.asdict(machine)
    return message("XM452", "what", **about, what=what, date=benchmark.date[:16].replace("T", " "))


def footnotes(benchmarks: Sequence[Benchmark]) -> list[str]:
    """Return what the signs in the table mean, as far as they stand there, and how it was measured."""
    _, rows = boards(benchmarks)
    cells = [cell for row in rows for cell in row]
    speeds = [one for benchmark in benchmarks for one in benchmark.speeds]
    threads = ", ".join(map(str, sorted({one.threads for one in speeds})))
    notes = [message("XM455", "what", threads=threads)]
    meanings = zip(SIGNS, columns("XM454"), strict=True)
    return notes + [f"{sign} {meaning}" for sign, meaning in meanings if any(sign in cell for cell in cells)]


def markdown(benchmarks: Sequence[Benchmark]) -> str:
    """Return the tables, captions and footnotes as Markdown."""
    parts = ["\n".join(f"- {caption(one)}" for one in benchmarks), _grid(*boards(benchmarks))]
    parts.append("\n".join(f"- {note}" for note in footnotes(benchmarks)).replace(f"- {STAR}", f"- \\{STAR}"))
    parts += [_grid(*ways(one)) for one in benchmarks]
    return "\n\n".join(parts) + "\n"


def _grid(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---" for _ in headings], *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines)


def comma_separated(benchmarks: Sequence[Benchmark]) -> str:
    """Return all that was measured as CSV, a line for each way."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [field.name for field in msgspec.structs.fields(Speed)]
    writer.writerow(["board", *names, "pictures_per_second"])
    for benchmark in benchmarks:
        for one in benchmark.speeds:
            values = [round(value, 3) if isinstance(value, float) else value for value in msgspec.structs.astuple(one)]
            writer.writerow([benchmark.machine.board, *values, round(one.per_second, 3)])
    return text.getvalue()
