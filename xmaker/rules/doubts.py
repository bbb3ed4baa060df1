"""Comparisons that are allowed, but always give the same: with a label that a model does not know, or a number out of reach."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from xmaker.errors import nearest
from xmaker.rules.scope import Scope
from xmaker.rules.text import ExpressionError

Mistake = Callable[..., ExpressionError]
"""`Checker.error`: makes an error at a part of the text."""


def doubts(scope: Scope, error: Mistake, side: ast.expr, other: ast.expr) -> Iterator[ExpressionError]:
    """Yield what is odd about comparing what a node gives with constants."""
    name, field = _asked(side)
    if name not in scope.nodes:
        return
    fields = scope.nodes[name]
    labels = scope.labels.get(name, ()) if field.rpartition(".")[2] in ("", "label") else ()
    example = fields.examples.get(field or fields.main, "")
    limits = fields.ranges.get(field or fields.main)
    for part in other.elts if isinstance(other, ast.List | ast.Tuple) else [other]:
        value = _constant(part)
        if isinstance(value, float) and limits and not limits[0] <= value <= limits[1]:
            yield _out_of_reach(error, side, part, f"{name}.{field}", value, limits, [*fields.kinds])
        elif isinstance(value, str) and labels and value not in [*labels]:
            known = ", ".join(labels[:8]) + (" …" if len(labels) > 8 else "")
            yield error("XM413", part, skip=1, name=name, label=value, near=nearest(value, labels), known=known)
        elif isinstance(value, str) and example and _shape(value) != _shape(example):
            near = f"0{value}" if _shape(f"0{value}") == _shape(example) else ""
            yield error("XM423", part, skip=1, name=f"{name}.{field}".strip("."), text=value, near=near, example=example)


def _out_of_reach(
    error: Mistake, side: ast.expr, part: ast.expr, name: str, value: float, limits: tuple[float, float], known: list[str]
) -> ExpressionError:
    """Return the doubt of a number that is never reached: pixels for a part of the picture, or percent."""
    low, high = (f"{limit:g}" for limit in limits)
    details = {"name": name, "low": low, "high": high, "value": f"{value:g}"}
    if f"{name.partition('.')[2]}_px" in known:
        return error("XM428", side, near=f"{name}_px", **details)
    near = f"{value / 100:g}" if high == "1" and 1 < value <= 100 else ""
    return error("XM428", part, near=near, **details)


def _asked(side: ast.expr) -> tuple[str, str]:
    """Return the name and the field that a part asks for: `people.nearest.x` → people, nearest.x."""
    field: list[str] = []
    while isinstance(side, ast.Attribute):
        field.insert(0, side.attr)
        side = side.value
    return (side.id, ".".join(field)) if isinstance(side, ast.Name) else ("", "")


def _constant(part: ast.expr) -> str | float | None:
    """Return the text or number that a part is; None for anything else, and for a text with braces."""
    if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub):
        value = _constant(part.operand)
        return -value if isinstance(value, float) else None
    if not isinstance(part, ast.Constant) or hasattr(part, "instead") or isinstance(part.value, bool):
        return None
    return part.value if isinstance(part.value, str) else float(part.value) if isinstance(part.value, int | float) else None


def _shape(text: str) -> str:
    """Return a text with all its digits alike."""
    return re.sub("[0-9]", "0", text)
