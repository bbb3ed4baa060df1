"""Reads the steps of a rule: actions of nodes, `wait`, and setting a var."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from xmaker.errors import Problem, XMakerError, message, nearest
from xmaker.nodes import ActionSpec, Node, Output, Parameter, actions_of
from xmaker.options import DURATION
from xmaker.rules.expression import Expression, compile_expression, compile_part
from xmaker.rules.functions import text_of
from xmaker.rules.scope import Scope
from xmaker.rules.text import MAX_LENGTH, ExpressionError, fold, parse
from xmaker.yaml_mistakes import CALL, as_scalar, cut_action, mistake_at
from xmaker.yaml_reader import Item

Arguments = tuple[tuple[Expression, Parameter], ...]
"""Each argument of an action, with what the action wants of it."""


class Do(msgspec.Struct, frozen=True):
    """A step that calls an action."""

    node: str
    action: str
    args: Arguments = ()

    def expressions(self) -> list[Expression]:
        return [value for value, _ in self.args]


class Wait(msgspec.Struct, frozen=True):
    """A step that waits."""

    seconds: float


class Assign(msgspec.Struct, frozen=True):
    """A step that sets a var."""

    var: str
    value: Expression

    def expressions(self) -> list[Expression]:
        return [self.value]


Step = Do | Wait | Assign


def problem_of(error: ExpressionError, item: Item, warning: bool = False) -> Problem:
    """Return the problem of an expression, at its place in the file."""
    mark = item.mark
    if mark is not None:
        start = mark.column + (1 if item.quoted else 0)
        if mark.text[start - 1 :].startswith(item.value):
            mark = replace(mark, column=start + min(error.column, len(item.value)))
    fixed = item.line_with(error.corrected) if error.corrected else ""
    return Problem(error.code, error.details, mark, fixed, warning)


def read_duration(item: Item, key: str, problems: list[Problem], *, more_than_nothing: bool = False) -> float | None:
    """Return a duration in seconds, or None after adding what is wrong with it to the problems."""
    seconds = DURATION.parse(item.value)
    if seconds is not None and 0 <= seconds < 1e9 and (seconds or not more_than_nothing):
        return seconds
    problems.append(Problem("XM307", {"key": key, "value": item.shown()}, item.mark))
    return None


_SEPARATOR = r"(?:\s*[,、;]\s*| and | then )"
_ACTION = rf"(?:{CALL}|\w+\.\w+)"
_MEANT: tuple[tuple[str, str, str], ...] = (
    ("XM321", r"(\w+)\s*([-+*/])=\s*(.+)", r"\1 = \1 \2 \3"),
    ("XM321", r"(\w+)\+\+", r"\1 = \1 + 1"),
    ("XM304", r"(\w+)(?:\s*=\s*|\s+|\s*->\s*)(\w+)", r"\1.\2"),
    ("XM324", r"(\w+\.\w+)\(([^\"'()]+)\)", r'\1("\2")'),
)
"""Code, what people write for a step, and the step that they mean."""


class StepReader:
    """Reads single steps; `problems` collects what is wrong with them."""

    def __init__(self, scope: Scope, types: Mapping[str, type[Node]], problems: list[Problem]) -> None:
        self.scope, self.types, self.problems = scope, types, problems
        self._cut: set[int] = set()
        """Lines with an action that YAML has cut into pieces: the other pieces are no news."""

    def read_all(self, item: Item) -> tuple[Step, ...]:
        """Read one step or a list of them."""
        items = item.value if isinstance(item.value, list) else [item]
        steps = [self.read(inner) for inner in items if not (inner.mark and inner.mark.line in self._cut)]
        return tuple(step for step in steps if step is not None)

    def read(self, item: Item) -> Step | None:
        """Return the step, or None after adding what is wrong with it to the problems."""
        if isinstance(item.value, dict):
            return self._mapping(item)
        if not isinstance(item.value, str) or not item.value.strip():
            self.problems.append(Problem("XM304", {"step": item.shown()}, item.mark))
            return None
        text = fold(item.value)
        try:
            step = self._read_text(text)
        except ExpressionError as error:
            self.problems.append(self._problem(item, text, error))
            return None
        doubts = [doubt for value in step.expressions() for doubt in value.doubts]
        self.problems += [problem_of(doubt, item, warning=True) for doubt in doubts]
        return step

    def _mapping(self, item: Item) -> Step | None:
        if list(item.value) == ["wait"]:
            seconds = read_duration(item.value["wait"], "wait", self.problems)
            return None if seconds is None else Wait(seconds)
        names = ", ".join(item.value)
        self.problems.append(("." in names and self._cut_action(item)) or Problem("XM304", {"step": names or "{}"}, item.mark))
        return None

    def _read_text(self, text: str) -> Do | Assign:
        if assignment := re.match(r"\s*(\w+)\s*=(?!=)", text):
            return self._assignment(text, assignment)
        return self._action(text, parse(text))

    def _cut_action(self, item: Item) -> Problem | None:
        """Return the problem of an action that YAML has cut at a comma, a colon or a # because it has no quotes."""
        problem = None if item.quoted or item.mark is None else cut_action(item.mark)
        if problem and problem.mark:
            self._cut.add(problem.mark.line)
        return problem

    def _problem(self, item: Item, text: str, error: ExpressionError) -> Problem:
        """Return the problem of a text that is no step, with what was meant where that is plain."""
        if len(text) > MAX_LENGTH:
            return problem_of(error, item)
        if (text.count("(") != text.count(")") or text.count('"') % 2) and (problem := self._cut_action(item)):
            return problem
        if item.mark and not item.quoted and (problem := mistake_at(item.mark)):
            return problem
        if waiting := re.fullmatch(r"\s*(?:wait|sleep|delay|等待?)\s*[( ]\s*([^)]+?)\)?\s*", text):
            return Problem("XM320", {}, item.mark, item.line_with(f"wait: {waiting[1]}", raw=True))
        if re.fullmatch(rf"\s*{_ACTION}(?:{_SEPARATOR}{_ACTION})+\s*", text):
            return Problem("XM314", {}, item.mark, _listed(item, re.findall(_ACTION, text)))
        for code, pattern, meant in _MEANT if not error.details.get("near") else ():
            if (found := re.fullmatch(pattern, text.strip())) and self._is_right(found.expand(meant)):
                return Problem(code, {"step": item.value}, item.mark, item.line_with(found.expand(meant)))
        from xmaker.rules.mistakes import improve  # only who makes mistakes waits for it

        return problem_of(improve(text, error, self._read_text), item)

    def _is_right(self, text: str) -> bool:
        try:
            self._read_text(text)
        except ExpressionError:
            return False
        return True

    def _assignment(self, text: str, found: re.Match[str]) -> Assign:
        name = found[1]
        if name not in self.scope.vars:
            raise ExpressionError("XM315", found.start(1), name=name, near=nearest(name, self.scope.vars))
        # blanks keep the columns right
        value = compile_expression(" " * found.end() + text[found.end() :], self.scope)
        if value.kind not in (self.scope.vars[name], "any"):
            raise ExpressionError("XM316", found.start(1), name=name, kind=kind_words(self.scope.vars[name]))
        return Assign(name, value)

    def _action(self, text: str, tree: ast.expr) -> Do:
        call = tree.func if isinstance(tree, ast.Call) else tree
        if not (isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name)) or getattr(tree, "keywords", None):
            raise ExpressionError("XM304", 0, step=text.strip())
        node, name = call.value.id, call.attr
        if node not in self.types:
            near = nearest(node, self.types)
            raise ExpressionError("XM310", 0, name=node, near=near, known=", ".join(self.types) or "-")
        specs = actions_of(self.types[node])
        if name not in specs:
            known = [known for known in specs if issubclass(self.types[node], Output) or known in ("pause", "resume")]
            near = nearest(name, known)
            raise ExpressionError("XM305", text.find(".") + 1, node=node, action=name, near=near, known=", ".join(known))
        args = tree.args if isinstance(tree, ast.Call) else []
        return Do(node, name, self._arguments(text, f"{node}.{name}", specs[name], args))

    def _arguments(self, text: str, action: str, spec: ActionSpec, args: list[ast.expr]) -> Arguments:
        parameters = list(spec.parameters)
        if parameters and parameters[-1].many:
            parameters += [parameters[-1]] * (len(args) - len(parameters))
        needed = sum(parameter.required for parameter in parameters)
        if not needed <= len(args) <= len(parameters):
            wanted = ", ".join(parameter.name if parameter.required else f"[{parameter.name}]" for parameter in spec.parameters)
            raise ExpressionError("XM306", 0, action=action, wanted=f"{action}({wanted})")
        made = []
        for argument, parameter in zip(args, parameters, strict=False):
            value = compile_part(text, argument, self.scope)
            if parameter.kind in ("number", "flag") and value.kind not in (parameter.kind, "any"):
                kind = kind_words(parameter.kind)
                raise ExpressionError("XM317", argument.col_offset, action=action, name=parameter.name, kind=kind)
            if parameter.check and not value.names:
                _check_constant(value, parameter, argument.col_offset)
            made.append((value, parameter))
        return tuple(made)


