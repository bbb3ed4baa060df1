"""A node's dataclass fields are its options: this converts and checks what a project gives for them."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from math import isfinite
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from xmaker.drivers import ROLES, I2CAddress, Pin
from xmaker.errors import Problem, message, nearest
from xmaker.misfits import expected
from xmaker.nodes import Input, Quantity
from xmaker.yaml_reader import Item


class Unit(msgspec.Struct, frozen=True, eq=False):
    """Marks a float option as a quantity with a unit; `factors` maps each spelling to its size in the first unit."""

    factors: Mapping[str, float]
    example: str

    def parse(self, value: object) -> float | None:
        """Return the quantity in the first unit, or None when it cannot be read. A bare number has the first unit."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        found = re.fullmatch(r"(-?[0-9]*\.?[0-9]+)\s*(.*)", str(value).strip())
        factor = {"": 1.0, **self.factors}.get(found[2].lower()) if found else None
        return float(found[1]) * factor if found and factor is not None else None


MOST = 1e9
"""No quantity is larger: 30 years, in seconds."""

Count = Annotated[int, msgspec.Meta(ge=1)]
"""A whole number from 1 on."""

_SECONDS = {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0, "sec": 1.0, "second": 1.0, "seconds": 1.0}
_SECONDS |= {"minute": 60.0, "minutes": 60.0, "hour": 3600.0, "hours": 3600.0}
_SECONDS |= {"秒": 1.0, "秒钟": 1.0, "毫秒": 0.001, "分": 60.0, "分钟": 60.0, "小时": 3600.0}

DURATION = Unit(_SECONDS, "0.5 s")
Seconds = Annotated[float, DURATION]
"""A duration: `1 s`, `200 ms`, `2 min`, `1秒`; a bare number is seconds."""

RATE = Unit({"fps": 1.0, "hz": 1.0, "帧": 1.0, "帧/秒": 1.0, "赫兹": 1.0}, "30 fps")
Rate = Annotated[float, RATE]
"""How often in a second: `30 fps`, `10 Hz`; a bare number is times a second."""


def option_fields(node_type: type) -> dict[str, dataclasses.Field[Any]]:
    """Return the options that a node type declares, in order."""
    return {field.name: field for field in dataclasses.fields(node_type) if field.init}


def option_types(node_type: type) -> Mapping[str, Any]:
    """Return each option's type, with `Annotated` kept, except that of a pin's role."""
    return {name: Pin if _role_of(kind) else kind for name, kind in _find_types(node_type).items()}


def pin_roles(node_type: type) -> dict[str, str]:
    """Return the role of each option that is a pin: `pin: Annotated[Pin, "servo"]`."""
    return {name: role for name, kind in _find_types(node_type).items() if (role := _role_of(kind))}


def _role_of(annotation: Any) -> str:
    if get_origin(annotation) is not Annotated or get_args(annotation)[0] is not Pin:
        return ""
    role = get_args(annotation)[1]
    if role not in ROLES:
        raise TypeError(f"Annotated[Pin, {role!r}]: {', '.join(ROLES)}?")
    return str(role)


@cache
def _find_types(node_type: type) -> Mapping[str, Any]:
    hints = typing.get_type_hints(node_type, include_extras=True)
    return {name: hints[name] for name in option_fields(node_type)}


def convert(node_type: type, given: Item, node: str, also: Iterable[str] = ()) -> tuple[dict[str, Any], list[Problem]]:
    """Convert what a project gives for a node into constructor arguments. All problems are collected.

    `given` has the options by name; `node` is the node's name, for messages; `also` is what else could have been meant.
    """
    types_, fields = option_types(node_type), option_fields(node_type)
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, item in given.value.items():
        if name not in fields:
            known = [*fields, *also]
            details = {"option": name, "node": node, "near": nearest(name, known), "known": ", ".join(known) or "-"}
            problems.append(Problem("XM207", details, given.keys.get(name, item.mark)))
            continue
        try:
            values[name] = convert_value(types_[name], item.plain())
            if name == "every" and values[name] == 0 and issubclass(node_type, Input):
                raise ValueError(message("XM226", "what", example=DURATION.example))  # it would never rest
        except ValueError as error:
            part, place, reason = _wrong_part(types_[name], item, name, error)
            wrong = {"option": place, "node": node, "expected": reason, "value": part.shown()}
            as_list = str(reason) == message("XM224", "what") and not isinstance(part.value, dict)
            problems.append(Problem("XM208", wrong, part.mark, _as_list(part) if as_list else ""))
    for name, field in fields.items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and name not in given.value:
            problems.append(Problem("XM209", {"option": name, "node": node}))
    return values, problems


