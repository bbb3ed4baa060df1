"""What a screen's window shows, as plain data; and where in the window it is shown. No Tk here."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from xmaker import Detection, Detections, Event, Frame, Label, Quantity, Reading
from xmaker.looks import Line, Scene
from xmaker.nodes import Gives
from xmaker.rules.functions import text_of
from xmaker.words import value_words

HOLD = 1.0
"""For so many seconds a frame with what was found in it stays, rather than newer ones of which nothing is known yet."""
LABELS = 3
"""So many of a classifier's best labels are shown."""


class Showing:
    """Collects what a screen was given."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._boxes: tuple[Detection, ...] = ()
        self._boxed = -math.inf
        """When the frame with boxes was captured."""
        self._lines: dict[str, tuple[Line, ...]] = {}

    def take(self, event: Event, gives: Gives | None) -> None:
        """Take what came along a wire; `gives` is what its node declares."""
        value = event.value
        if isinstance(value, Frame):
            if not 0 <= event.time - self._boxed < HOLD:
                self._frame, self._boxes = value, ()
        elif isinstance(value, Detections) and (frame := _frame_of(event)) is not None:
            self._frame, self._boxes, self._boxed = frame, tuple(value.items), event.time
        else:
            self._lines[event.node] = tuple(lines_of(event.node, value, gives))

    def gauge(self, name: str, value: float, low: float, high: float, unit: str) -> None:
        self._lines[name] = (_gauge(name, value, Quantity(unit, low, high)),)

    def scene(self, text: Sequence[str]) -> Scene:
        """Return it all for the window: the labels of the picture first, they belong to it."""
        lines = sorted((line for lines in self._lines.values() for line in lines), key=lambda line: not line.label)
        text = [line.encode("utf-8", "replace").decode() for line in text]  # half a character would be too much for Tk
        return Scene(tuple(text), self._frame, self._boxes, tuple(lines))


def _frame_of(event: Event) -> Frame | None:
    """Return the frame that something was found in."""
    cause = event.cause
    while cause is not None:
        if isinstance(cause.value, Frame):
            return cause.value
        cause = cause.cause
    return None


def lines_of(node: str, value: object, gives: Gives | None) -> list[Line]:
    """Return a value as lines: labels with their scores, numbers as bars between their usual ends, the rest in words."""
    if isinstance(value, Label):
        labels = value.top[:LABELS]
        return [Line(text_of(label), f"{score:.0%}", _part(score, 0, 1), True) for label, score in labels]
    if not isinstance(value, Reading):
        return [Line(node, value_words(value, gives))]
    lines = []
    for name, number in value.values.items():
        title = node if name == "value" or len(value.values) == 1 else f"{node}.{name}"
        quantity = gives.get(name) if not isinstance(gives, type) and gives is not None else None
        if quantity is not None and quantity.kind == "number" and isinstance(number, int | float):
            lines.append(_gauge(title, number, quantity))
        else:
            lines.append(Line(title, text_of(number)))
    return lines


def _gauge(name: str, value: float, quantity: Quantity) -> Line:
    number = round(float(value), 2) if abs(value) < 100 else round(float(value), 1)
    return Line(name, f"{text_of(number)} {quantity.unit}".rstrip(), _part(value, quantity.low, quantity.high))


def _part(value: float, low: float, high: float) -> float:
    """Return how far a value is between two ends, 0..1. What cannot be said is at the lower one."""
    part = (value - low) / (high - low) if high != low else 0.0
    return min(1.0, max(0.0, part)) if part == part else 0.0


class Place(msgspec.Struct, frozen=True):
    """A rectangle in the window, in pixels."""

    left: float = 0
    top: float = 0
    width: float = 0
    height: float = 0

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height


class Plan(msgspec.Struct, frozen=True):
    """Where everything is; `unit` is a pixel of a display of 240 by 320, for which all sizes are thought."""

    unit: float
    picture: Place
    words: Place
    rule: Place
    buttons: tuple[Place, ...]


MARGIN, LINE, TEXT, RULE, BUTTON = 8, 28, 34, 30, 52
"""The window's margin, and the heights of a line with a bar, of a line of text, of a rule and of a button, in units."""


def plan(width: float, height: float, scene: Scene, rule: bool, buttons: int) -> Plan:
    """Divide a window: the picture at the top (at the left of a wide window), words below, a rule and buttons at the bottom."""
    unit = max(0.5, min(width / 240, height / 320))
    margin = MARGIN * unit
    wide = width > 1.2 * height
    places = _buttons(width, height, buttons, 5 if wide else 3, unit)
    bottom = (places[0].top if places else height) - margin
    strip = Place(margin, bottom - RULE * unit, width - 2 * margin, RULE * unit) if rule else Place()
    room = Place(margin, margin, width - 2 * margin, (strip.top if rule else bottom) - margin)
    wanted = (len(scene.text) * TEXT + len(scene.lines) * LINE) * unit
    if scene.frame is None:
        return Plan(unit, Place(), room, strip, places)
    whole = scene.frame.width, scene.frame.height
    if not wanted:
        return Plan(unit, _fitted(room, *whole), Place(), strip, places)
    if wide:
        picture = _fitted(msgspec.structs.replace(room, width=0.6 * room.width), *whole)
        left = picture.left + picture.width + margin
        return Plan(unit, picture, msgspec.structs.replace(room, left=left, width=width - margin - left), strip, places)
    least = _fitted(msgspec.structs.replace(room, height=0.4 * room.height), *whole).height
    tall = max(least, room.height - wanted - margin)
    picture = _fitted(msgspec.structs.replace(room, height=tall), *whole, centred=False)
    top = picture.top + picture.height + margin
    return Plan(unit, picture, Place(margin, top, room.width, room.top + room.height - top), strip, places)


def _buttons(width: float, height: float, count: int, most: int, unit: float) -> tuple[Place, ...]:
    if not count:
        return ()
    rows, gap = math.ceil(count / most), MARGIN * unit
    columns = math.ceil(count / rows)
    tall = min(BUTTON * unit + gap, 0.5 * height / rows)
    broad = (width - gap) / columns
    top = height - rows * tall
    corners = [divmod(number, columns) for number in range(count)]
    return tuple(Place(gap + column * broad, top + row * tall, broad - gap, tall - gap) for row, column in corners)


def _fitted(room: Place, width: float, height: float, centred: bool = True) -> Place:
    """Return the largest place of a picture's shape in a room, centred; only from left to right if something comes below."""
    scale = min(room.width / max(1, width), room.height / max(1, height))
    wide, high = scale * width, scale * height
    top = room.top + (room.height - high) / 2 if centred else room.top
    return Place(room.left + (room.width - wide) / 2, top, wide, high)
