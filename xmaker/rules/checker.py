"""Checks an expression: every part must be on the list here, and fit what the nodes give. Nothing else is ever compiled."""

from __future__ import annotations

import ast
import re
import string

from xmaker.errors import nearest
from xmaker.nodes import Fields
from xmaker.rules.functions import FUNCTIONS
from xmaker.rules.scope import ARITHMETIC, COMPARISONS, Scope, asked_of, symbol
from xmaker.rules.text import MAX_DEPTH, ExpressionError, fold, format_spec_problem, parse
from xmaker.values import Kind


class Checker:
    """Checks a tree against the list of what is allowed and against the scope, and finds the kind of every part."""

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
        near = str(details.get("near") or "")
        if near and not fixed:
            word = re.match(r"\w*", self.text[start + skip :])
            fixed = self.text[start : start + skip] + near + self.text[start + skip + len(word[0] if word else "") : end]
        corrected = self.text[:start] + fixed + self.text[end:] if fixed else ""
        return ExpressionError(code, start + skip, corrected, **details)

    def check(self, node: ast.expr, depth: int = 0) -> Kind:
        """Return the kind of a part. Raises ExpressionError for anything that is not allowed."""
        if depth > MAX_DEPTH:
            raise self.error("XM415", node, limit=MAX_DEPTH)
        method = getattr(self, f"_check_{type(node).__name__.lower()}", None)
        if method is None:
            raise self.refused(node)
        kind: Kind = method(node, depth + 1)
        return kind

    def refused(self, node: ast.expr, part: str = "") -> ExpressionError:
        return self.error("XM404", node, part=part or self.written(node))

    def _check_constant(self, node: ast.Constant, depth: int) -> Kind:
        if isinstance(node.value, bool):
            return "flag"
        if isinstance(node.value, str):
            return self._check_template(node, depth)
        if isinstance(node.value, int | float) and abs(node.value) < 1e15:
            return "number"
        raise self.refused(node)

    def _check_template(self, node: ast.Constant, depth: int) -> Kind:
        """A string with {…} is a template; its parts are expressions of the same language (never str.format)."""
        assert isinstance(node.value, str)
        if not any(brace in node.value for brace in "{}"):
            return "text"
        try:
            parts = list(string.Formatter().parse(node.value))
        except ValueError:
            raise self.error("XM422", node) from None
        pieces: list[ast.expr] = []
        position = self.place(node)[0]
        for literal, expression, spec, conversion in parts:
            pieces.append(ast.Constant(literal))
            if expression is None:
                continue
            position = max(position, self.text.find("{" + expression, position))
            if conversion or not expression.strip():
                raise self.error("XM411", node, spec=f"!{conversion}" if conversion else "{}")
            inner = self._check_inner(expression, position + 1, spec or "", depth)
            if not spec:
                inner = ast.Call(ast.Name("_text", ast.Load()), [inner], [])
            shape = ast.JoinedStr([ast.Constant(spec)]) if spec else None
            pieces.append(ast.FormattedValue(inner, -1, shape))
        node.template = ast.JoinedStr(pieces)  # type: ignore[attr-defined]
        return "text"

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
            if self.text.startswith(expression, start):
                error.column += start
                if error.corrected:
                    error.corrected = self.text[:start] + error.corrected + self.text[start + len(expression) :]
            raise
        return body

    def _check_name(self, node: ast.Name, depth: int) -> Kind:
        if node.id in ("true", "false"):
            return "flag"
        if node.id in self.scope.vars:
            self.names.add(node.id)
            return self.scope.vars[node.id]
        fields = self._fields(node)
        if not fields.main:
            raise self.error("XM409", node, name=node.id, choices=", ".join(asked_of(node.id, fields)) or "-")
        return fields.kinds[fields.main]

    def _fields(self, node: ast.expr) -> Fields:
        if not isinstance(node, ast.Name):
            raise self.refused(node)
        name = node.id
        if name in self.scope.nodes:
            self.names.add(name)
            return self.scope.nodes[name]
        if name in self.scope.outputs:
            raise self.error("XM421", node, name=name)
        if any(name in labels for labels in self.scope.labels.values()):
            raise self.error("XM412", node, f'"{name}"', name=name)
        known = [*self.scope.nodes, *self.scope.vars]
        near = nearest(name, known) or nearest(name, FUNCTIONS)
        raise self.error("XM402", node, name=name, near=near, known=", ".join(known) or "-")

    def _check_attribute(self, node: ast.Attribute, depth: int) -> Kind:
        name, of = node.attr, node.value
        while isinstance(of, ast.Attribute):
            name, of = f"{of.attr}.{name}", of.value
        fields = self._fields(of)
        if name not in fields.kinds:
            assert isinstance(of, ast.Name)  # _fields refuses everything else
            if name in fields.methods:
                raise self.error("XM416", node, method=f"{of.id}.{name}")
            near = nearest(name, [*fields.kinds, *fields.methods])
            known = ", ".join(asked_of("", fields)) or "-"
            skip = self.written(node).find(".") + 1
            raise self.error("XM403", node, skip=skip, name=of.id, field=name, near=near, known=known)
        return fields.kinds[name]

    def _check_call(self, node: ast.Call, depth: int) -> Kind:
        if node.keywords:
            raise self.refused(node, f"{node.keywords[0].arg}=")
        if isinstance(node.func, ast.Attribute):
            fields = self._fields(node.func.value)
            if node.func.attr not in fields.methods:
                self._check_attribute(node.func, depth)  # says what the node does have
                raise self.error("XM408", node, name=self.written(node.func), known=", ".join(fields.methods) or "-")
            for argument in node.args:
                self.check(argument, depth)
            return fields.methods[node.func.attr]
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

    def _want_number(self, node: ast.expr, kind: Kind, part: str) -> None:
        # what may be text must not be multiplied: "a" * 1e9 fills the memory, and % formats
        if kind == "text" or (kind == "any" and part in ("*", "%", "**")):
            raise self.error("XM406", node, part=part, got=self.written(node))

    def _check_binop(self, node: ast.BinOp, depth: int) -> Kind:
        left, right = self.check(node.left, depth), self.check(node.right, depth)
        if isinstance(node.op, ast.Pow):
            power_of_power = any(isinstance(inner, ast.Pow) for inner in ast.walk(node.left))
            if not (isinstance(node.right, ast.Constant) and node.right.value in (2, 3)) or power_of_power:
                raise self.error("XM414", node)
        elif not isinstance(node.op, ARITHMETIC):
            raise self.refused(node)
        if isinstance(node.op, ast.Add) and left == right == "text":
            return "text"
        self._want_number(node.left, left, symbol(node.op))
        self._want_number(node.right, right, symbol(node.op))
        return "number"

    def _check_boolop(self, node: ast.BoolOp, depth: int) -> Kind:
        for before, value in zip([None, *node.values], node.values, strict=False):
            if (kind := self.check(value, depth)) != "flag":
                raise self.no_flag(value, kind, before)
        return "flag"

    def no_flag(self, node: ast.expr, kind: Kind, before: ast.expr | None = None) -> ExpressionError:
        """Return the error of a part that should be true or false; `pet == "cat" or "dog"` is the usual reason."""
        if isinstance(before, ast.Compare) and isinstance(node, ast.Constant):
            fixed = f"{self.written(before.left)} {symbol(before.ops[0])} {self.written(node)}"
            return self.error("XM410", node, fixed, part=self.written(node), example=fixed)
        if isinstance(node, ast.Name | ast.Attribute | ast.Call):
            written = self.written(node)
            return self.error(
                "XM410", node, part=written, example=f"{written} > 0" if kind == "number" else f'{written} == "…"'
            )
        return self.error("XM410", node, part=self.written(node), example='pet == "cat"')

    def _check_unaryop(self, node: ast.UnaryOp, depth: int) -> Kind:
        kind = self.check(node.operand, depth)
        if isinstance(node.op, ast.Not):
            if kind != "flag":
                raise self.no_flag(node.operand, kind)
            return "flag"
        if isinstance(node.op, ast.Invert):
            raise self.refused(node, "~")
        self._want_number(node.operand, kind, "-")
        return "number"

    def _check_ifexp(self, node: ast.IfExp, depth: int) -> Kind:
        if (kind := self.check(node.test, depth)) != "flag":
            raise self.no_flag(node.test, kind)
        first, second = self.check(node.body, depth), self.check(node.orelse, depth)
        return first if first == second else "any"

    def _check_compare(self, node: ast.Compare, depth: int) -> Kind:
        left, left_kind = node.left, self._check_side(node.left, node.comparators[0], depth)
        for op, right in zip(node.ops, node.comparators, strict=True):
            if not isinstance(op, COMPARISONS):
                raise self.refused(node, symbol(op))
            if isinstance(op, ast.In | ast.NotIn):
                right_kind = self._check_choices(right, depth)
            else:
                right_kind = self._check_side(right, left, depth)
            kinds = {left_kind, right_kind} - {"any"}
            if len(kinds) > 1 or ("text" in kinds and isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE)):
                raise self._different(left, right, op)
            self._doubt(left, right)
            self._doubt(right, left)
            left, left_kind = right, right_kind
        return "flag"

    def _check_side(self, node: ast.expr, other: ast.expr, depth: int) -> Kind:
        """Check one side of a comparison: a word that nobody knows, beside a label or a text, only lacks its quotes."""
        try:
            return self.check(node, depth)
        except ExpressionError as error:
            if error.code == "XM402" and isinstance(node, ast.Name) and not error.details["near"]:
                name = other.value if isinstance(other, ast.Attribute) else other
                fields = self.scope.nodes.get(name.id) if isinstance(name, ast.Name) else None
                field = other.attr if isinstance(other, ast.Attribute) else fields.main if fields else ""
                if fields and fields.kinds.get(field) == "text":
                    raise self.error("XM412", node, f'"{node.id}"', name=node.id) from None
            raise

    def _different(self, left: ast.expr, right: ast.expr, op: ast.cmpop) -> ExpressionError:
        """Return the error of comparing text with a number; `knob == "3"` only has quotes too many."""
        at, fixed = left, ""
        for side in (left, right):
            if isinstance(side, ast.Constant) and isinstance(side.value, str) and re.fullmatch(r"-?\d+(\.\d+)?", side.value):
                at, fixed = side, side.value
        return self.error("XM418", at, fixed, left=self.written(left), right=self.written(right), op=symbol(op))

    def _doubt(self, side: ast.expr, other: ast.expr) -> None:
        """Note a comparison with a label that the node never gives."""
        node = side.value if isinstance(side, ast.Attribute) and side.attr == "label" else side
        labels = self.scope.labels.get(node.id) if isinstance(node, ast.Name) else None
        for text in other.elts if isinstance(other, ast.List | ast.Tuple) else [other]:
            label = text.value if isinstance(text, ast.Constant) and not hasattr(text, "template") else None
            if labels and isinstance(label, str) and label not in [*labels]:
                known = ", ".join(labels[:8]) + (" …" if len(labels) > 8 else "")
                name, near = self.written(node), nearest(label, labels)
                self.doubts.append(self.error("XM413", text, skip=1, name=name, label=label, near=near, known=known))

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

    def _check_tuple(self, node: ast.Tuple, depth: int) -> Kind:
        """`0,6` is how much of Europe writes 0.6."""
        written = self.written(node)
        fixed = re.sub(r"(\d),(\d)", r"\1.\2", written)
        if fixed == written:
            raise self.refused(node)
        raise self.error("XM420", node, fixed, skip=written.index(","), sign=",", better=".")
