"""The three kinds of node: inputs give values, models turn values into values, outputs act.

A node is a dataclass whose fields are its options. The base classes have no fields of their own; what a running
node needs from outside (its name, the clock, pins, models) it finds in `self.host`.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

import msgspec

from xmaker.values import Event, Kind, Value

if TYPE_CHECKING:
    from xmaker.drivers import I2C
    from xmaker.looks import Look
    from xmaker.runtime.worker import Worker


class Quantity(msgspec.Struct, frozen=True):
    """One field of a sensor: its unit and its usual range. The simulator, plots and logs know no more than this."""

    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    kind: Kind = "number"
    example: str = ""
    """A text that all others look like but for their digits: `07:30`."""


Gives = type[Value] | Mapping[str, Quantity]


class Arguments(msgspec.Struct, frozen=True):
    """What a method takes: how many arguments at least, and the kind of each."""

    fewest: int
    kinds: tuple[Kind, ...]


class Fields(msgspec.Struct, frozen=True):
    """What rules may ask of a node."""

    kinds: Mapping[str, Kind] = {}
    main: str = ""
    methods: Mapping[str, Kind] = {}
    momentary: bool = False
    examples: Mapping[str, str] = {}
    """Field → a text that all its texts look like."""
    ranges: Mapping[str, tuple[float, float]] = {}
    """Field → the least and the most that it can be."""
    arguments: Mapping[str, Arguments] = {}
    """Method → what it takes, where that is known."""
    reading: bool = False
    """The fields are in a `Reading`'s dict, not attributes."""


def fields_of(gives: Gives | None) -> Fields:
    """Return what rules may ask of a node that gives this."""
    if gives is None:
        return Fields()
    if isinstance(gives, Mapping):
        main = "value" if "value" in gives else next(iter(gives)) if len(gives) == 1 else ""
        examples = {name: quantity.example for name, quantity in gives.items() if quantity.example}
        return Fields({name: quantity.kind for name, quantity in gives.items()}, main, examples=examples, reading=True)
    arguments = {name: found for name in gives.methods if (found := _arguments_of(getattr(gives, name, None)))}
    return Fields(gives.fields, gives.main, gives.methods, gives.momentary, ranges=gives.ranges, arguments=arguments)


_KIND_OF: Mapping[str, Kind] = {"str": "text", "int": "number", "float": "number", "bool": "flag"}


def _arguments_of(method: Any) -> Arguments | None:
    """Return what a method of a value takes, as its signature says; None where it takes any number, or is no plain function."""
    code = getattr(method, "__code__", None)
    if code is None or code.co_flags & 0x04:  # *args
        return None
    names = code.co_varnames[1 : code.co_argcount]
    notes = [method.__annotations__.get(name, "") for name in names]
    kinds = tuple(_KIND_OF.get(note if isinstance(note, str) else getattr(note, "__name__", ""), "any") for note in notes)
    return Arguments(len(names) - len(method.__defaults__ or ()), kinds)


class Stamped(msgspec.Struct):
    """A value with the moment (seconds since the run began) that it belongs to, for inputs that know better than the clock."""

    value: Any
    time: float


class Finished(Exception):
    """Raised by `Input.read` when there is no more to come: the end of a file. `time` is where a file's own time ends."""

    def __init__(self, time: float = 0.0) -> None:
        super().__init__()
        self.time = time


class Node:
    """Base of the three kinds. Heavy or hardware imports happen in `open`, never at module top or in a constructor."""

    use: ClassVar[str]
    """The word that projects use for this node type."""
    if TYPE_CHECKING:  # not at run time, when annotations are looked up to find options
        host: Worker
        """What the runtime does for a node that has been started: its name, time, models, notices, values from any thread."""

    def check(self) -> None:
        """Look for mistakes that need no hardware (a missing file). Raises XMakerError; called by `xmaker check`."""

    def prepare(self) -> None:
        """Import the large libraries that `open` needs. Inputs do so after the models: two at once take longer than both."""

    def open(self) -> None:
        """Take the hardware or load the model. Raises DeviceError when it may come later: it is tried again."""

    def close(self) -> None:
        """Give everything back; `open` may follow."""

    def i2c(self, address: int) -> I2C:
        """Return the device at an address of the board's I2C bus."""
        return self.host.i2c(address)


