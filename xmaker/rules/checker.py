"""Checks an expression: every part must be on the list here, and fit what the nodes give. Nothing else is ever compiled."""

from __future__ import annotations

import ast
import re
import string
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

from xmaker.errors import nearest
from xmaker.nodes import Fields
from xmaker.rules.functions import FUNCTIONS
from xmaker.rules.text import ExpressionError, format_spec_problem
from xmaker.values import Kind

MAX_LENGTH = 1000
MAX_DEPTH = 30


@dataclass(frozen=True)
class Scope:
    """What names stand for in a project's expressions."""

    nodes: Mapping[str, Fields] = field(default_factory=dict)
    vars: Mapping[str, Kind] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Node → the labels that it can give, where they are known."""


def parse(text: str) -> ast.Expression:
    """Parse an expression whose punctuation is folded. Raises ExpressionError; limits keep Python's parser out of trouble."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError("XM405", MAX_LENGTH, limit=MAX_LENGTH)
    depth = 0
    for column, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_DEPTH:
            raise ExpressionError("XM415", column, limit=MAX_DEPTH)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a wrong escape is no reason to print Python's warnings
            return ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise _syntax_error(text, error) from None


def _syntax_error(text: str, error: Exception) -> ExpressionError:
    column = max(0, (getattr(error, "offset", None) or 1) - 1) + len(text) - len(text.lstrip())
    if single := re.search(r"(?<![=!<>])=(?!=)", text):
        fixed = text[: single.start()] + "==" + text[single.end() :]
        return ExpressionError("XM407", single.start(), corrected=fixed)
    reason = getattr(error, "msg", None) or str(error) or "too complicated"
    return ExpressionError("XM401", min(column, len(text)), reason=reason)


_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn)


