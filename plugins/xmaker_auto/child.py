"""The process that measures: `python -m xmaker_auto.child` reads what to measure, and prints a line of JSON for each."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from xmaker import ModelCard, Plugins, Session, XMakerError
from xmaker_auto.measuring import Candidate, Result

SECONDS = 0.6
"""How long one candidate is measured, the runs of the reference included."""
BLOCK = 4
"""So many runs of one, then of the other: threads that still spin from the last one do not count."""


def main() -> None:
    card, reference, candidates = msgspec.json.decode(
        sys.stdin.buffer.read(), type=tuple[ModelCard, Candidate, list[Candidate]]
    )
    plugins = Plugins.load()
    tensors: list[Any] = []
    wanted: list[Any] = []
    for one in candidates:
        try:
            before = _megabytes()
            session = loaded(plugins, card, one)
            if not tensors:
                tensors = inputs(card)
            session.run(tensors[0])
            memory = _megabytes() - before
            usual = loaded(plugins, card, reference)
            wanted = wanted or [answer(usual, tensor) for tensor in tensors]
            angles = [alike(answer(session, tensor), other) for tensor, other in zip(tensors, wanted, strict=True)]
            agreement = sum(angles) / len(angles)
            ms, ratio = timed(session, usual, tensors, one.threads)
            result = Result(one, ms, ratio, agreement, memory)
            session.close()
            usual.close()
        except XMakerError as error:
            result = Result(one, error=f"{error} {error.hint}".strip())
        except Exception as error:  # noqa: BLE001  # engines raise what they like
            result = Result(one, error=f"{type(error).__name__}: {error}"[:200])
        print(msgspec.json.encode(result).decode(), flush=True)


def loaded(plugins: Plugins, card: ModelCard, one: Candidate) -> Session:
    own = msgspec.structs.replace(card, path=Path(one.file))
    return plugins.engine(own, one.engine).load(own, one.threads)


def inputs(card: ModelCard) -> list[Any]:
    """Return tensors of the pictures that come with XMaker, and of some that are made up."""
    import cv2
    import numpy as np
    from xmaker_vision.prepare import Preparer

    from xmaker.cli.gallery import gallery

    found = [
        cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR) for file in sorted(gallery().glob("cat_dog/media/*.jpg"))
    ]
    y, x = np.mgrid[:240, :320]
    made = [np.stack([x * 255 // 319, y * 255 // 239, (x // 16 + y // 16) % 2 * 200], axis=2).astype(np.uint8)]
    return [Preparer(card.input).tensor(picture).copy() for picture in found + made]


def answer(session: Session, tensor: Any) -> list[Any]:
    return [part.astype("float32") for part in session.run(tensor)]


def alike(one: Sequence[Any], other: Sequence[Any]) -> float:
    """Return the cosine of the angle between two answers: 1 for the same, 0 for what has nothing to do with each other."""
    import numpy as np

    if [part.size for part in one] != [part.size for part in other]:
        return 0.0
    first, second = (np.concatenate([part.reshape(-1) for part in parts]) for parts in (one, other))
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    cosine = float(first @ second) / length if length else float((first == second).all())
    return cosine if np.isfinite(cosine) else -1.0


def timed(session: Session, usual: Session, tensors: Sequence[Any], threads: int) -> tuple[float, float]:
    """Return milliseconds of a run, and its time by that of the other, in blocks in turn.

    With one thread it is the processor's time, which says the same on a busy computer as on a free one.
    """
    clock = time.process_time if threads == 1 else time.perf_counter
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times[0]) < 2 * BLOCK:
        for one, kept in zip((session, usual), times, strict=True):
            for number in range(BLOCK):
                start = clock()
                one.run(tensors[0])
                if number:
                    kept.append(clock() - start)
    quick = [sorted(kept)[len(kept) // 4] for kept in times]
    return quick[0] * 1e3, quick[0] / quick[1]


def _megabytes() -> float:
    """Return this process's memory; 0 where it cannot be known."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
