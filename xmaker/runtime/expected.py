"""What a node said that it gives, held against what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from xmaker.errors import message
from xmaker.nodes import Gives
from xmaker.values import Reading


class Expected:
    """The type of a node's values; of readings, their fields, too, and which of these are numbers."""

    def __init__(self, gives: Gives | None) -> None:
        fields = gives if isinstance(gives, Mapping) else {}
        self._fields = frozenset(fields)
        self._numbers = tuple(name for name, one in fields.items() if one.kind == "number")
        self.kind: Any = Reading if fields else gives

    def mistake(self, value: Any) -> str:
        """Return in words what is wrong with a value; "" when it is as expected."""
        if type(value) is not self.kind or (self._fields and value.values.keys() != self._fields):
            fields = f"({', '.join(sorted(self._fields))})" if self._fields else ""
            return message("XM505", "what", got=repr(value)[:60], wanted=getattr(self.kind, "__name__", "-") + fields)
        try:
            for name in self._numbers:
                if not isfinite(value.values[name]):
                    raise ValueError
        except (TypeError, ValueError, OverflowError):
            number = value.values[name]
            got = repr(number) if isinstance(number, float) else type(number).__name__  # of each sort once
            return message("XM754", "what", got=got, field=name)
        return ""
