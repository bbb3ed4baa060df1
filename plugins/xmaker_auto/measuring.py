"""Has candidates measured in a process of its own: an engine that does not fit this processor ends that one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
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
    order = msgspec.json.encode([msgspec.structs.replace(card, path=None), reference, candidates, seconds])
    lines, code = ask("xmaker_auto.child", order, end)
    results += [msgspec.json.decode(line, type=Result) for line in lines]
    return code


def ask(module: str, order: bytes, end: float, tick: Callable[[], object] = lambda: None) -> tuple[list[bytes], int]:
    """Run a module as a process, give it an order, and return the lines of JSON that it printed, and its exit code.

    At `end` (time.monotonic) it is killed; so it is when `tick`, which is called a few times a second, raises.
    """
    import subprocess

    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-m", module], **pipes) as child:  # noqa: S603  # Python itself
        sent: bytes | None = order
        try:
            while True:
                try:
                    printed, _ = child.communicate(sent, timeout=0.2)
                    break
                except subprocess.TimeoutExpired:
                    sent = None
                tick()
                if time.monotonic() > end:
                    child.kill()
        finally:
            child.kill()
    return [line for line in printed.splitlines() if line.startswith(b"{")], child.returncode  # an engine may print, too
