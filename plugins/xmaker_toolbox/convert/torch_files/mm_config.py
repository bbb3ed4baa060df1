"""The configuration in a checkpoint of MMEdu, MMDetection or MMClassification.

It is a program of assignments, `model = dict(…)`. Of it only plain values are read; nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any


def program(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the configuration in a checkpoint assigns; {} without one."""
    try:
        tree = ast.parse(str(meta.get("config") or meta.get("cfg") or ""))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    assigned = [one for one in tree.body if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)]
    return {one.targets[0].id: _plain(one.value) for one in assigned if isinstance(one.targets[0], ast.Name)}


def _plain(value: ast.expr) -> Any:
    """Return a value that consists of constants, lists and dictionaries; None for anything else."""
    if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "dict":
        return {one.arg: _plain(one.value) for one in value.keywords if one.arg}
    if isinstance(value, ast.Dict):
        pairs = zip(value.keys, value.values, strict=True)
        return {key.value: _plain(one) for key, one in pairs if isinstance(key, ast.Constant)}
    if isinstance(value, ast.List | ast.Tuple):
        return [_plain(one) for one in value.elts]
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError):
        return None


def part(found: Any, *keys: str) -> dict[str, Any]:
    """Return a dictionary inside others; {} where there is none."""
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every dictionary in a value, the outer ones first."""
    level = [value]
    while level:
        yield from (dict(one) for one in level if isinstance(one, Mapping))
        level = [inner for one in level for inner in _within(one)]


def _within(value: Any) -> Iterator[Any]:
    yield from value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
