"""Which of the boxes that a detector found are right, as a project would see them: from the detector's own score on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xmaker_toolbox.evaluation.boxes import Rectangle, Seen, Thing
from xmaker_toolbox.evaluation.result import KEPT, Box, Class, Mistake

SAME = 0.5
"""A thing is found when a box of its label overlaps its own by more than this."""


def look_through(labels: Mapping[int, str], pictures: Iterable[Seen], sure: float) -> tuple[dict[int, Class], list[Mistake]]:
    """Return the counts of each label, and the pictures with the most mistakes, the worst first."""
    classes = {number: Class(label) for number, label in labels.items()}
    mistakes = []
    for picture in pictures:
        wanted = [one for one in picture.things if not one.crowd]
        crowds = [one for one in picture.things if one.crowd]
        found = [one for one in picture.found if one.score >= sure]
        pairs = match(wanted, found)
        shown = [place for place, one in enumerate(found) if place in pairs or not any(_lies_in(one, each) for each in crowds)]
        for one in wanted:
            classes[one.number].count += 1
        for place in shown:
            classes[found[place].number].said += 1
            classes[found[place].number].right += place in pairs
        if wrong := len(wanted) + len(shown) - 2 * len(pairs):
            there = [Box(labels[one.number], one.box, place in pairs.values()) for place, one in enumerate(wanted)]
            said = [Box(labels[found[place].number], found[place].box, place in pairs, found[place].score) for place in shown]
            mistakes.append(Mistake(picture.path, score=wrong, wanted=there, found=said))
    return classes, sorted(mistakes, key=lambda one: -one.score)[:KEPT]


def match(wanted: Sequence[Thing], found: Sequence[Thing]) -> dict[int, int]:
    """Give each thing that was found, the surest first, the free one of its class that it overlaps most.

    Return their places: in `found` → in `wanted`.
    """
    pairs: dict[int, int] = {}
    for place in sorted(range(len(found)), key=lambda number: -found[number].score):
        free = [
            (overlap(found[place].box, one.box), other)
            for other, one in enumerate(wanted)
            if one.number == found[place].number and other not in pairs.values()
        ]
        best, other = max(free, default=(0.0, -1))
        if best > SAME:
            pairs[place] = other
    return pairs


def overlap(one: Rectangle, other: Rectangle) -> float:
    """Return the intersection of two boxes over their union, 0..1."""
    both = _common(one, other)
    union = one[2] * one[3] + other[2] * other[3] - both
    return both / union if union else 0.0


def _lies_in(one: Thing, crowd: Thing) -> bool:
    """Whether it is one of a crowd, whose members nobody has drawn: it is neither right nor wrong."""
    return one.number == crowd.number and _common(one.box, crowd.box) > SAME * one.box[2] * one.box[3]


def _common(one: Rectangle, other: Rectangle) -> float:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, down)
