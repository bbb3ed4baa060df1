"""What travels along wires: an `Event` carries one value, from one node, at one moment.

A value class also says what rules may ask of it: its fields, its main field and its methods.
No numpy here: importing the core must stay cheap, arrays only pass through.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

import msgspec

Kind = Literal["number", "text", "flag", "any"]
"""What sort of thing a field holds, as far as rules and `check` care."""

Array = Any
"""A numpy array (the core does not import numpy)."""


class Value(msgspec.Struct):
    """Base of the values. `fields` maps a field to its kind; a node's bare name in a rule means the `main` field."""

    fields: ClassVar[Mapping[str, Kind]] = {}
    main: ClassVar[str] = ""
    methods: ClassVar[Mapping[str, Kind]] = {}
    """Methods that a rule may call, with the kind of their result."""
    ranges: ClassVar[Mapping[str, tuple[float, float]]] = {}
    """The least and the most that a field can be, where that is sure: `check` warns of a comparison beyond."""
    momentary: ClassVar[bool] = False
    """True for one event, then re-armed (a key press), instead of lasting until the next event (a label)."""
    passing: ClassVar[Any] = False
    """Whether a part of a lasting value is true for one event only: what has come into a picture."""
    moments: ClassVar[frozenset[str]] = frozenset()
    """The methods that ask for that part."""

    def lasting(self) -> Value:
        """Return the value without that part."""
        return self

    def to_json(self) -> dict[str, Any]:
        """Return the part of the value that goes into a line of `--json`."""
        return {name: getattr(self, name) for name in self.fields}


class Frame(Value):
    """A picture: `image` is a (height, width, 3) uint8 array in BGR order; `source` names the file it came from."""

    image: Array
    source: str = ""

    fields: ClassVar[Mapping[str, Kind]] = {"width": "number", "height": "number", "source": "text"}

    @property
    def width(self) -> int:
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        return int(self.image.shape[0])


class Sound(Value):
    """A stretch of mono sound: `samples` is an (n,) int16 array, `rate` in samples per second.

    An empty one says that the sound ends here: a file is over, and so is its last word.
    """

    samples: Array
    rate: int = 16000

    fields: ClassVar[Mapping[str, Kind]] = {"seconds": "number"}

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


class Reading:
    """One reading of a sensor: `Reading(3.2)` or `Reading(temperature=21.5, humidity=40)`.

    A plain class, because sensors make up their own field names; which ones exist says the node's `gives`.
    """

    __slots__ = ("values",)
    momentary: ClassVar[bool] = False
    passing: ClassVar[bool] = False

    def __init__(self, value: float | bool | str | None = None, /, **values: float | bool | str) -> None:
        if value is not None:
            values["value"] = value
        self.values = values

    def to_json(self) -> dict[str, Any]:
        return dict(self.values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reading) and self.values == other.values

    __hash__ = None  # type: ignore[assignment]  # mutable, like the dict inside

    def __repr__(self) -> str:
        return f"Reading({', '.join(f'{name}={value!r}' for name, value in self.values.items())})"


class LabelName(str):
    """A class name that also equals its name in the other language: `LabelName("cat", "猫") == "猫"`."""

    other: str

    def __new__(cls, name: str, other: str = "") -> LabelName:
        made = super().__new__(cls, name)
        made.other = other
        return made

    def __eq__(self, text: object) -> bool:
        return str.__eq__(self, text) is True or (text == self.other and bool(self.other))

    def __ne__(self, text: object) -> bool:
        return not self == text

    __hash__ = str.__hash__


class Label(Value):
    """What a classifier sees: the best label and its score (0..1)."""

    label: str
    score: float = 1.0
    ranking: Callable[[], tuple[tuple[str, float], ...]] | None = None
    """Works out the best few; on a frame's way only the best is needed."""
    number: int = -1
    """Which of the model's labels it is, from 0; of a group, the first label in it. -1 for `unknown`, or when unknown."""

    fields: ClassVar[Mapping[str, Kind]] = {"label": "text", "score": "number"}
    main: ClassVar[str] = "label"
    ranges: ClassVar[Mapping[str, tuple[float, float]]] = {"score": (0.0, 1.0)}

    @property
    def top(self) -> tuple[tuple[str, float], ...]:
        """The best few as (label, score), the best first."""
        return self.ranking() if self.ranking else ((self.label, self.score),)

    def to_json(self) -> dict[str, Any]:
        return {"label": str(self.label), "score": round(self.score, 4)}

    def as_xedu(self) -> dict[str, Any]:
        """Return what XEduHub's `Workflow(task="mmedu")` gives for a picture, in plain numbers that JSON can hold."""
        return {"标签": self.number, "置信度": self.score, "预测结果": str(self.label)}


class Absent(KeyError):
    """What was asked of a value does not exist now: the nearest of nobody. A rule treats it as unknown."""


class Text(Value):
    """Words, heard or read; `final` is false while more may come."""

    text: str
    final: bool = True

    fields: ClassVar[Mapping[str, Kind]] = {"text": "text", "final": "flag"}
    main: ClassVar[str] = "text"
    momentary: ClassVar[bool] = True


class Key(Value):
    """A key that was pressed: a character, or `space`, `enter`, `up`, `down`, `left`, `right`, `escape`, `tab`, `backspace`."""

    key: str

    fields: ClassVar[Mapping[str, Kind]] = {"key": "text"}
    main: ClassVar[str] = "key"
    momentary: ClassVar[bool] = True


class Notice(Value):
    """Something that the user should know, but that is no error: "no camera, playing the packaged pictures"."""

    notice: str
    code: str = ""

    fields: ClassVar[Mapping[str, Kind]] = {"notice": "text"}


class Action(Value):
    """An action that was done: its name and the arguments that it got."""

    action: str
    args: tuple[Any, ...] = ()

    fields: ClassVar[Mapping[str, Kind]] = {"action": "text"}

    def to_json(self) -> dict[str, Any]:
        plain = [str(arg) if isinstance(arg, str) else arg for arg in self.args]
        return {"action": self.action, **({"args": plain} if plain else {})}


class Event(msgspec.Struct):
    """One value, from one node, at one moment (seconds since the run began).

    `cause` is the event that this one came from: a label's cause is its frame, an action's cause the event that fired its rule.
    """

    node: str
    value: Any
    time: float
    sequence: int = 0
    cause: Event | None = None

    @property
    def source(self) -> str:
        """The file that the first cause came from, or ""."""
        event: Event | None = self
        while event is not None:
            if source := getattr(event.value, "source", ""):
                return str(source)
            event = event.cause
        return ""

    def to_json(self) -> dict[str, Any]:
        """Return the event as one line of `--json`."""
        line = {"time": round(self.time, 3), "node": self.node, **self.value.to_json()}
        if not isinstance(self.value, Action) and (source := self.source):
            line["source"] = source
        return line

    def json_line(self) -> str:
        """Return the event as the text of that line. JSON has neither NaN nor infinity: null stands in their place."""
        line = self.to_json()
        try:
            return json.dumps(line, ensure_ascii=False, default=str, allow_nan=False)
        except ValueError:
            return json.dumps(json.loads(json.dumps(line, default=str), parse_constant=lambda _: None), ensure_ascii=False)
