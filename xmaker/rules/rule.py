"""Reads one rule of a project: `when` or `each`, `for`, `then`, `else`, `cooldown`, `repeat`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from xmaker.errors import Mark, Problem, message, nearest
from xmaker.nodes import ActionSpec, Node, Output, Parameter, actions_of
from xmaker.options import DURATION
from xmaker.rules.checker import Scope, parse
from xmaker.rules.expression import Expression, compile_expression, compile_part
from xmaker.rules.text import ExpressionError, fold
from xmaker.yaml_reader import Item

Arguments = tuple[tuple[Expression, Parameter], ...]
"""Each argument of an action, with what the action wants of it."""


@dataclass(frozen=True)
class Do:
    """A step that calls an action."""

    node: str
    action: str
    args: Arguments = ()


@dataclass(frozen=True)
class Wait:
    """A step that waits."""

    seconds: float


@dataclass(frozen=True)
class Assign:
    """A step that sets a var."""

    var: str
    value: Expression


Step = Do | Wait | Assign


@dataclass(frozen=True)
class Rule:
    """One rule. Either `when` or `each` is set. Durations are in seconds."""

    number: int
    when: Expression | None = None
    each: str = ""
    hold: float = 0.0
    hold_events: int = 0
    then: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()
    cooldown: float = 0.0
    repeat: float = 0.0
    momentary: bool = False
    """The condition reads a key or text, so it is true for one event only."""
    source: Any = None
    """The rule as written, to be shown and exported."""
    mark: Mark | None = field(default=None, compare=False)

    def actions(self) -> Iterable[Do]:
        return (step for step in (*self.then, *self.otherwise) if isinstance(step, Do))


_KEYS = ("when", "each", "for", "then", "else", "cooldown", "repeat")
_MEANT = {"if": "when", "on": "when", "do": "then", "action": "then", "actions": "then", "otherwise": "else"}
_MEANT |= {"如果": "when", "当": "when", "那么": "then", "否则": "else", "持续": "for", "冷却": "cooldown"}
_MEANT |= {"重复": "repeat", "每次": "each"}


class RuleReader:
    """Reads the rules of one project; everything that is wrong is collected in `problems`."""

    def __init__(self, scope: Scope, types: Mapping[str, type[Node]], problems: list[Problem]) -> None:
        self.scope, self.types, self.problems = scope, types, problems

    def read(self, item: Item, number: int) -> Rule | None:
        """Return the rule, or None when it has problems."""
        before = len(self.problems)
        if not isinstance(item.value, dict):
            self._problem("XM300", item, number=number)
            return None
        parts = dict(item.value)
        for key in parts:
            if key not in _KEYS:
                meant = _MEANT.get(key) or nearest(key, _KEYS)
                self._unknown_key(key, item, meant)
        rule = self._conditions(Rule(number, source=item.plain(), mark=item.mark), parts, item)
        rule = replace(rule, **self._durations(parts))
        if "then" in parts:
            rule = replace(rule, then=self._steps(parts["then"]))
        elif not any(_MEANT.get(key) == "then" for key in parts):
            self._problem("XM303", item)
        if "else" in parts:
            rule = replace(rule, otherwise=self._steps(parts["else"]))
        self._check_sense(rule, parts)
        return rule if len(self.problems) == before else None

    def _unknown_key(self, key: str, item: Item, meant: str) -> None:
        mark = item.keys.get(key)
        fixed = re.sub(rf"\b{re.escape(key)}(\s*):", f"{meant}:", mark.text, count=1) if mark and meant else ""
        details = {"key": key, "where": message("XM229", "what"), "near": meant, "known": ", ".join(_KEYS)}
        self.problems.append(Problem("XM201", details, mark, fixed))

    def _conditions(self, rule: Rule, parts: Mapping[str, Item], item: Item) -> Rule:
        if "when" in parts and "each" in parts:
            self._problem("XM302", parts["each"])
        elif "when" in parts:
            when = self._expression(parts["when"])
            if when is None:
                return rule
            momentary = any(self.scope.nodes[name].momentary for name in when.names if name in self.scope.nodes)
            return replace(rule, when=when, momentary=momentary)
        elif "each" in parts:
            name = str(parts["each"].value)
            if name in self.scope.nodes:
                return replace(rule, each=name)
            known = ", ".join(self.scope.nodes) or "-"
            self._problem("XM402", parts["each"], name=name, near=nearest(name, self.scope.nodes), known=known)
        elif not any(_MEANT.get(key) == "when" for key in parts):
            self._problem("XM301", item)
        return rule

    def _durations(self, parts: Mapping[str, Item]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, name in (("for", "hold"), ("cooldown", "cooldown"), ("repeat", "repeat")):
            if key not in parts:
                continue
            value = parts[key].value
            if key == "for" and (events := re.fullmatch(r"([1-9]\d{0,5})\s*(?:events?|次)", str(value).strip())):
                found["hold_events"] = int(events[1])
            elif (seconds := self._duration(parts[key], key)) is not None:
                found[name] = seconds
        return found

    def _duration(self, item: Item, key: str) -> float | None:
        seconds = DURATION.parse(item.value)
        if seconds is None or not 0 <= seconds < 1e9:
            self._problem("XM307", item, key=key, value=item.plain())
            return None
        return seconds

    def _check_sense(self, rule: Rule, parts: Mapping[str, Item]) -> None:
        """Refuse what could never do anything."""
        if rule.each:
            for key in ("for", "else", "repeat"):
                if key in parts:
                    self._problem("XM312", parts[key], key=key)
        if rule.momentary and (rule.hold or rule.repeat):
            self._problem("XM311", parts["for" if rule.hold else "repeat"], key="for" if rule.hold else "repeat")
        if rule.momentary and rule.otherwise:
            self.problems.append(Problem("XM308", {}, parts["else"].mark, warning=True))

    def _steps(self, item: Item) -> tuple[Step, ...]:
        items = item.value if isinstance(item.value, list) else [item]
        steps = [self._step(inner) for inner in items]
        return tuple(step for step in steps if step is not None)

    def _step(self, item: Item) -> Step | None:
        if isinstance(item.value, dict):
            return self._mapping_step(item)
        if not isinstance(item.value, str) or not item.value.strip():
            self._problem("XM304", item, step=item.plain())
            return None
        text = fold(item.value)
        try:
            if assignment := re.match(r"\s*(\w+)\s*=(?!=)", text):
                return self._assignment(text, assignment)
            if text != item.value and (parts := _split(text)):
                self._corrected("XM314", item, ", ".join(parts))
                return None
            return self._action(text, parse(text).body)
        except ExpressionError as error:
            self._expression_problem(error, item)
        return None

    def _mapping_step(self, item: Item) -> Step | None:
        if list(item.value) == ["wait"]:
            seconds = self._duration(item.value["wait"], "wait")
            return None if seconds is None else Wait(seconds)
        key = next(iter(item.value), "")
        if "." in key:  # {screen.write: Hello, cat}
            parts = [item.value[key].value, *(inner for inner in item.value if inner != key)]
            words = ", ".join(str(part) for part in parts if part is not None)
            self._corrected("XM313", item, f'- {key}("{words}")', key=key)
        else:
            self._problem("XM304", item, step=", ".join(item.value) or "{}")
        return None

    def _assignment(self, text: str, found: re.Match[str]) -> Step:
        name = found[1]
        if name not in self.scope.vars:
            raise ExpressionError("XM315", found.start(1), name=name, near=nearest(name, self.scope.vars))
        # blanks keep the columns right
        value = compile_expression(" " * found.end() + text[found.end() :], self.scope)
        if value.kind not in (self.scope.vars[name], "any"):
            raise ExpressionError("XM316", found.start(1), name=name, kind=_KIND_WORDS[self.scope.vars[name]])
        return Assign(name, value)

    def _action(self, text: str, tree: ast.expr) -> Step:
        call = tree.func if isinstance(tree, ast.Call) else tree
        if not (isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name)) or getattr(tree, "keywords", None):
            raise ExpressionError("XM304", 0, step=text.strip())
        node, name = call.value.id, call.attr
        if node not in self.types:
            raise ExpressionError("XM310", 0, name=node, near=nearest(node, self.types), known=", ".join(self.types))
        specs = actions_of(self.types[node])
        if name not in specs:
            known = [known for known in specs if issubclass(self.types[node], Output) or known in ("pause", "resume")]
            raise ExpressionError("XM305", 0, node=node, action=name, near=nearest(name, known), known=", ".join(known))
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
                words = _KIND_WORDS[parameter.kind]
                raise ExpressionError("XM317", argument.col_offset, action=action, name=parameter.name, kind=words)
            made.append((value, parameter))
        return tuple(made)

    def _expression(self, item: Item) -> Expression | None:
        if isinstance(item.value, bool):
            return compile_expression(str(item.value).lower(), self.scope)
        if not isinstance(item.value, str):
            self._problem("XM410", item, part=item.plain(), example='pet == "cat"')
            return None
        try:
            expression = compile_expression(item.value, self.scope, "flag")
        except ExpressionError as error:
            self._expression_problem(error, item)
            return None
        self._check_labels(item)
        return expression

    def _check_labels(self, item: Item) -> None:
        """Warn when a node is compared with a label that it never gives."""
        for part in ast.walk(parse(fold(item.value))):
            if not (isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.Eq | ast.NotEq)):
                continue
            sides = (part.left, part.comparators[0])
            for name, text in (sides, sides[::-1]):
                node = name.value if isinstance(name, ast.Attribute) and name.attr == "label" else name
                labels = self.scope.labels.get(node.id) if isinstance(node, ast.Name) else None
                if labels and isinstance(node, ast.Name) and isinstance(text, ast.Constant) and text.value not in [*labels]:
                    details = {"name": node.id, "label": text.value, "near": nearest(str(text.value), labels)}
                    known = ", ".join(labels[:8]) + (" …" if len(labels) > 8 else "")
                    self.problems.append(Problem("XM413", {**details, "known": known}, item.mark, warning=True))

    def _problem(self, code: str, item: Item, **details: object) -> None:
        self.problems.append(Problem(code, details, item.mark))

    def _corrected(self, code: str, item: Item, fixed: str, **details: object) -> None:
        self.problems.append(Problem(code, details, item.mark, fixed))

    def _expression_problem(self, error: ExpressionError, item: Item) -> None:
        mark, corrected = item.mark, ""
        if mark is not None:
            start = mark.column + (1 if item.quoted else 0)
            if mark.text[start - 1 :].startswith(item.value):
                mark = replace(mark, column=start + min(error.column, len(item.value)))
            if error.corrected:
                corrected = mark.text.replace(str(item.value), error.corrected)
        self.problems.append(Problem(error.code, error.details, mark, corrected))


_KIND_WORDS = {"number": "3.5", "text": '"…"', "flag": "true / false", "any": "?"}


def _split(text: str) -> list[str]:
    """Return the actions of a list that full-width commas have glued together, or nothing."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []
    return [ast.unparse(part) for part in tree.elts] if isinstance(tree, ast.Tuple) else []
