"""What names stand for in a project's expressions, and how operators are written."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import msgspec

from xmaker.nodes import Fields
from xmaker.values import Kind


class Scope(msgspec.Struct, frozen=True):
    """What names stand for in a project's expressions."""

    nodes: Mapping[str, Fields] = {}
    vars: Mapping[str, Kind] = {}
    labels: Mapping[str, tuple[str, ...]] = {}
    """Node → the labels that it can give, where they are known."""
    outputs: frozenset[str] = frozenset()
    """Names that exist, but that give nothing."""


def asked_of(fields: Fields) -> str:
    """Return everything that may be asked of a node, as it is written."""
    return ", ".join([*fields.kinds, *(f"{method}()" for method in fields.methods)]) or "-"


ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)
COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn)
_OPERATORS = (*ARITHMETIC, ast.Pow, *COMPARISONS, ast.Is, ast.IsNot)
_WRITTEN = "+ - * / // % ** == != < <= > >= in not_in is is_not"
_SYMBOLS: Mapping[type, str] = dict(zip(_OPERATORS, _WRITTEN.split(), strict=True))


def symbol(operator: ast.operator | ast.cmpop) -> str:
    """Return an operator as it is written."""
    return _SYMBOLS.get(type(operator), type(operator).__name__).replace("_", " ")
