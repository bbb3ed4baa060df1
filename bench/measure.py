"""How everything here is measured: blocks that take turns, ratios of neighbours, and a control that compares like with like."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """What the command line said; None means the bench's own choice."""

    rounds: int | None = None
    seconds: float | None = None
    minutes: float | None = None
    int8: Path | None = None
    fp32: Path | None = None
    imagenet: Path | None = None
    catdog: Path | None = None
    speech: Path | None = None
    coco: Path | None = None
    detector_fp32: Path | None = None
    zoo: Path | None = None
    networks: list[str] | None = None
    markdown: Path | None = None


@dataclass(frozen=True)
class Row:
    """One figure. `control` is what the same measurement says of two bare loops, `beside` what else is worth knowing."""

    figure: str
    measured: float
    unit: str = ""
    limit: float | None = None
    control: str = ""
    beside: str = ""
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """`ok` or `over`, and nothing where there is no limit."""
        if self.limit is None:
            return ""
        good = self.measured >= self.limit if self.at_least else self.measured <= self.limit
        return "ok" if good else "over"


def take_turns(blocks: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Run every block once a round. The order goes round too, so that nobody always follows the same neighbour."""
    measured: dict[str, list[float]] = {name: [] for name in blocks}
    order = list(blocks)
    for number in range(rounds):
        turn = number % len(order)
        for name in order[turn:] + order[:turn]:
            measured[name].append(blocks[name]())
    return measured


def each_round(combine: Callable[..., float], *columns: Sequence[float]) -> float:
    """Combine the blocks of each round, which lay side by side, and return the median over the rounds."""
    return statistics.median(combine(*row) for row in zip(*columns, strict=True))


def against_bare(measured: Mapping[str, Sequence[float]]) -> tuple[float, float]:
    """Return (ratio of the project to the mean of the two bare loops, ratio of one bare loop to the other)."""
    bare, project, again = (measured[name] for name in ("bare", "project", "bare again"))
    control = each_round(lambda one, two: one / two, bare, again)
    return each_round(lambda value, one, two: 2 * value / (one + two), project, bare, again), control


def added_to_bare(measured: Mapping[str, Sequence[float]]) -> tuple[float, float]:
    """Return (what the project adds to the mean of the two bare loops, what one bare loop adds to the other)."""
    bare, project, again = (measured[name] for name in ("bare", "project", "bare again"))
    control = each_round(lambda one, two: one - two, bare, again)
    return each_round(lambda value, one, two: value - (one + two) / 2, project, bare, again), control


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the processor time of all threads of this process while `work` ran."""
    start = time.process_time()
    work()
    return time.process_time() - start


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that `percent` of the values do not exceed; NaN of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else math.nan


def child(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Start one of the programs of `bench.programs` in a process of its own."""
    command = [sys.executable, "-m", "bench.programs", program, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def answer(process: subprocess.Popen[str]) -> Any:
    """Wait for a child and return the JSON that it printed. Raises RuntimeError when it failed."""
    out, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"it failed: {process.args!r}")
    return json.loads(out)


def memory_mb(pid: int | str = "self", field: str = "VmRSS") -> float:
    """Return a process's memory, now (VmRSS) or at its highest (VmHWM); NaN where there is no /proc or no such process."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return math.nan
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(field)), math.nan)