def _check_constant(value: Expression, parameter: Parameter, column: int) -> None:
    """Refuse now what the action would refuse when the rule fires: a colour or a note that is none."""
    assert parameter.check
    with suppress(ArithmeticError, ValueError, TypeError):  # said when it is computed
        given = value.value({})
        try:
            parameter.check(text_of(given) if parameter.kind == "text" else given)
        except XMakerError as error:
            raise ExpressionError(error.code, column, **error.problems[0].details) from None


def kind_words(kind: str) -> str:
    """Return what a kind of value is called."""
    return message({"number": "XM221", "text": "XM222", "flag": "XM223"}[kind], "what")


def _listed(item: Item, actions: list[str]) -> str:
    """Return the item's line with a list of actions in its place; "" where a list is no remedy."""
    if item.mark is None or item.mark.around()[0].strip() == "-":
        return ""
    steps = ", ".join(as_scalar(action, True) for action in actions)
    before = item.mark.around()[0]
    while before != (closed := re.sub(r"\[[^\[\]{}]*\]|\{[^\[\]{}]*\}", "", before)):  # what is closed already
        before = closed
    in_list = re.search(r"[\[{](?=[^\[{]*$)", before)
    return item.line_with(steps if in_list and in_list[0] == "[" else f"[{steps}]", raw=True)
