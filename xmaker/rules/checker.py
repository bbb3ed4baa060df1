"""Checks an expression: every part must be on the list here, and fit what the nodes give. Nothing else is ever compiled."""

from __future__ import annotations

import ast
import re
import string

from xmaker.errors import message, nearest
from xmaker.nodes import Arguments
from xmaker.rules.doubts import doubts
from xmaker.rules.functions import FUNCTIONS
from xmaker.rules.scope import ARITHMETIC, COMPARISONS, Scope, asked_of, symbol
from xmaker.rules.text import MAX_DEPTH, ExpressionError, fold, format_spec_problem, parse
from xmaker.values import Kind


class Checker:
    """Checks a tree against the list of what is allowed and against the scope, and finds the kind of every part.

    What stands for a name, a field or a template in the end is left in the attribute `instead` of its part.
    """

    def __init__(self, text: str, scope: Scope) -> None:
        self.text, self.scope = text, scope
        self.names: set[str] = set()
        self.doubts: list[ExpressionError] = []
        """What is allowed, but can never be: a label that the model does not know."""
        self.indent = len(text) - len(text.lstrip())

    def place(self, node: ast.expr) -> tuple[int, int]:
        """Return where a part begins and ends in the text. ast counts UTF-8 bytes; users count characters."""
        data = self.text[self.indent :].encode()
        start, end = (len(data[:offset].decode(errors="replace")) for offset in (node.col_offset, node.end_col_offset or 0))
        return self.indent + start, self.indent + end

    def written(self, node: ast.expr) -> str:
        """Return a part as it is written, for messages."""
        start, end = self.place(node)
        return self.text[start:end] if end - start <= 40 else self.text[start : start + 39] + "…"

    def error(self, code: str, at: ast.expr, fixed: str = "", *, skip: int = 0, **details: object) -> ExpressionError:
        """Return an error at a part, `skip` characters into it; `fixed` is what should stand there instead."""
        start, end = self.place(at)
        corrected = self.text[:start] + fixed + self.text[end:] if fixed else ""
        return ExpressionError(code, start + skip, corrected, **details)

    def refused(self, node: ast.expr, part: str = "") -> ExpressionError:
        return self.error("XM404", node, part=part or self.written(node))

    def check(self, node: ast.expr, depth: int = 0) -> Kind:
        """Return the kind of a part. Raises ExpressionError for anything that is not allowed."""
        if depth > MAX_DEPTH:
            raise self.error("XM415", node, limit=MAX_DEPTH)
        method = getattr(self, f"_check_{type(node).__name__.lower()}", None)
        if method is None:
            raise self.refused(node)
        kind: Kind = method(node, depth + 1)
        return kind

    def want_flag(self, node: ast.expr, depth: int = 0, before: ast.expr | None = None) -> Kind:
        """Check a part that must be true or false; `pet == "cat" or "dog"` is the usual reason why it is not."""
        if self.check(node, depth) != "flag":
            fixed = ""
            if isinstance(before, ast.Compare) and isinstance(node, ast.Constant):
                fixed = f"{self.written(before.left)} {symbol(before.ops[0])} {self.written(node)}"
            raise self.error("XM410", node, fixed, part=self.written(node))
        return "flag"

    def _want_number(self, node: ast.expr, kind: Kind, part: str) -> None:
        # what may be text must not be multiplied: "a" * 1e9 fills the memory, and % formats
        if kind == "text" or (kind == "any" and part in ("*", "%", "**")):
            raise self.error("XM406", node, part=part, got=self.written(node))

    def _check_constant(self, node: ast.Constant, depth: int) -> Kind:
        if isinstance(node.value, bool):
            return "flag"
        if isinstance(node.value, str):
            if any(brace in node.value for brace in "{}"):
                self._check_template(node, node.value, depth)
            return "text"
        if isinstance(node.value, int | float) and abs(node.value) < 1e15:
            return "number"
        raise self.refused(node)

    def _check_template(self, node: ast.Constant, template: str, depth: int) -> None:
        """A string with {…} is a template; its parts are expressions of the same language (never str.format)."""
        try:
            parts = list(string.Formatter().parse(template))
        except ValueError:
            raise self.error("XM422", node) from None
        pieces: list[ast.expr] = []
        position = self.place(node)[0]
        for literal, expression, spec, conversion in parts:
            pieces.append(ast.Constant(literal))
            if expression is None:
                continue
            if conversion or not expression.strip():
                raise self.error("XM411", node, spec=f"!{conversion}" if conversion else "{}")
            position = max(position, self.text.find("{" + expression, position))
            inner = self._check_inner(expression, position + 1, spec or "", depth)
            if spec:
                pieces.append(ast.FormattedValue(inner, -1, ast.JoinedStr([ast.Constant(spec)])))
            else:
                text = ast.Call(ast.Name("_text", ast.Load()), [inner], [])
                pieces.append(ast.FormattedValue(text, -1, None))
        _put(node, ast.JoinedStr(pieces))

    def _check_inner(self, expression: str, start: int, spec: str, depth: int) -> ast.expr:
        """Check what stands between braces; its errors point into the whole text."""
        text = fold(expression)
        checker = Checker(text, self.scope)
        checker.names, checker.doubts = self.names, self.doubts
        try:
            body = parse(text)
            if bad := format_spec_problem(spec, checker.check(body, depth)):
                raise ExpressionError("XM411", len(expression) + 1, spec=bad)
        except ExpressionError as error:
            error.column += start
            error.corrected = ""
            raise
        return body

    def _check_name(self, node: ast.Name, depth: int) -> Kind:
        if node.id in ("true", "false"):
            _put(node, ast.Constant(node.id == "true"))
            return "flag"
        if node.id in self.scope.vars:
            self.names.add(node.id)
            _put(node, _look_up(f"_state[{node.id!r}]"))
            return self.scope.vars[node.id]
        return self._check_attribute(node, depth)

    def _check_attribute(self, node: ast.Name | ast.Attribute, depth: int) -> Kind:
        name, field = self._reference(node)
        fields = self.scope.nodes[name]
        field = field or fields.main
        if field in fields.kinds:
            _put(node, _look_up(f"_state[{name!r}].values[{field!r}]" if fields.reading else f"_state[{name!r}].{field}"))
            return fields.kinds[field]
        if not field:
            raise self.error("XM409", node, name=name, choices=asked_of(fields))
        if field in fields.methods:
            raise self.error("XM416", node, method=f"{name}.{field}")
        inside = [one for one in fields.kinds if one.startswith(f"{field}.")]
        near = "" if inside else nearest(field, [*fields.kinds, *fields.methods])
        if f"{field}.label" in inside and re.search("[\"']", self.text):  # compared with a text
            near = f"{field}.label"
        skip = self.written(node).find(".") + 1
        raise self.error(
            "XM403", node, skip=skip, name=name, field=field, near=near, known=", ".join(inside) or asked_of(fields)
        )

    def _reference(self, node: ast.expr) -> tuple[str, str]:
        """Return the project's node that a part names, and what it asks of it: `pet.box.x` → pet, box.x."""
        field: list[str] = []
        while isinstance(node, ast.Attribute):
            field.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            raise self.refused(node)
        if node.id not in self.scope.nodes:
            raise self._no_node(node, node.id)
        self.names.add(node.id)
        return node.id, ".".join(field)

    def _no_node(self, node: ast.expr, name: str) -> ExpressionError:
        if name in self.scope.outputs:
            return self.error("XM421", node, name=name)
        if any(name in labels for labels in self.scope.labels.values()):
            return self.error("XM412", node, f'"{name}"', name=name)
        known = [*self.scope.nodes, *self.scope.vars]
        near = nearest(name, known) or nearest(name, FUNCTIONS)
        return self.error("XM402", node, name=name, near=near, known=", ".join(known) or "-")

    def _check_call(self, node: ast.Call, depth: int) -> Kind:
        if node.keywords:
            raise self.refused(node, f"{node.keywords[0].arg}=")
        if isinstance(node.func, ast.Attribute):
            return self._check_method(node, node.func, depth)
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            name = self.written(node.func)
            raise self.error("XM408", node, name=name, near=nearest(name, FUNCTIONS), known=", ".join(FUNCTIONS))
        _, fewest, most, result = FUNCTIONS[node.func.id]
        if not fewest <= len(node.args) <= most:
            raise self.error("XM417", node, name=node.func.id, count=fewest if fewest == most else f"{fewest}-{most}")
        for argument in node.args:
            kind = self.check(argument, depth)
            if node.func.id != "text":
                self._want_number(argument, kind, node.func.id)
        return result

    def _check_method(self, node: ast.Call, method: ast.Attribute, depth: int) -> Kind:
        name, called = self._reference(method)
        methods = self.scope.nodes[name].methods
        if called not in methods:
            self._check_attribute(method, depth)  # says what the node does have
            raise self.error("XM408", node, name=self.written(method), known=", ".join(methods) or "-")
        _put(method, _look_up(f"_state[{name!r}].{called}"))
        kinds = [self.check(argument, depth) for argument in node.args]
        for argument in node.args:
            self.doubts += doubts(self.scope, self.error, method.value, argument)
        self._check_arguments(node, kinds, self.scope.nodes[name].arguments.get(called), methods[called])
        return methods[called]

    def _check_arguments(self, node: ast.Call, kinds: list[Kind], takes: Arguments | None, result: Kind) -> None:
        """Refuse too few or too many arguments, and texts for numbers; nothing where it is not known what is taken."""
        if takes is None:
            return
        called, most = self.written(node.func), len(takes.kinds)
        if not takes.fewest <= len(kinds) <= most:
            each = [f"{called}({self.written(argument)})" for argument in node.args]
            fixed = {"flag": " or ", "number": " + "}.get(result, "").join(each) if most == 1 and len(each) > 1 else ""
            count = most if takes.fewest == most else f"{takes.fewest}-{most}"
            raise self.error("XM417", node, fixed and f"({fixed})", name=called, count=count)
        for argument, kind, wanted in zip(node.args, kinds, takes.kinds, strict=False):
            if "any" not in (kind, wanted) and kind != wanted:
                fixed = f'"{argument.id}"' if isinstance(argument, ast.Name) and wanted == "text" else ""
                wanted_words = message({"number": "XM221", "text": "XM222", "flag": "XM223"}[wanted], "what")
                raise self.error("XM427", argument, fixed, name=called, part=self.written(argument), expected=wanted_words)

    def _check_binop(self, node: ast.BinOp, depth: int) -> Kind:
        if isinstance(node.op, ast.Pow):
            power_of_power = any(isinstance(inner, ast.Pow) for inner in ast.walk(node.left))
            if not (isinstance(node.right, ast.Constant) and node.right.value in (2, 3)) or power_of_power:
                raise self.error("XM414", node)
        elif not isinstance(node.op, ARITHMETIC):
            raise self.refused(node)
        left, right = self.check(node.left, depth), self.check(node.right, depth)
        if isinstance(node.op, ast.Add) and left == right == "text":
            return "text"
        self._want_number(node.left, left, symbol(node.op))
        self._want_number(node.right, right, symbol(node.op))
        return "number"

    def _check_boolop(self, node: ast.BoolOp, depth: int) -> Kind:
        for before, value in zip([None, *node.values], node.values, strict=False):
            self.want_flag(value, depth, before)
        return "flag"

    def _check_unaryop(self, node: ast.UnaryOp, depth: int) -> Kind:
        if isinstance(node.op, ast.Not):
            return self.want_flag(node.operand, depth)
        if isinstance(node.op, ast.Invert):
            raise self.refused(node, "~")
        self._want_number(node.operand, self.check(node.operand, depth), "-")
        return "number"

    def _check_ifexp(self, node: ast.IfExp, depth: int) -> Kind:
        self.want_flag(node.test, depth)
        first, second = self.check(node.body, depth), self.check(node.orelse, depth)
        return first if first == second else "any"

    def _check_compare(self, node: ast.Compare, depth: int) -> Kind:
        left, left_kind = node.left, self.check(node.left, depth)
        for op, right in zip(node.ops, node.comparators, strict=True):
            if not isinstance(op, COMPARISONS):
                raise self.refused(node, symbol(op))
            right_kind = self._check_choices(right, depth) if isinstance(op, ast.In | ast.NotIn) else self.check(right, depth)
            kinds = {left_kind, right_kind} - {"any"}
            if len(kinds) > 1 or ("text" in kinds and isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE)):
                raise self.error("XM418", left, left=self.written(left), right=self.written(right), op=symbol(op))
            self.doubts += [*doubts(self.scope, self.error, left, right), *doubts(self.scope, self.error, right, left)]
            left, left_kind = right, right_kind
        return "flag"

    def _check_choices(self, node: ast.expr, depth: int) -> Kind:
        """The right side of `in`: a list of constants, or a text to search."""
        if isinstance(node, ast.List | ast.Tuple):
            kinds = {self.check(item, depth) for item in node.elts}
        else:
            kinds = {self.check(node, depth)} & {"text", "any"}
        if not kinds:
            raise self.error("XM419", node)
        return kinds.pop() if len(kinds) == 1 else "any"


def _look_up(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


def _put(node: ast.expr, instead: ast.expr) -> None:
    node.instead = instead  # type: ignore[attr-defined]
