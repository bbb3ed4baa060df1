"""What a detector finds in a picture: things with a label, a score, a box, and a number that stays from frame to frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from xmaker.values import Absent, Array, Kind, Value


class Detection(msgspec.Struct):
    """One thing found: `box` is (left, top, width, height) in pixels of the frame."""

    label: str
    score: float
    box: tuple[float, float, float, float]
    track: int = 0
    """Its number, the same from frame to frame; 0 as long as it is not sure to be there."""
    shape: Callable[[], Array] | None = None
    """Works out `mask`; on a frame's way only the box is needed."""
    number: int = -1
    """Which of the model's labels it is; -1 when that is not known."""

    @property
    def mask(self) -> Array | None:
        """Which pixels of the frame it covers, as a (height, width) bool array; None where the model does not tell."""
        return self.shape() if self.shape else None

    def to_json(self) -> dict[str, Any]:
        track = {"track": self.track} if self.track else {}
        return {"label": str(self.label), "score": round(self.score, 4), "box": [round(side, 1) for side in self.box], **track}


class Nearest(msgspec.Struct, frozen=True):
    """The largest thing that was found: where its middle is, 0..1 from the left and from the top, and in pixels."""

    label: str
    score: float
    x: float
    y: float
    x_px: float
    y_px: float
    size: float
    """The part of the picture that its box takes, 0..1."""


class Detections(Value):
    """Everything that a detector found in one frame of `width` by `height` pixels."""

    items: list[Detection]
    width: int = 0
    height: int = 0
    came: list[str] = []
    """The labels of what came into the picture with this frame."""
    went: list[str] = []
    """The labels of what has left it."""
    totals: dict[str, int] = {}
    """Label → how many different things there have been since the start."""

    fields: ClassVar[Mapping[str, Kind]] = {
        f"nearest.{name}": "text" if name == "label" else "number" for name in Nearest.__struct_fields__
    }
    methods: ClassVar[Mapping[str, Kind]] = {"count": "number", "total": "number", "entered": "flag", "left": "flag"}
    moments: ClassVar[frozenset[str]] = frozenset({"entered", "left"})
    ranges: ClassVar[Mapping[str, tuple[float, float]]] = {
        f"nearest.{name}": (0.0, 1.0) for name in ("score", "x", "y", "size")
    }

    @property
    def passing(self) -> bool:
        return bool(self.came or self.went)

    def lasting(self) -> Detections:
        return msgspec.structs.replace(self, came=[], went=[])

    @property
    def nearest(self) -> Nearest:
        """The largest thing, which is usually the nearest. Raises Absent when nothing was found."""
        if not self.items:
            raise Absent("nearest")
        item = max(self.items, key=lambda item: item.box[2] * item.box[3])
        left, top, width, height = item.box
        x, y, across, down = left + width / 2, top + height / 2, self.width or 1, self.height or 1
        return Nearest(item.label, item.score, x / across, y / down, x, y, width * height / (across * down))

    def count(self, label: str = "") -> int:
        """Return how many things with this label were found (all of them without a label)."""
        return sum(1 for item in self.items if not label or item.label == label)

    def total(self, label: str = "") -> int:
        """Return how many different things with this label there have been since the start."""
        return sum(count for name, count in self.totals.items() if not label or name == label)

    def entered(self, label: str = "") -> bool:
        """Return whether something with this label has just come into the picture: true for one event."""
        return bool(self.came) if not label else label in self.came

    def left(self, label: str = "") -> bool:
        """Return whether something with this label has just left the picture: true for one event."""
        return bool(self.went) if not label else label in self.went

    def to_json(self) -> dict[str, Any]:
        return {"items": [item.to_json() for item in self.items]}

    def as_xedu(self) -> list[dict[str, Any]]:
        """Return what XEduHub's `Workflow(task="mmedu")` gives for a picture with things in it, in plain numbers."""
        return [
            {
                "标签": item.number,
                "置信度": item.score,
                "坐标": dict(zip(("x1", "y1", "x2", "y2"), map(int, _corners(item.box)), strict=True)),
                "预测结果": str(item.label),
            }
            for item in self.items
        ]


def _corners(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top, width, height = box
    return left, top, left + width, top + height
