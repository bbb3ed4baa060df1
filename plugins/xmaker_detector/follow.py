"""Follows things from frame to frame: which box of this frame is which of those before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from xmaker import Detection
from xmaker.values import Array
from xmaker_detector.overlaps import overlaps

SAME = 0.2
"""Boxes of one thing in two frames overlap at least so much."""
SURE = 3
"""In so many frames a thing must be seen before it counts: single frames are often wrong."""


class Track:
    """One thing that is followed."""

    def __init__(self, label: str, box: Array, time: float, first: bool) -> None:
        self.label, self.box, self.time, self.seen_at = label, box, time, time
        self.speed = np.zeros(4)
        """How fast its sides move, in pixels a second."""
        self.frames = SURE if first else 1
        self.number = 0
        """0 until it counts."""

    def expected(self, time: float) -> Array:
        """Return where it should be."""
        return self.box + self.speed * (time - self.seen_at)

    def see(self, box: Array, time: float) -> None:
        """It has been found again."""
        passed = time - self.seen_at
        if passed > 0:
            self.speed = 0.5 * self.speed + 0.5 * (box - self.box) / passed
        self.box, self.seen_at = box, time
        self.frames += 1


class Follower:
    """Gives things their numbers. What is out of sight is remembered for `patience` seconds."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._tracks: list[Track] = []
        self._last = 0
        self.totals: Counter[str] = Counter()
        """Label → how many different things there have been."""

    def follow(
        self, items: Sequence[Detection], sure: float, time: float, scene: bool
    ) -> tuple[list[Detection], list[str], list[str]]:
        """Number the things of one frame. Return those that are there, and the labels of those that came and that went.

        What scores below `sure` is there only if it was before: so nothing flickers. `scene` says that the picture has nothing
        to do with the one before: whatever is in it counts at once.
        """
        old = [] if scene else self._tracks
        boxes = np.array([item.box for item in items], np.float64).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        pairs = self._pairs(old, items, boxes, time)
        there: list[Detection] = []
        came: list[str] = []
        seen: list[Track] = []
        for number, item in enumerate(items):
            track = pairs.get(number)
            if track is not None:
                track.see(boxes[number], time)
            elif item.score >= sure:
                track = Track(item.label, boxes[number], time, scene)
            else:
                continue
            if not track.number and track.frames >= SURE:
                came.append(track.label)
                self._count(track)
            item.track = track.number
            there.append(item)
            seen.append(track)
        missed = [track for track in self._tracks if track.number and track not in seen]
        kept = [] if scene else [track for track in missed if time - track.seen_at < self._patience]
        self._tracks = seen + kept
        return there, came, [track.label for track in missed if track not in kept]

    def _count(self, track: Track) -> None:
        self._last += 1
        track.number = self._last
        self.totals[track.label] += 1

    @staticmethod
    def _pairs(tracks: list[Track], items: Sequence[Detection], boxes: Array, time: float) -> dict[int, Track]:
        """Return item → track, the pairs that overlap most first."""
        if not tracks or not items:
            return {}
        table = overlaps(boxes, np.array([track.expected(time) for track in tracks]))
        table *= [[item.label == track.label for track in tracks] for item in items]
        pairs: dict[int, Track] = {}
        for place in np.argsort(-table, axis=None, kind="stable"):
            number, other = divmod(int(place), len(tracks))
            if table[number, other] < SAME:
                break
            if number not in pairs and tracks[other] not in pairs.values():
                pairs[number] = tracks[other]
        return pairs
