"""Chooses the fastest engine, file and number of threads: has a process of its own measure, and remembers the answer."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from xmaker import Engine, ModelCard
from xmaker_auto.measuring import Candidate, Result, measured

AGREES = 0.95
"""How alike answers must be to those of the model's own file: the cosine of the angle between the two."""
SECONDS = 18.0
"""How much of the processor's time choosing may take, once. What has not been measured by then is not chosen."""
FIRST = 0.7
"""The part of that for one thread; the rest is for more threads."""
BETTER = 0.97
"""Another engine, file or number of threads must take less than this part of the time, or it is not worth it."""
SPINS = "-spin"


def choice(engine: Engine, card: ModelCard, threads: int) -> Candidate:
    """Return what is the fastest of what the engine `auto` may choose, as it was remembered or by measuring."""
    first = reference(engine.others, card)
    firsts = candidates(engine.others, card, 1)
    if len(firsts) == 1 and threads == 1:
        return first
    memory, key = Memory.load(), key_of([one.file for one in firsts], threads, engine.paced, engine.others)
    if key not in memory.choices:
        engine.tell("XM658", model=card.name)
        memory.choices[key] = best_of(measure(engine, card, firsts, threads), first)
        memory.save()
    return memory.choices[key]


def measure(engine: Engine, card: ModelCard, firsts: list[Candidate], threads: int) -> list[Result]:
    """Measure each engine and file with one thread, then the two best with more."""
    small_first = sorted(firsts, key=lambda one: os.stat(one.file).st_size)  # mostly INT8, and the fastest
    usual = reference(engine.others, card)
    results = measured(card, usual, small_first, SECONDS * FIRST)
    best = sorted((one for one in results if agrees(one)), key=lambda one: one.ratio)[:2]
    names = [one.name for one in engine.others]
    more = [
        Candidate(one.way.engine + spin, one.way.file, count)
        for one in best
        for count in thread_counts(threads)
        for spin in ("", *([SPINS] if not engine.paced and one.way.engine + SPINS in names else []))
    ]
    return results + measured(card, usual, more, SECONDS * (1 - FIRST))


def candidates(engines: Iterable[type[Engine]], card: ModelCard, threads: int) -> list[Candidate]:
    """Return each engine that is there with each file that it can run; those that spin do so only with more threads."""
    assert card.path is not None
    return [
        Candidate(engine.name, str(file), threads)
        for engine in engines
        if engine.name != "auto" and (threads > 1 or not engine.name.endswith(SPINS)) and engine().there()
        for file in engine().files(card.path)
    ]


def reference(engines: Iterable[type[Engine]], card: ModelCard) -> Candidate:
    """Return what runs the model's own file where nobody chooses."""
    assert card.path is not None
    engine = next(one for one in engines if card.path.name.endswith(one.suffixes or "\0"))
    return Candidate(engine.name, str(card.path), 1)


def thread_counts(most: int) -> list[int]:
    """Return the numbers of threads to try besides one: 2, 4, 8 … and the most."""
    return sorted({count for count in (2, 4, 8, 16) if count < most} | ({most} - {1}))


def agrees(result: Result) -> bool:
    return result.agreement >= AGREES and not result.error


def best_of(results: Sequence[Result], usual: Candidate) -> Candidate:
    """Return the fastest that agrees; another than the usual one, or more threads, only where they are worth it."""
    best = next((one for one in results if one.way == usual), Result(usual, ratio=1.0))
    for one in sorted(filter(agrees, results), key=lambda one: (one.way.threads, one.ratio)):
        worth = BETTER if best.way == usual or one.way.threads > best.way.threads else 1.0
        if one.ratio < best.ratio * worth:
            best = one
    return best.way


class Memory(msgspec.Struct):
    """What was chosen, kept in a file."""

    choices: dict[str, Candidate] = {}

    @classmethod
    def load(cls) -> Memory:
        with suppress(OSError, RuntimeError, msgspec.MsgspecError):  # no such file, no home, or nonsense in it
            return msgspec.json.decode(_file().read_bytes(), type=cls)
        return cls()

    def save(self) -> None:
        with suppress(OSError, RuntimeError):  # a read-only home only costs time
            _file().parent.mkdir(parents=True, exist_ok=True)
            _file().write_bytes(msgspec.json.encode(self))


def _file() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xmaker" / "engines.json"


def key_of(files: Iterable[str], threads: int, paced: bool, engines: Iterable[type[Engine]]) -> str:
    """Return what changes when the board, a file, an engine, or what may be chosen is another."""
    from hashlib import sha256

    stats = [(file, os.stat(file).st_size, os.stat(file).st_mtime_ns) for file in files]
    installed = [(folder, os.stat(folder).st_mtime_ns) for folder in sys.path if folder.endswith("-packages")]
    whole = (board(), stats, threads, paced, [engine.name for engine in engines], installed)
    return sha256(repr(whole).encode()).hexdigest()[:16]


def board() -> str:
    """Return which processor this is."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        names = {line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model", "Hardware"))}
        return f"{platform.machine()} {os.cpu_count()} {' '.join(sorted(names))}"
    return f"{platform.machine()} {os.cpu_count()} {platform.processor()}"
