"""What was tried, what each of it came to, and what is best."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One way to write a network, and what it costs."""

    name: str
    """How its numbers were chosen: `fp32` (the original), `minmax`, `percentile`, `entropy`, `dynamic`, `float16`."""
    floats: tuple[str, ...] = ()
    """The layers that were left as they were, because the answers cannot bear less."""
    bytes: int
    """The size of its file."""
    agreement: float = 1.0
    """The part, 0..1, in which its answers are the original's: the best label, or the boxes that both find (F1)."""
    accuracy: float | None = None
    """The part of its answers that is right, 0..1, or what the given metric says; None without labels."""
    loss: float = 0.0
    """What it loses against the original, in points (hundredths): of accuracy where enough labels are known, else expected."""
    ms: float = 0.0
    """Milliseconds of one run here, with one thread."""

    @property
    def title(self) -> str:
        """How it was made, in short."""
        return f"{self.name} + {len(self.floats)} fp32" if self.floats else self.name


class Quantized(msgspec.Struct, frozen=True, kw_only=True):
    """What came of quantizing a network."""

    path: Path
    """The file that was written, with its card inside."""
    original: Candidate
    candidates: tuple[Candidate, ...]
    """All that were tried, in that order."""
    chosen: Candidate
    """The one that was written."""
    faster: bool
    """Whether it is faster here than the original, in ONNX Runtime."""
    engine: str = ""
    """Where it is not: the engine in which a file is faster than the original in ONNX Runtime; "" when none is."""
    file: Path | None = None
    """The file that this engine should run."""
    reason: str
    """Why this one was written, and what to use, in the user's language."""
    calibrated: int
    """On so many pictures the numbers were seen that occur."""
    tested: int
    """On so many pictures the answers were compared."""
    labelled: int
    """Of so many of those the right answer was known."""
    skipped: tuple[Path, ...] = ()
    """Pictures that could not be read, or are too small to show anything."""
