"""The functions that rules may call, and how `and` and `or` treat names that have no value yet."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from xmaker.errors import language
from xmaker.values import Kind, LabelName


def _clamp(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def _round(value: float, digits: float = 0) -> float:
    """Round to so many digits; beyond fifteen there is nothing to round, and Python would compute with numbers without end."""
    return round(value, max(-15, min(15, int(digits)))) if digits else round(value)


def _scale(value: float, low: float, high: float, new_low: float, new_high: float) -> float:
    """Map low..high to new_low..new_high, without leaving it."""
    part = (value - low) / (high - low)
    return new_low + _clamp(part, 0.0, 1.0) * (new_high - new_low)


def text_of(value: object) -> str:
    """Return a value as a pupil would write it: no trailing zeros, true/false as in YAML, a label in the user's language."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, LabelName) and value.other and language() == "zh":
        return value.other
    return f"{value:.6g}" if isinstance(value, float) else str(value)


FUNCTIONS: Mapping[str, tuple[Callable[..., Any], int, int, Kind]] = {
    "abs": (abs, 1, 1, "number"),
    "min": (min, 2, 9, "number"),
    "max": (max, 2, 9, "number"),
    "round": (_round, 1, 2, "number"),
    "clamp": (_clamp, 3, 3, "number"),
    "scale": (_scale, 5, 5, "number"),
    "text": (text_of, 1, 1, "text"),
}
"""Name → function, fewest arguments, most arguments, kind of the result. They take numbers; `text` takes anything."""

RESERVED = frozenset({*FUNCTIONS, "and", "or", "not", "in", "if", "else", "True", "False", "true", "false", "wait"})
"""Words that cannot be the name of a node or a var."""


def _combine(decisive: bool, *parts: Callable[[], Any]) -> bool:
    """`or` (true is decisive) or `and` (false is) where some names are unknown (KeyError): one decisive part is enough."""
    unknown: KeyError | None = None
    for part in parts:
        try:
            if bool(part()) is decisive:
                return decisive
        except KeyError as error:
            unknown = error
    if unknown:
        raise unknown
    return not decisive


_FUNCTIONS = {name: entry[0] for name, entry in FUNCTIONS.items()}
GLOBALS = {"__builtins__": {}, **_FUNCTIONS, "_combine": _combine, "_text": text_of}
"""All that a compiled expression can call."""


def is_finite(value: object) -> bool:
    """Return whether a result may be passed on: no NaN or infinity, no number too large for a float."""
    return not isinstance(value, int | float) or (abs(value) < 1e300 and math.isfinite(value))
