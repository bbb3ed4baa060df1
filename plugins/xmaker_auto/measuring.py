"""Has candidates measured in a process of its own: an engine that does not fit this processor ends that one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
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


def measured(card: ModelCard, reference: Candidate, candidates: Sequence[Candidate], end: float) -> list[Result]:
    """Measure candidates until that moment of time.monotonic. One that ends the process is left out, the others go on."""
    results: list[Result] = []
    while len(results) < len(candidates) and time.monotonic() < end:
        left = candidates[len(results) :]
        before = len(results)
        results += _from_child(card, reference, left, end)
        if len(results) < len(candidates) and time.monotonic() < end:
            results.append(Result(candidates[len(results)], error="it ended the process"))
        elif len(results) == before:
            break
    return results


def _from_child(card: ModelCard, reference: Candidate, candidates: Sequence[Candidate], end: float) -> Iterator[Result]:
    order = msgspec.json.encode([msgspec.structs.replace(card, path=None), reference, candidates]).decode()
    command = [sys.executable, "-m", "xmaker_auto.child"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as child:  # noqa: S603  # Python itself
        assert child.stdin
        assert child.stdout
        timer = Timer(max(0.1, end - time.monotonic()), child.kill)
        timer.start()
        try:
            child.stdin.write(order)
            child.stdin.close()
            for line in child.stdout:
                if line.startswith("{"):  # an engine may print something itself
                    yield msgspec.convert(json.loads(line), Result)
        finally:
            timer.cancel()
            child.kill()
