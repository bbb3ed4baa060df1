"""Reads one rule of a project: `when` or `each`, `for`, `then`, `else`, `cooldown`, `repeat`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from xmaker.errors import Mark, Problem, message, nearest
from xmaker.nodes import Node
from xmaker.rules.expression import Expression, compile_expression
from xmaker.rules.scope import Scope
from xmaker.rules.steps import Step, StepReader, Wait, problem_of, read_duration
from xmaker.rules.text import ExpressionError
from xmaker.yaml_reader import Item


class Rule(msgspec.Struct, frozen=True):
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
    mark: Mark | None = None

    def names(self) -> frozenset[str]:
        """The nodes and vars that the rule reads, in its condition or in its steps."""
        steps = [step for step in (*self.then, *self.otherwise) if not isinstance(step, Wait)]
        inner = [expression.names for step in steps for expression in step.expressions()]
        return frozenset({self.each}).union(self.when.names if self.when else (), *inner)


_KEYS = ("when", "each", "for", "then", "else", "cooldown", "repeat")
_MEANT = {"if": "when", "on": "when", "do": "then", "action": "then", "actions": "then", "otherwise": "else"}
_MEANT |= {
    "如果": "when",
    "当": "when",
    "那么": "then",
    "就": "then",
    "否则": "else",
    "持续": "for",
    "冷却": "cooldown",
    "每个": "each",
}


class RuleReader:
    """Reads the rules of one project; `problems` collects what is wrong with them."""

    def __init__(self, scope: Scope, types: Mapping[str, type[Node]], problems: list[Problem]) -> None:
        self.scope, self.types, self.problems = scope, types, problems

    def read_all(self, item: Item) -> list[Rule]:
        """Read the list of rules. A `then` behind a dash of its own belongs to the rule above."""
        whole: list[Item] = []
        for rule in item.value:
            first = next(iter(rule.value), "") if isinstance(rule.value, dict) else ""
            if first in ("for", "then", "else") and whole and isinstance(whole[-1].value, dict) and "when" not in rule.value:
                mark = rule.keys[first]
                self.problems.append(Problem("XM318", {"key": first}, mark, mark.text.replace("- ", "  ", 1)))
                whole[-1] = Item({**rule.value, **whole[-1].value}, whole[-1].mark, keys={**rule.keys, **whole[-1].keys})
            else:
                whole.append(rule)
        rules = [self.read(rule, number) for number, rule in enumerate(whole, 1)]
        return [rule for rule in rules if rule is not None]

    def read(self, item: Item, number: int) -> Rule | None:
        """Return the rule, or None after adding what is wrong with it to the problems."""
        before = sum(not problem.warning for problem in self.problems)
        if not isinstance(item.value, dict):
            if not self._glued(item):
                self._problem("XM300", item, number=number)
            return None
        item, unknown = self._known_keys(item)
        parts: dict[str, Item] = item.value
        rule = self._conditions(Rule(number, source=item.plain(), mark=item.mark), parts, item, unknown)
        rule = replace(rule, **self._durations(parts))
        if "then" in parts and parts["then"].value not in (None, []):
            rule = replace(rule, then=self._steps(parts["then"]))
        elif not unknown:
            self._problem("XM303", parts.get("then", item))
        if "else" in parts:
            rule = replace(rule, otherwise=self._steps(parts["else"]))
        self._check_sense(rule, parts)
        return rule if sum(not problem.warning for problem in self.problems) == before else None

    def _known_keys(self, item: Item) -> tuple[Item, bool]:
        """Return the rule with the keys that were meant, and whether there is one that means nothing."""
        unknown, parts = False, {}
        for key, value in item.value.items():
            meant = key if key in _KEYS else _MEANT.get(key) or nearest(key, _KEYS)
            if meant != key:
                details = {"key": key, "where": message("XM229", "what"), "near": meant, "known": ", ".join(_KEYS)}
                self.problems.append(Problem("XM201", details, item.keys.get(key)))
            unknown |= not meant
            parts[meant or key] = value
        return Item(parts, item.mark), unknown

    def _glued(self, item: Item) -> bool:
        """Whether a text is a key with its value: `wait:1 s` lacks the space that makes it two."""
        found = re.match(rf"({'|'.join((*_KEYS, 'wait', *_MEANT))})(:|：)\s*", str(item.value))
        if found:
            code = "XM119" if found[2] == ":" else "XM117"
            fixed = item.line_with(f"{found[1]}: {item.value[found.end() :]}", raw=True)
            self.problems.append(Problem(code, {"sign": found[2]}, item.mark, fixed))
        return found is not None

    def _conditions(self, rule: Rule, parts: Mapping[str, Item], item: Item, unknown: bool) -> Rule:
        given = [key for key in ("when", "each") if key in parts and parts[key].value is not None]
        if len(given) == 2:
            self._problem("XM302", parts["each"])
        elif given == ["when"]:
            when = self._expression(parts["when"])
            if when is None:
                return rule
            if not when.names:
                self.problems.append(Problem("XM325", {}, parts["when"].mark, warning=True))
            momentary = any(self.scope.nodes[name].momentary for name in when.names if name in self.scope.nodes)
            return replace(rule, when=when, momentary=momentary)
        elif given:
            name = str(parts["each"].value)
            if name in self.scope.nodes:
                return replace(rule, each=name)
            self._each_of_nothing(name, parts["each"])
        elif not unknown:
            self._problem("XM301", parts.get("when") or parts.get("each") or item)
        return rule

    def _each_of_nothing(self, name: str, item: Item) -> None:
        first = re.match(r"\w*", name)
        if first and first[0] in self.scope.nodes:  # `each: knob > 1`, `each: knob.value`
            self.problems.append(Problem("XM319", {"node": first[0]}, item.mark, item.line_with(first[0])))
        elif name in self.types:
            self._problem("XM421", item, name=name)
        else:
            known = ", ".join(self.scope.nodes) or "-"
            self._problem("XM402", item, name=name, near=nearest(name, self.scope.nodes), known=known)

    def _durations(self, parts: Mapping[str, Item]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, name in (("for", "hold"), ("cooldown", "cooldown"), ("repeat", "repeat")):
            if key not in parts:
                continue
            value = parts[key].value
            if key == "for" and (events := re.fullmatch(r"([1-9]\d{0,5})\s*(?:events?|次)", str(value).strip())):
                found["hold_events"] = int(events[1])
            elif (seconds := read_duration(parts[key], key, self.problems)) is not None:
                found[name] = seconds
                if key == "repeat" and not seconds:
                    self._problem("XM307", parts[key], key=key, value=parts[key].shown())
        return found

    def _check_sense(self, rule: Rule, parts: Mapping[str, Item]) -> None:
        """Refuse what could never do anything."""
        if rule.each:
            for key in ("for", "else", "repeat"):
                if key in parts:
                    self._problem("XM312", parts[key], key=key)
        for key, wanted in (("for", rule.hold or rule.hold_events), ("repeat", rule.repeat)):
            if rule.momentary and wanted:
                self._problem("XM311", parts[key], key=key)
        if rule.momentary and rule.otherwise:
            self.problems.append(Problem("XM308", {}, parts["else"].mark, warning=True))

    def _steps(self, item: Item) -> tuple[Step, ...]:
        items = item.value if isinstance(item.value, list) else [item]
        glued = [inner for inner in items if self._glued(inner)]
        if glued:
            return ()
        return StepReader(self.scope, self.types, self.problems).read_all(item)

    def _expression(self, item: Item) -> Expression | None:
        if isinstance(item.value, bool):
            return compile_expression(str(item.value).lower(), self.scope)
        if not isinstance(item.value, str):
            wanted = message("XM234", "what")
            self._problem("XM202", item, where="when", expected=wanted)
            return None
        try:
            expression = compile_expression(item.value, self.scope, "flag")
        except ExpressionError as error:
            self.problems.append(problem_of(error, item))
            return None
        self.problems += [problem_of(doubt, item, warning=True) for doubt in expression.doubts]
        return expression

    def _problem(self, code: str, item: Item, **details: object) -> None:
        self.problems.append(Problem(code, details, item.mark))
