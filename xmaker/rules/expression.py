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
from xmaker.rules.mistakes import improve
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
    _careful: Callable[[State], Any]

    def known_value(self, state: State, unknown: set[str]) -> Any:
        """Compute it where the names in `unknown` have no value; None when the result depends on them.

        `a or b` is true when b is, whatever a is (Kleene's strong three-valued logic).
        """
        if unknown.isdisjoint(self.names):
            return self.value(state)
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
        raise improve(text, error, compiled) from None


def compile_part(text: str, part: ast.expr, scope: Scope, want: Literal["flag", "any"] = "any") -> Expression:
    """Check and compile one part of an expression that has been parsed from `text`. Raises ExpressionError."""
    checker = Checker(text, scope)
    kind = checker.check(part)
    if want == "flag" and kind != "flag":
        raise checker.no_flag(part, kind)
    value = _compile(scope, part, careful=False)
    branches = any(isinstance(inner, ast.BoolOp) for inner in ast.walk(part))
    careful = _compile(scope, part, careful=True) if branches else value
    return Expression(text, kind, frozenset(checker.names), tuple(checker.doubts), value, careful)


def _compile(scope: Scope, body: ast.expr, careful: bool) -> Callable[[State], Any]:
    rewritten = _Rewriter(scope, careful).visit(copy.deepcopy(body))
    arguments = ast.arguments(posonlyargs=[], args=[ast.arg("_state")], kwonlyargs=[], kw_defaults=[], defaults=[])
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, rewritten)))
    made: Callable[[State], Any] = eval(compile(tree, "<rule>", "eval"), GLOBALS)  # noqa: S307  # only whitelisted nodes
    return made


class _Rewriter(ast.NodeTransformer):
    """Turns a checked tree into look-ups: `pet` → `_state["pet"].label`. `careful` makes and/or survive unknown names."""

    def __init__(self, scope: Scope, careful: bool) -> None:
        self.scope, self.careful = scope, careful

    def _look_up(self, name: str) -> ast.expr:
        return ast.Subscript(ast.Name("_state", ast.Load()), ast.Constant(name), ast.Load())

    def _field(self, name: str, field: str) -> ast.expr:
        value = self._look_up(name)
        if self.scope.nodes[name].reading:
            return ast.Subscript(ast.Attribute(value, "values", ast.Load()), ast.Constant(field), ast.Load())
        for part in field.split("."):
            value = ast.Attribute(value, part, ast.Load())
        return value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in ("true", "false"):
            return ast.Constant(node.id == "true")
        if node.id in self.scope.vars:
            return self._look_up(node.id)
        if node.id in self.scope.nodes:
            return self._field(node.id, self.scope.nodes[node.id].main)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        name, of = node.attr, node.value
        while isinstance(of, ast.Attribute):
            name, of = f"{of.attr}.{name}", of.value
        assert isinstance(of, ast.Name)  # checked before
        return self._field(of.id, name)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments = [self.visit(argument) for argument in node.args]
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            return ast.Call(ast.Attribute(self._look_up(node.func.value.id), node.func.attr, ast.Load()), arguments, [])
        return ast.Call(node.func, arguments, [])

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        template = getattr(node, "template", None)
        return self.visit(template) if template is not None else ast.Constant(node.value)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        return ast.FormattedValue(self.visit(node.value), -1, node.format_spec)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        values = [self.visit(value) for value in node.values]
        if not self.careful:
            return ast.BoolOp(node.op, values)
        nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        function = "_all_of" if isinstance(node.op, ast.And) else "_any_of"
        return ast.Call(ast.Name(function, ast.Load()), [ast.Lambda(nothing, value) for value in values], [])
