"""What outputs look like, as plain data: for a panel or any other picture of a running project.

An output says it itself (`Output.looks`), so that a stranger's lamp glows too, and one that blinks is seen blinking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:  # a lamp needs neither
    from xmaker.detections import Detection
    from xmaker.values import Frame


class Lamp(msgspec.Struct, frozen=True, tag="lamp"):
    """A lamp that shines from 0 (out) to 1 (full)."""

    level: float
    colour: str = ""
    """`#rrggbb`; "" where only who bought the lamp knows."""


class Lamps(msgspec.Struct, frozen=True, tag="lamps"):
    """Several lamps in a row, each with its `#rrggbb`; black is out."""

    colours: tuple[str, ...]


class Arm(msgspec.Struct, frozen=True, tag="arm"):
    """Something that has turned to an angle in degrees; None while nobody knows."""

    degrees: float | None
    low: float = 0.0
    high: float = 180.0


class Tone(msgspec.Struct, frozen=True, tag="tone"):
    """A tone that is heard, in Hz; 0 is silence."""

    frequency: float


class Rotor(msgspec.Struct, frozen=True, tag="rotor"):
    """Something that goes on turning, from -1 (backwards, full) over 0 to 1 (forwards, full)."""

    speed: float


class Switch(msgspec.Struct, frozen=True, tag="switch"):
    """Something that is on or off."""

    on: bool


class Line(msgspec.Struct, frozen=True):
    """A name with words; with a part (0..1) they stand on a bar."""

    name: str
    words: str
    part: float | None = None
    label: bool = False
    """It is one of a classifier's labels."""


class Scene(msgspec.Struct, frozen=True, tag="scene"):
    """What a screen shows. Never changed, only replaced: another thread may be drawing it."""

    text: tuple[str, ...] = ()
    frame: Frame | None = None
    boxes: tuple[Detection, ...] = ()
    lines: tuple[Line, ...] = ()


Look = Lamp | Lamps | Arm | Tone | Rotor | Switch | Scene