class Input(Node):
    """A source of values. An option named `every` is its period in seconds."""

    gives: ClassVar[Gives]
    hardware: ClassVar[bool] = False
    """True makes the simulator stand in for it; an option of type Pin or I2CAddress does so too."""

    def read(self) -> Any:
        """Return the next value, a `Stamped` one, or None for nothing new. May block. Raises Finished at the end."""
        raise NotImplementedError

    @property
    def period(self) -> float | None:
        """Seconds between two values, or None when they come as they please."""
        return getattr(self, "every", None)

    @property
    def finite(self) -> bool:
        """Whether it comes to an end, and the run with it."""
        return False

    @property
    def paced(self) -> bool:
        """False for a file read as fast as its readers can: nothing of it is dropped, and its own time stamps count."""
        return True

    def progress(self) -> tuple[int, int] | None:
        """Return how many values of how many have been read, where that is known."""
        return None


class Model(Node):
    """Turns values into values."""

    takes: ClassVar[tuple[type[Value], ...]]
    gives: ClassVar[Gives]

    def run(self, value: Any) -> Any:
        """Return what the model makes of a value, or None for nothing."""
        raise NotImplementedError

    def known_labels(self) -> tuple[str, ...]:
        """Return the names that `label` can have, where that is known without opening."""
        return ()


class Output(Node):
    """Acts: methods marked with `@action` can be called by rules, and values may come along wires."""

    takes: ClassVar[tuple[type[Value], ...]] = ()
    """What may come along its wires; () for an output without wires."""
    blocking: ClassVar[bool] = False
    """True when actions may take long (speech, a sweep): they get a thread and a bounded queue of their own."""

    def receive(self, event: Event) -> None:
        """Take an event that came along a wire."""

    def looks(self) -> Look | None:
        """Return what it looks like now, or None where there is nothing to see. Asked by who draws it, from any thread."""
        return None

    def safe(self) -> None:
        """Leave the hardware safe (lamp off, servo released). Called at the end whatever happened before."""


Method = TypeVar("Method", bound=Callable[..., Any])


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of an action."""

    name: str
    kind: Kind
    required: bool
    many: bool = False
    check: Callable[[Any], object] | None = None
    """Raises XMakerError for what it cannot be; a rule is refused before it runs: `colour: Annotated[str, colour_of]`."""


class ActionSpec(msgspec.Struct, frozen=True):
    """An action as rules see it."""

    name: str
    level: bool
    parameters: tuple[Parameter, ...]
    doc: str


@overload
def action(method: Method) -> Method: ...
@overload
def action(*, level: bool) -> Callable[[Method], Method]: ...
def action(method: Method | None = None, *, level: bool = False) -> Method | Callable[[Method], Method]:
    """Mark a method of an output as an action that rules may call.

    `level=True` says that it sets a lasting state (on, off, an angle): repeating it is nothing, and it is done again
    when the device comes back. An action that is no level itself may return the name of the level that it left (toggle).
    """

    def mark(function: Method) -> Method:
        function.__xmaker_level__ = level  # type: ignore[attr-defined]
        return function

    return mark(method) if method is not None else mark


_KINDS: Mapping[object, Kind] = {float: "number", int: "number", str: "text", bool: "flag"}
EVERY_NODE = ("pause", "resume")
"""Actions that the runtime itself offers for every node."""


def actions_of(node_type: type) -> Mapping[str, ActionSpec]:
    """Return the actions that rules may call on nodes of a type, `pause` and `resume` included."""
    return _find_actions(node_type)


@cache
def _find_actions(node_type: type) -> Mapping[str, ActionSpec]:
    specs = {name: ActionSpec(name, True, (), "") for name in EVERY_NODE}
    for name, function in inspect.getmembers(node_type, inspect.isfunction):
        if hasattr(function, "__xmaker_level__"):
            parameters = tuple(_parameters(function))
            specs[name] = ActionSpec(name, function.__xmaker_level__, parameters, inspect.getdoc(function) or "")
    return specs


def _parameters(function: Callable[..., Any]) -> list[Parameter]:
    hints = typing.get_type_hints(function, include_extras=True)
    made = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        hint = hints.get(parameter.name)
        kind = _KINDS.get(getattr(hint, "__origin__", hint), "any")
        check = next(filter(callable, getattr(hint, "__metadata__", ())), None)
        many = parameter.kind is inspect.Parameter.VAR_POSITIONAL
        required = parameter.default is inspect.Parameter.empty and not many
        made.append(Parameter(parameter.name, kind, required, many, check))
    return made
