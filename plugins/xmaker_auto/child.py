"""The process that measures: `python -m xmaker_auto.child` reads what to measure, and prints a line of JSON for each."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from xmaker import ModelCard, Plugins, Session, XMakerError
from xmaker_auto.measuring import Candidate, Result

SECONDS = 0.4
"""How long one candidate is measured, the runs of the reference included; a slow network takes longer."""
BLOCK = 3
"""So many runs of one, then of the other; the first of them does not count: threads of the other may still spin."""
SOUNDS = 4
"""On so many pieces of recorded sound answers are compared; on as many pictures as there are."""


def main() -> None:
    sent = sys.stdin.buffer.read()
    card, reference, candidates, seconds = msgspec.json.decode(sent, type=tuple[ModelCard, Candidate, list[Candidate], float])
    plugins = Plugins.load()
    compare: Comparison | None = None
    for one in candidates:
        if time.process_time() > seconds:
            break
        try:
            compare = compare or Comparison(plugins, card, reference)
            result = compare.measure(one)
        except XMakerError as error:
            result = Result(one, error=f"{error} {error.hint}".strip())
        except Exception as error:  # noqa: BLE001  # engines raise what they like
            result = Result(one, error=f"{type(error).__name__}: {error}"[:200])
        print(msgspec.json.encode(result).decode(), flush=True)


class Comparison:
    """Measures sessions against that of the reference, which runs in between."""

    def __init__(self, plugins: Plugins, card: ModelCard, reference: Candidate) -> None:
        self._plugins, self._card = plugins, card
        self._tensors = inputs(card)
        self._usual = loaded(plugins, card, reference)
        self._wanted = [answer(self._usual, tensor) for tensor in self._tensors]

    def measure(self, one: Candidate) -> Result:
        session = loaded(self._plugins, self._card, one)
        result = self.of(session, one)
        session.close()
        return result

    def of(self, session: Session, one: Candidate) -> Result:
        """Measure a session that is loaded already."""
        answers = (answer(session, tensor) for tensor in self._tensors)
        angles = [alike(found, wanted) for found, wanted in zip(answers, self._wanted, strict=True)]
        ms, ratio = timed(session, self._usual, self._tensors[0], one.threads)
        return Result(one, ms, ratio, sum(angles) / len(angles))


def loaded(plugins: Plugins, card: ModelCard, one: Candidate) -> Session:
    own = msgspec.structs.replace(card, path=Path(one.file))
    return plugins.engine(own, one.engine).load(own, one.threads)


def inputs(card: ModelCard) -> list[Any]:
    """Return tensors of the pictures or the sound that come with XMaker, and of some that are made up."""
    return pictures(card) if card.input.height > 1 else sounds(card.input.width)


def pictures(card: ModelCard) -> list[Any]:
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


def sounds(length: int) -> list[Any]:
    """Return pieces (1, length) of what is said to the voice lamp, and of noise."""
    import wave

    import numpy as np

    from xmaker.cli.gallery import gallery

    with wave.open(str(gallery() / "voice_lamp/media/commands.wav")) as file:
        said = np.frombuffer(file.readframes(SOUNDS * length), np.int16) / np.float32(32768)
    noise = np.random.default_rng(1).normal(0, 0.1, length)
    pieces = [*said[: len(said) // length * length].reshape(-1, length), noise]
    return [np.asarray(piece[None], np.float32) for piece in pieces]


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


def timed(session: Session, usual: Session, tensor: Any, threads: int) -> tuple[float, float]:
    """Return milliseconds of a run, and its time by that of the other, in blocks in turn.

    With one thread it is the processor's time, which says the same on a busy computer as on a free one.
    """
    clock = time.process_time if threads == 1 else time.perf_counter
    times: tuple[list[float], list[float]] = ([], [])
    spent = 0.0
    while spent < SECONDS:
        for one, kept in zip((session, usual), times, strict=True):
            for number in range(BLOCK):
                start = clock()
                one.run(tensor)
                spent += clock() - start
                if number:
                    kept.append(clock() - start)
    quick = [sorted(kept)[len(kept) // 4] for kept in times]
    return quick[0] * 1e3, quick[0] / quick[1]


if __name__ == "__main__":
    main()
