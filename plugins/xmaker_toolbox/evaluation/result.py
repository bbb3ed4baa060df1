"""What an evaluation found out."""

from __future__ import annotations

from pathlib import Path

import msgspec

KEPT = 24
"""Mistakes that are kept: the worst ones."""


class Class(msgspec.Struct):
    """How well one class went. For a detector, what counts are things, found where they are (IoU above 0.5)."""

    label: str
    count: int
    right: int
    said: int
    """How often the model said so, right or wrong."""
    ap: float | None = None
    """Average precision over IoU .5 to .95; detectors only."""

    @property
    def recall(self) -> float:
        """The part of what is there that was found."""
        return self.right / self.count if self.count else 0.0

    @property
    def precision(self) -> float:
        """The part of what was said that is right."""
        return self.right / self.said if self.said else 0.0


class Box(msgspec.Struct):
    """Something in a picture: (left, top, width, height) in pixels; `right` is whether the other side has it, too."""

    label: str
    box: tuple[float, float, float, float]
    right: bool
    score: float | None = None


class Mistake(msgspec.Struct):
    """A picture that went wrong."""

    path: Path
    true: str = ""
    said: str = ""
    score: float = 0.0
    wanted: list[Box] = []
    found: list[Box] = []


class Evaluation(msgspec.Struct):
    """What was measured of one model on one set of pictures."""

    task: str
    pictures: int
    figures: dict[str, float]
    """`top-1` and `top-5`, or `mAP`, `AP50` and `AP75`: parts of 1."""
    classes: list[Class]
    confusion: list[list[int]] = []
    """Classifiers: in the order of `classes`, a row for what it is, a column for what was said."""
    mistakes: list[Mistake] = []
    left_out: list[str] = []
    """Detectors: classes of the data that the model does not know."""
    skipped: list[Path] = []
    """What could not be read."""
    model: str = ""
    data: str = ""
    megabytes: float = 0.0
