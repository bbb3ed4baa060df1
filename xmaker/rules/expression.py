"""The rule language: one small part of Python's expressions, checked against what the nodes give, compiled once.

The text is parsed by Python's own parser, every part of the tree must be on the checker's list, and the names are
replaced by look-ups in a dict of values; so an expression can read values and nothing else. Running one takes 0.2 µs.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from xmaker.rules.checker import Checker
from xmaker.rules.functions import GLOBALS
from xmaker.rules.scope import Scope
from xmaker.rules.text import ExpressionError, fold, parse
from xmaker.values import Kind

State = Mapping[str, Any]
"""Name → the latest value of a node, or the value of a var."""


class Expression(msgspec.Struct, frozen=True):
    """A checked and compiled expression. `names` are the nodes and vars that it reads."""

    source: str
    kind: Kind
    names: frozenset[str]
    doubts: tuple[ExpressionError, ...]
    """What is allowed, but probably a mistake."""
    value: Callable[[State], Any]
    """Compute it. Raises KeyError for a node that has given nothing yet, ArithmeticError, ValueError or TypeError."""
    tree: ast.expr
    """What was compiled, with what the checker left in it."""
    _careful: Callable[[State], Any]

    def known_value(self, state: State, unknown: set[str]) -> Any:
        """Compute it where the names in `unknown` have no value; None when the result depends on them.

        `a or b` is true when b is, whatever a is (Kleene's strong three-valued logic).
        """
        if unknown.isdisjoint(self.names):
            return self.value(state)
        return self.careful_value(state, unknown)

    def careful_value(self, state: State, unknown: set[str]) -> Any:
        """Compute it part by part; None when the result depends on what has no value, or is absent."""
        try:
            return self._careful({name: state[name] for name in self.names - unknown if name in state})
        except KeyError:
            return None


def compile_expression(source: str, scope: Scope, want: Literal["flag", "any"] = "any") -> Expression:
    """Check and compile an expression. Raises ExpressionError; `want="flag"` asks for a yes-or-no condition."""

    def compiled(text: str) -> Expression:
        return compile_part(text, parse(text), scope, want)

    text = fold(source)
    try:
        return compiled(text)
    except ExpressionError as error:
        from xmaker.rules.mistakes import improve  # only who makes mistakes waits for it

        raise improve(text, error, compiled) from None


def compile_part(text: str, part: ast.expr, scope: Scope, want: Literal["flag", "any"] = "any") -> Expression:
    """Check and compile one part of an expression that has been parsed from `text`. Raises ExpressionError."""
    checker = Checker(text, scope)
    kind = checker.want_flag(part) if want == "flag" else checker.check(part)
    value = compile_tree(part)
    branches = any(isinstance(inner, ast.BoolOp) for inner in ast.walk(part))
    careful = compile_tree(part, careful=True) if branches else value
    return Expression(text, kind, frozenset(checker.names), tuple(checker.doubts), value, part, careful)


def compile_tree(body: ast.expr, careful: bool = False) -> Callable[[State], Any]:
    """Compile a tree, or a part of one, that the checker has been through."""
    tree = ast.Expression(_function("_state", _Rewriter(careful).visit(copy.deepcopy(body))))
    made: Callable[[State], Any] = eval(compile(ast.fix_missing_locations(tree), "<rule>", "eval"), GLOBALS)  # noqa: S307  # only what was checked
    return made


def _function(argument: str, body: ast.expr) -> ast.Lambda:
    made = ast.parse(f"lambda {argument}: 0", mode="eval").body
    assert isinstance(made, ast.Lambda)
    made.body = body
    return made


class _Rewriter(ast.NodeTransformer):
    """Puts in place what the checker left: for `pet`, `_state["pet"].label`. `careful` makes and/or survive unknown names."""

    def __init__(self, careful: bool) -> None:
        self.careful = careful

    def visit(self, node: ast.AST) -> Any:
        return super().visit(getattr(node, "instead", node))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        values = [self.visit(value) for value in node.values]
        if not self.careful:
            return ast.BoolOp(node.op, values)
        decisive = ast.Constant(isinstance(node.op, ast.Or))
        return ast.Call(ast.Name("_combine", ast.Load()), [decisive, *(_function("", value) for value in values)], [])