class Checker:
    """Checks a tree against the list of what is allowed and against the scope, and finds the kind of every part."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text, self.scope = text, scope
        self.names: set[str] = set()
        self.indent = len(text) - len(text.lstrip())

    def error(self, code: str, at: ast.expr, corrected: str = "", **details: object) -> ExpressionError:
        # ast counts UTF-8 bytes; users count characters. An expression may have several lines.
        lines = self.text.strip().split("\n")
        before = sum(len(line) + 1 for line in lines[: at.lineno - 1])
        column = len(lines[at.lineno - 1].encode()[: at.col_offset].decode(errors="replace"))
        return ExpressionError(code, before + column + self.indent, corrected, **details)

    def check(self, node: ast.expr, depth: int = 0) -> Kind:
        """Return the kind of a part. Raises ExpressionError for anything that is not allowed."""
        if depth > MAX_DEPTH:
            raise self.error("XM415", node, limit=MAX_DEPTH)
        method = getattr(self, f"_check_{type(node).__name__.lower()}", None)
        if method is None:
            raise self.error("XM404", node, part=_plain_name(node))
        kind: Kind = method(node, depth + 1)
        return kind

    def _check_constant(self, node: ast.Constant, depth: int) -> Kind:
        if isinstance(node.value, bool):
            return "flag"
        if isinstance(node.value, str):
            return self._check_template(node, depth)
        if isinstance(node.value, int | float) and abs(node.value) < 1e15:
            return "number"
        raise self.error("XM404", node, part=str(node.value)[:20])

    def _check_template(self, node: ast.Constant, depth: int) -> Kind:
        """A string with {…} is a template; its parts are expressions of the same language (never str.format)."""
        assert isinstance(node.value, str)
        try:
            parts = list(string.Formatter().parse(node.value))
        except ValueError as error:
            raise self.error("XM401", node, reason=error) from None
        if all(expression is None for _, expression, _, _ in parts) and not any(c in "{}" for c in node.value):
            return "text"
        pieces: list[ast.expr] = []
        for literal, expression, spec, conversion in parts:
            pieces.append(ast.Constant(literal))
            if expression is None:
                continue
            if conversion or not expression.strip():
                raise self.error("XM411", node, spec=f"!{conversion}" if conversion else "{}")
            inner = parse(expression).body
            for part in ast.walk(inner):  # columns point to the whole string
                if isinstance(part, ast.expr):
                    part.lineno, part.col_offset = node.lineno, node.col_offset
            kind = self.check(inner, depth)
            if bad := format_spec_problem(spec or "", kind):
                raise self.error("XM411", node, spec=bad)
            if not spec:
                inner = ast.Call(ast.Name("_text", ast.Load()), [inner], [])
            shape = ast.JoinedStr([ast.Constant(spec)]) if spec else None
            pieces.append(ast.FormattedValue(inner, -1, shape))
        node.template = ast.JoinedStr(pieces)  # type: ignore[attr-defined]
        return "text"

    def _check_name(self, node: ast.Name, depth: int) -> Kind:
        if node.id in ("true", "false"):
            return "flag"
        if node.id in self.scope.vars:
            self.names.add(node.id)
            return self.scope.vars[node.id]
        fields = self._fields(node, as_label=True)
        if not fields.main:
            choices = ", ".join(f"{node.id}.{name}" for name in fields.kinds) or "-"
            raise self.error("XM409", node, name=node.id, choices=choices)
        return fields.kinds[fields.main]

    def _fields(self, node: ast.expr, as_label: bool = False) -> Fields:
        if not isinstance(node, ast.Name):
            raise self.error("XM404", node, part=_plain_name(node))
        if node.id not in self.scope.nodes:
            names = [*self.scope.nodes, *self.scope.vars]
            if as_label and any(node.id in labels for labels in self.scope.labels.values()):
                raise self.error("XM412", node, self._quoted(node), name=node.id)
            near = nearest(node.id, names) or nearest(node.id, FUNCTIONS)
            raise self.error("XM402", node, name=node.id, near=near, known=", ".join(names) or "-")
        self.names.add(node.id)
        return self.scope.nodes[node.id]

    def _quoted(self, node: ast.Name) -> str:
        column = self.error("", node).column
        return f'{self.text[:column]}"{node.id}"{self.text[column + len(node.id) :]}'

    def _check_attribute(self, node: ast.Attribute, depth: int) -> Kind:
        name, of = node.attr, node.value
        while isinstance(of, ast.Attribute):
            name, of = f"{of.attr}.{name}", of.value
        fields = self._fields(of)
        if name not in fields.kinds:
            assert isinstance(of, ast.Name)  # _fields refuses everything else
            if name in fields.methods:
                raise self.error("XM416", node, method=f"{of.id}.{name}")
            known = [*fields.kinds, *(f"{method}()" for method in fields.methods)]
            near = nearest(name, [*fields.kinds, *fields.methods])
            raise self.error("XM403", node, name=of.id, field=name, near=near, known=", ".join(known) or "-")
        return fields.kinds[name]

    def _check_call(self, node: ast.Call, depth: int) -> Kind:
        kinds = [self.check(argument, depth) for argument in node.args]
        if node.keywords:
            raise self.error("XM404", node, part=f"{node.keywords[0].arg}=")
        if isinstance(node.func, ast.Attribute):
            fields = self._fields(node.func.value)
            if node.func.attr not in fields.methods:
                self._check_attribute(node.func, depth)  # says what the node does have
                raise self.error("XM408", node, name=node.func.attr, near="", known=", ".join(fields.methods) or "-")
            return fields.methods[node.func.attr]
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            name = node.func.id if isinstance(node.func, ast.Name) else _plain_name(node.func)
            raise self.error("XM408", node, name=name, near=nearest(name, FUNCTIONS), known=", ".join(FUNCTIONS))
        _, fewest, most, result = FUNCTIONS[node.func.id]
        if not fewest <= len(kinds) <= most:
            raise self.error("XM417", node, name=node.func.id, count=fewest if fewest == most else f"{fewest}-{most}")
        if node.func.id != "text":
            for argument, kind in zip(node.args, kinds, strict=True):
                self._want_number(argument, kind, node.func.id)
        return result

    def _want_number(self, node: ast.expr, kind: Kind, part: str) -> None:
        if kind == "text":
            raise self.error("XM406", node, part=part, got=ast.unparse(node))

    def _check_binop(self, node: ast.BinOp, depth: int) -> Kind:
        left, right = self.check(node.left, depth), self.check(node.right, depth)
        if isinstance(node.op, ast.Pow):
            if not (isinstance(node.right, ast.Constant) and node.right.value in (2, 3)) or isinstance(node.left, ast.BinOp):
                raise self.error("XM414", node)
        elif not isinstance(node.op, _ARITHMETIC):
            raise self.error("XM404", node, part=_plain_name(node))
        if isinstance(node.op, ast.Add) and left == right == "text":
            return "text"
        self._want_number(node.left, left, _symbol(node.op))
        self._want_number(node.right, right, _symbol(node.op))
        return "number"

    def _check_boolop(self, node: ast.BoolOp, depth: int) -> Kind:
        for value in node.values:
            if (kind := self.check(value, depth)) != "flag":
                raise self.no_flag(value, kind)
        return "flag"

    def no_flag(self, node: ast.expr, kind: Kind) -> ExpressionError:
        """Return the error of a part that should be true or false; an example helps more than the rule."""
        if isinstance(node, ast.Name | ast.Attribute | ast.Call):
            written = ast.unparse(node)
            example = f"{written} > 0" if kind == "number" else f'{written} == "…"'
            return self.error("XM410", node, part=written, example=example)
        return self.error("XM410", node, part=ast.unparse(node)[:40], example='pet == "cat"')

    def _check_unaryop(self, node: ast.UnaryOp, depth: int) -> Kind:
        kind = self.check(node.operand, depth)
        if isinstance(node.op, ast.Not):
            if kind != "flag":
                raise self.no_flag(node.operand, kind)
            return "flag"
        if isinstance(node.op, ast.Invert):
            raise self.error("XM404", node, part="~")
        self._want_number(node.operand, kind, "-")
        return "number"

    def _check_ifexp(self, node: ast.IfExp, depth: int) -> Kind:
        if (kind := self.check(node.test, depth)) != "flag":
            raise self.no_flag(node.test, kind)
        first, second = self.check(node.body, depth), self.check(node.orelse, depth)
        return first if first == second else "any"

    def _check_compare(self, node: ast.Compare, depth: int) -> Kind:
        left, left_kind = node.left, self.check(node.left, depth)
        for op, right in zip(node.ops, node.comparators, strict=True):
            if not isinstance(op, _COMPARISONS):
                raise self.error("XM404", node, part=_symbol(op))
            check = self._check_choices if isinstance(op, ast.In | ast.NotIn) else self.check
            right_kind = check(right, depth)
            kinds = {left_kind, right_kind} - {"any"}
            if len(kinds) > 1 or ("text" in kinds and isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE)):
                raise self.error("XM418", left, left=ast.unparse(left), right=ast.unparse(right), op=_symbol(op))
            left, left_kind = right, right_kind
        return "flag"

    def _check_choices(self, node: ast.expr, depth: int) -> Kind:
        """The right side of `in`: a list of constants, or a text to search."""
        if not isinstance(node, ast.List | ast.Tuple):
            if (kind := self.check(node, depth)) not in ("text", "any"):
                raise self.error("XM419", node)
            return kind
        kinds = {self.check(item, depth) for item in node.elts}
        if not kinds:
            raise self.error("XM419", node)
        return kinds.pop() if len(kinds) == 1 else "any"


_OPERATORS = (*_ARITHMETIC, ast.Pow, *_COMPARISONS, ast.Is, ast.IsNot)
_WRITTEN = "+ - * / // % ** == != < <= > >= in not_in is is_not"
_SYMBOLS: Mapping[type, str] = dict(zip(_OPERATORS, _WRITTEN.split(), strict=True))


def _symbol(operator: ast.operator | ast.cmpop) -> str:
    return _SYMBOLS.get(type(operator), type(operator).__name__).replace("_", " ")


def _plain_name(node: ast.expr) -> str:
    """Return what a pupil would call a part that is not allowed."""
    try:
        written = ast.unparse(node)
    except (ValueError, RecursionError):
        written = ""
    return written if 0 < len(written) <= 40 else type(node).__name__
