"""Has candidates measured in a process of its own: an engine that does not fit this processor ends that one."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from threading import Timer
from typing import Any

import msgspec

from xmaker import ModelCard


class Candidate(msgspec.Struct, frozen=True):
    """One way to run a model."""

    engine: str
    file: str
    threads: int


class Result(msgspec.Struct, frozen=True):
    """What was measured of a candidate, each time beside the model's own file in the usual engine."""

    way: Candidate
    ms: float = 0.0
    """Of one run; with one thread, of the processor's time."""
    ratio: float = 0.0
    """Its time by that of the model's own file, which ran in between."""
    agreement: float = 0.0
    """How alike the answers are, from -1 to 1, over several pictures."""
    megabytes: float = 0.0
    """What loading it and running it added to a process's memory."""
    error: str = ""


BUSY = 3
"""On a busy computer it may take this many times as long."""


def measured(card: ModelCard, reference: Candidate, candidates: Sequence[Candidate], seconds: float) -> list[Result]:
    """Measure candidates for so many seconds of the processor's time, at most. One that ends the process is left out."""
    results: list[Result] = []
    end = time.monotonic() + seconds * BUSY
    while len(results) < len(candidates):
        code = _let_child(card, reference, candidates[len(results) :], seconds, end, results)
        if code == 0 or time.monotonic() > end:
            break
        results.append(Result(candidates[len(results)], error=f"it ended the process ({code})"))
    return results


def _let_child(
    card: ModelCard, reference: Candidate, candidates: Sequence[Candidate], seconds: float, end: float, results: list[Result]
) -> int:
    """Have a child measure, add what it finds to the results, and return its exit code."""
    order = msgspec.json.encode([msgspec.structs.replace(card, path=None), reference, candidates, seconds]).decode()
    command = [sys.executable, "-m", "xmaker_auto.child"]
    import subprocess

    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as child:  # noqa: S603  # Python itself
        assert child.stdin
        assert child.stdout
        timer = Timer(max(0.1, end - time.monotonic()), child.kill)
        timer.start()
        try:
            child.stdin.write(order)
            child.stdin.close()
            # an engine may print something itself
            results += [msgspec.json.decode(line, type=Result) for line in child.stdout if line.startswith("{")]
        finally:
            timer.cancel()
            child.wait()
    return child.returncode
