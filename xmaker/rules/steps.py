"""Reads the steps of a rule: actions of nodes, `wait`, and setting a var."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from xmaker.errors import Problem, message, nearest
from xmaker.nodes import ActionSpec, Node, Output, Parameter, actions_of
from xmaker.options import DURATION
from xmaker.rules.expression import Expression, compile_expression, compile_part
from xmaker.rules.mistakes import improve
from xmaker.rules.scope import Scope
from xmaker.rules.text import MAX_LENGTH, ExpressionError, fold, parse
from xmaker.yaml_mistakes import BRACKETS, MAX_LINE, as_scalar, is_open, parts_of, quoted_actions
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


def read_duration(item: Item, key: str, problems: list[Problem]) -> float | None:
    """Return a duration in seconds, or None after adding what is wrong with it to the problems."""
    seconds = DURATION.parse(item.value)
    if seconds is not None and 0 <= seconds < 1e9:
        return seconds
    problems.append(Problem("XM307", {"key": key, "value": item.shown()}, item.mark))
    return None


class StepReader:
    """Reads single steps; `problems` collects what is wrong with them."""

    def __init__(self, scope: Scope, types: Mapping[str, type[Node]], problems: list[Problem]) -> None:
        self.scope, self.types, self.problems = scope, types, problems

    def read_all(self, item: Item) -> tuple[Step, ...]:
        """Read one step or a list of them."""
        items = item.value if isinstance(item.value, list) else [item]
        mark = item.mark
        if mark and mark.text[mark.column - 1 :].startswith("[") and any(_is_cut(inner) for inner in items):
            fixed = quoted_actions(mark.text)
            if fixed or "]" not in mark.text or len(mark.text) > MAX_LINE:
                self.problems.append(Problem("XM313", {}, replace(mark, column=mark.column + 1), fixed))
                return ()
        steps = [self.read(inner) for inner in items]
        return tuple(step for step in steps if step is not None)

    def read(self, item: Item) -> Step | None:
        """Return the step, or None after adding what is wrong with it to the problems."""
        if isinstance(item.value, dict):
            return self._mapping(item)
        if not isinstance(item.value, str) or not item.value.strip():
            self._problem("XM304", item, step=item.shown())
            return None
        text = fold(item.value)
        try:
            step = self._read_text(text)
            doubts = [doubt for value in step.expressions() for doubt in value.doubts]
            self.problems += [problem_of(doubt, item, warning=True) for doubt in doubts]
            return step
        except ExpressionError as error:
            if len(text) > MAX_LENGTH or not self._other_meaning(item, text, error.details.get("near")):
                self.problems.append(problem_of(improve(text, error, self._read_text), item))
        return None

    def _read_text(self, text: str) -> Do | Assign:
        if assignment := re.match(r"\s*(\w+)\s*=(?!=)", text):
            return self._assignment(text, assignment)
        return self._action(text, parse(text))

    def _other_meaning(self, item: Item, text: str, near: object) -> bool:
        """Say what was meant by a text that is no step."""
        mark, code, fixed = item.mark, "", ""
        in_flow = mark is not None and any(bracket in mark.text[: mark.column - 1] for bracket in "[{")
        parts = parts_of(item.value, "[,，、；;]| and | then ")
        if _is_cut(item) and mark and mark.text[mark.column - 1 + len(item.value) :].strip().startswith("#"):
            code, fixed = "XM313", mark.text[: mark.column - 1] + as_scalar(mark.text[mark.column - 1 :].rstrip(), False)
        elif found := re.match(r"\s*(?:wait|sleep|delay|等待?)\s*[( :：]\s*([^)]+?)\)?\s*$", item.value):
            code, fixed = "XM320", item.line_with(f"wait: {found[1]}", raw=True)
        elif len(parts) > 1 and all(re.match(r"\w+\.\w+(\(.*\))?$", part) for part in parts):
            steps = ", ".join(as_scalar(part, True) for part in parts)
            if not in_flow and mark is not None and mark.text[: mark.column - 1].strip() == "-":
                fixed = "\n".join(f"- {part}" for part in parts)
            else:
                fixed = item.line_with(steps if in_flow else f"[{steps}]", raw=True)
            code = "XM314"
        elif found := re.match(r"\s*(\w+)\s*(?:([-+*/])=\s*(.+)|\+\+)\s*$", text):
            value = f"{found[1]} {found[2] or '+'} {found[3] or '1'}"
            code, fixed = "XM321", item.line_with(f"{found[1]} = {value}")
        elif found := re.match(r"\s*(\w+)(?:\s*=\s*|\s+|\s*->\s*)(\w+)(\s*\(.*\))?\s*$", text):
            known = found[1] in self.types and found[2] in actions_of(self.types[found[1]])
            code, fixed = ("XM304", item.line_with(f"{found[1]}.{found[2]}{found[3] or ''}")) if known else ("", "")
        elif item.value[0] in "【［":
            code, fixed = "XM121", item.line_with(item.value.translate(BRACKETS), raw=True)
        elif found := re.match(r"\s*(\w+)\.(\w+)\(([^\"'()]+)\)\s*$", text):
            wants_text = found[1] in self.types and found[2] in (actions := actions_of(self.types[found[1]]))
            if wants_text and [each.kind for each in actions[found[2]].parameters] == ["text"] and not near:
                code, fixed = "XM324", item.line_with(f'{found[1]}.{found[2]}("{found[3]}")')
        if code:
            self.problems.append(Problem(code, {"step": item.value, "sign": item.value[0]}, mark, fixed))
        return bool(code)

    def _mapping(self, item: Item) -> Step | None:
        key, mark = next(iter(item.value), ""), item.mark
        if list(item.value) == ["wait"]:
            seconds = read_duration(item.value["wait"], "wait", self.problems)
            return None if seconds is None else Wait(seconds)
        if key in ("when", "each", "if"):
            self._problem("XM322", item)
        elif "." in key and mark is not None:  # {screen.write: Hello, cat}
            self.problems.append(Problem("XM313", {}, mark, _as_call(item, key)))
        elif key in ("sleep", "delay", "等待", "等") and len(item.value) == 1 and mark:
            self.problems.append(Problem("XM320", {}, mark, mark.text.replace(key, "wait", 1)))
        elif "wait" in item.value:
            self._problem("XM323", item)
        else:
            self._problem("XM304", item, step=", ".join(item.value) or "{}")
        return None

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
            made.append((value, parameter))
        return tuple(made)

    def _problem(self, code: str, item: Item, **details: object) -> None:
        self.problems.append(Problem(code, details, item.mark))


def kind_words(kind: str) -> str:
    """Return what a kind of value is called."""
    return message({"number": "XM221", "text": "XM222", "flag": "XM223"}[kind], "what")


def _is_cut(item: Item) -> bool:
    """Whether YAML has ended a text too early: at a comma in brackets, or before a #."""
    return isinstance(item.value, str) and not item.quoted and is_open(item.value)


def _as_call(item: Item, key: str) -> str:
    """Return the line in which `screen.write: Hello, cat` has become an action with a text."""
    assert item.mark is not None
    before, rest = item.mark.text[: item.mark.column - 1], item.mark.text[item.mark.column - 1 :].rstrip()
    if "(" in key:  # screen.write("Score: 5")
        return quoted_actions(item.mark.text) or before + as_scalar(rest, False)
    in_braces = re.match(r"\{.*?\}", rest)
    words = [item.value[key].shown(), *(inner for inner in item.value if inner != key)]
    call = as_scalar(f'{key}("{", ".join(words)}")', "[" in before)
    return before + call + (rest[in_braces.end() :] if in_braces else "")
