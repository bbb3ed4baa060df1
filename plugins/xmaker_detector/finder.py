"""From a picture to the things in it: runs the network, reads its outputs, and finds the places in the frame."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import copy_context
from functools import partial
from math import isfinite

import numpy as np
from xmaker_vision.prepare import Preparer

from xmaker import Detection, LabelName, ModelCard, NodeError, Session
from xmaker.values import Array
from xmaker_detector.given import Found, Given, Layout
from xmaker_detector.layouts import find_layout, layout_named, read
from xmaker_detector.overlaps import suppress
from xmaker_detector.places import box_in_frame, mask_in_frame, tensor_in_frame

HIGHEST = 1.01
"""A score that is rounded (16 or 8 bits) may be a little above 1."""
Thing = tuple[int, int, float, list[float]]
"""Number of the row, of the label, score, and box: left, top, right, bottom."""


class Finder:
    """Finds things with one network."""

    def __init__(
        self, card: ModelCard, session: Session, least: float, iou: float, most: int, labels: Sequence[str], layout: str
    ) -> None:
        """`least` is the lowest score that counts, `labels` the ones to look for (() for all), `layout` its name or ""."""
        self._card, self._session = card, session
        self._least, self._iou, self._most = least, iou, most
        names = card.label_names()
        numbers = card.decode.get("numbers", range(len(names)))
        self._names = dict(zip(numbers, names, strict=True))
        """What the network's numbers stand for."""
        self._all_named = () if "numbers" in card.decode else names
        wanted = [number for number, name in self._names.items() if not labels or name in [*labels]]
        self._wanted = np.array(wanted) if labels or "numbers" in card.decode else None
        self._preparer = Preparer(card.input)
        layout = layout or card.decode.get("layout", "")
        self._layout: Layout | None = layout_named(layout) if layout else None
        self._quiet = copy_context()
        """In it NumPy says nothing of what is no number, for we do; `np.errstate` would take longer on each frame."""
        self._quiet.run(np.seterr, all="ignore")

    def close(self) -> None:
        self._session.close()

    def find(self, image: Array) -> list[Detection]:
        """Return what is in a (height, width, 3) uint8 BGR picture, the best first."""
        tensor = self._preparer.tensor(image)
        height, width = tensor.shape[2:] if self._card.input.layout == "NCHW" else tensor.shape[1:3]
        outputs = self._session.run(tensor)
        given = Given(outputs, self._session.outputs, width, height, self._least, self._all_named, self._card.decode)
        found = self._quiet.run(self._read, given)
        return self._detections(found, image.shape[:2], (width, height))

    def _read(self, given: Given) -> Found:
        if self._layout is None:
            self._layout = find_layout(given, self._card.name)
        return read(self._layout, given, self._card.name)

    def _detections(self, found: Found, frame: tuple[int, int], tensor: tuple[int, int]) -> list[Detection]:
        if not len(found.scores):
            return []
        if not isfinite(np.add.reduce(found.boxes, None)):  # before one of them pushes others away
            raise NodeError.of("XM674")
        best, fit = self._best(found), self._preparer.fit
        high, wide = frame
        parts = (part.take(best, 0).tolist() for part in (found.labels, found.scores, found.boxes))
        things = _possible(list(zip(best.tolist(), *parts, strict=True)))
        items = [
            (number, Detection(self._name(label), score, box_in_frame(box, fit, wide, high), number=label))
            for number, label, score, box in things
        ]
        if found.mask is not None:
            for number, item in items:
                place = item.box if found.mask_of_box else tensor_in_frame(self._preparer.fit, *tensor)
                item.shape = partial(mask_in_frame, found.mask(number), place, item.box, wide, high)
        return [item for _, item in items]

    def _best(self, found: Found) -> Array:
        """Return the indices of the things that are wanted, the best first."""
        if found.overlapping:
            best = suppress(found.boxes, found.scores, found.labels, self._iou)
        else:
            best = np.argsort(-found.scores, kind="stable")
        if self._wanted is not None:
            best = best[np.isin(found.labels[best], self._wanted)]
        return best[: self._most]

    def _name(self, number: int) -> LabelName:
        """Return the name of a kind of thing; its number where the card has no names."""
        return self._names.get(number) or LabelName(str(number))


def _possible(things: list[Thing]) -> list[Thing]:
    """Return the things whose boxes can be. Raises NodeError when none can, or a score cannot.

    A network may now and then turn a box inside out; when it does so with all, they are no boxes.
    """
    possible = []
    for thing in things:
        score, (left, top, right, bottom) = thing[2:]
        if score > HIGHEST:
            raise NodeError.of("XM598", seen=f"score {score:.3g} > 1")
        if right >= left and bottom >= top:
            possible.append(thing)
    if things and not possible:
        raise NodeError.of("XM598", seen=f"box {right - left:.0f} × {bottom - top:.0f}")
    return possible
