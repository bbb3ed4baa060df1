"""What an evaluation found out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

KEPT = 24
"""Mistakes that are kept: the worst ones."""
HEARD = "keywords"
"""The task of models that are judged by recordings."""
FIGURES = ("top-1", "top-5", "mAP", "AP50", "AP75")
"""All figures that there may be, in the order in which they are shown."""


class Class(msgspec.Struct):
    """How well one class went. For a detector, what counts are things, found where they are (IoU above 0.5)."""

    label: str
    count: int = 0
    """How often it is there."""
    right: int = 0
    said: int = 0
    """How often the model said so, right or wrong."""
    ap: float | None = None
    """Average precision over IoU .5 to .95; detectors only."""

    @property
    def recall(self) -> float:
        """The part of what is there that was found, 0..1."""
        return self.right / self.count if self.count else 0.0

    @property
    def precision(self) -> float:
        """The part of what was said that is right, 0..1."""
        return self.right / self.said if self.said else 0.0


class Box(msgspec.Struct):
    """Something in a picture: (left, top, width, height) in pixels; `right` is whether the other side has it, too."""

    label: str
    box: tuple[float, float, float, float]
    right: bool = False
    score: float | None = None
    """How sure the model is of it, 0..1; None for what people have drawn."""


class Mistake(msgspec.Struct):
    """A picture, or a sound, that went wrong."""

    path: Path
    true: str = ""
    said: str = ""
    score: float = 0.0
    """How sure the model was, 0..1; for a detector, how many boxes are wrong or missing."""
    wanted: list[Box] = []
    found: list[Box] = []


class Evaluation(msgspec.Struct):
    """What was measured of one model on one set of pictures."""

    task: str
    pictures: int
    """How many were looked at; or recordings, for a model that hears."""
    figures: dict[str, float]
    """`top-1` and `top-5`, or `mAP`, `AP50` and `AP75`: parts of 1."""
    classes: list[Class]
    """Those that are there or were said, in the order of the model's labels."""
    confusion: list[list[int]] = []
    """Classifiers: in the order of `classes`, a row for what it is, a column for what was said."""
    mistakes: list[Mistake] = []
    """The worst ones, the worst first."""
    left_out: list[str] = []
    """Detectors: classes of the data that the model does not know."""
    skipped: list[Path] = []
    """What could not be read."""
    contradicting: list[Path] = []
    """Pictures whose name in the table is another of the model's labels than their number; the number counts."""
    model: str = ""
    data: str = ""
    megabytes: float = 0.0
    """Size of the model's file, in 1,000,000 bytes."""

    def confused(self) -> list[tuple[int, int, int]]:
        """Return what was mistaken for what, the most frequent first: (class, class that was said, how often)."""
        pairs = [
            (true, said, count)
            for true, row in enumerate(self.confusion)
            for said, count in enumerate(row)
            if count and said != true
        ]
        return sorted(pairs, key=lambda pair: -pair[2])

    def to_json(self) -> dict[str, Any]:
        """Return all of it in what JSON can hold, with precision and recall."""
        made: dict[str, Any] = msgspec.to_builtins(self, enc_hook=str)
        for of, one in zip(self.classes, made["classes"], strict=True):
            one |= {"precision": of.precision, "recall": of.recall}
        return made