def _wrong_part(annotation: Any, item: Item, option: str, error: ValueError) -> tuple[Item, str, ValueError]:
    """Return the innermost part of a value that does not fit, its name (`groups.cat`), and what was expected there."""
    for kind, part, name in _parts(annotation, item, option):
        try:
            convert_value(kind, part.plain())
        except ValueError as inner:
            return _wrong_part(kind, part, name, inner)
    return item, option, error


def _parts(annotation: Any, item: Item, option: str) -> Iterator[tuple[Any, Item, str]]:
    """Yield the parts of a list or mapping: what each must be, the part, and its name."""
    if get_origin(annotation) in (Annotated, Union, UnionType):
        for member in get_args(annotation):
            yield from _parts(member, item, option)
    elif get_origin(annotation) in (list, tuple) and isinstance(item.value, list):
        yield from ((get_args(annotation)[0], part, option) for part in item.value)
    elif get_origin(annotation) is dict and isinstance(item.value, dict):
        yield from ((get_args(annotation)[1], part, f"{option}.{key}") for key, part in item.value.items())


def _as_list(item: Item) -> str:
    """Return the line with brackets around a value that stands alone."""
    return item.line_with(f"[{item.shown()}]", raw=True)


def convert_value(annotation: Any, value: Any) -> Any:
    """Convert one plain value to an option's type. Raises ValueError with words for what was expected."""
    if unit := _unit_of(annotation):
        if value is None and type(None) in get_args(annotation):
            return None
        quantity, (least, most) = unit.parse(value), _limits(annotation)
        if quantity is not None and least <= quantity <= most:
            return quantity
        limit = ""
        if quantity is not None and quantity < least:
            limit = f", ≥ {least:g}"
        elif quantity is not None and quantity > most and most < MOST:
            limit = f", ≤ {most:g}"
        raise ValueError(message("XM226", "what", example=unit.example) + limit)
    if annotation in (Pin, I2CAddress):
        return annotation.parse(value)
    try:
        return msgspec.convert(value, annotation)
    except msgspec.ValidationError as error:
        raise ValueError(_expected_by(annotation, str(error))) from None


def check_shown(quantity: Quantity, value: Any) -> None:
    """Check what a simulated sensor is to show in a field. Raises ValueError with words for what was expected."""
    shown = convert_value({"number": float, "flag": bool}.get(quantity.kind, str), value)
    if isinstance(shown, float) and not isfinite(shown):
        raise ValueError(message("XM221", "what"))


def _unit_of(annotation: Any) -> Unit | None:
    """Return the unit of `Seconds` or `Seconds | None`."""
    marks = [mark for member in (annotation, *get_args(annotation)) for mark in getattr(member, "__metadata__", ())]
    return next((mark for mark in marks if isinstance(mark, Unit)), None)


def _limits(annotation: Any) -> tuple[float, float]:
    """Return the least and the most of a quantity: `Annotated[float, DURATION, msgspec.Meta(ge=0.1, le=10)]`."""
    metas = [mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, msgspec.Meta)]
    least = next((mark.ge for mark in metas if mark.ge is not None), 0.0)
    return least, next((mark.le for mark in metas if mark.le is not None), MOST)


def _expected_by(annotation: Any, complaint: str) -> str:
    """Say in plain words what an annotation wants."""
    for member in (annotation, *get_args(annotation)):
        if get_origin(member) is Literal:
            return message("XM227", "what", choices=", ".join(str(choice) or '""' for choice in get_args(member)))
    return expected(complaint) or complaint[:1].lower() + complaint[1:].replace("`", "")
