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
from xmaker.yaml_reader import Item, known_keys


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
        return self.condition_names().union(*inner)

    def condition_names(self) -> frozenset[str]:
        """The nodes and vars that can make the rule fire."""
        return self.when.names if self.when else frozenset({self.each})


_KEYS = ("when", "each", "for", "then", "else", "cooldown", "repeat")


class RuleReader:
    """Reads the rules of one project; `problems` collects what is wrong with them."""

    def __init__(self, scope: Scope, types: Mapping[str, type[Node]], problems: list[Problem]) -> None:
        self.scope, self.types, self.problems = scope, types, problems

    def read_all(self, item: Item) -> list[Rule]:
        """Read the list of rules."""
        rules = [self.read(rule, number) for number, rule in enumerate(item.value, 1)]
        return [rule for rule in rules if rule is not None]

    def read(self, item: Item, number: int) -> Rule | None:
        """Return the rule, or None after adding what is wrong with it to the problems."""
        before = self._errors()
        if not isinstance(item.value, dict):
            self._problem("XM300", item, number=number)
            return None
        parts = known_keys(item, _KEYS, message("XM229", "what"), self.problems)
        given = {key: part for key, part in parts.items() if part.value is not None and part.value != []}
        if parts.keys() <= set(_KEYS):  # of a key that means nothing, nobody knows what it lacks
            self._check_complete(item, parts, given)
        rule = Rule(
            number,
            when=self._expression(given["when"]) if "when" in given else None,
            each=self._node_name(given["each"]) if "each" in given else "",
            **self._durations(parts),
            then=self._steps(given.get("then")),
            otherwise=self._steps(given.get("else")),
            source=item.plain(),
            mark=item.mark,
        )
        momentary = {name for name, fields in self.scope.nodes.items() if fields.momentary}
        if rule.when and not momentary.isdisjoint(rule.when.names):
            rule = replace(rule, momentary=True)
        self._check_sense(rule, parts)
        return rule if self._errors() == before else None

    def _errors(self) -> int:
        return sum(not problem.warning for problem in self.problems)

    def _check_complete(self, item: Item, parts: Mapping[str, Item], given: Mapping[str, Item]) -> None:
        if "when" in given and "each" in given:
            self._problem("XM302", given["each"])
        elif "when" not in given and "each" not in given:
            self._problem("XM301", parts.get("when") or parts.get("each") or item)
        if "then" not in given:
            self._problem("XM303", parts.get("then", item))

    def _node_name(self, item: Item) -> str:
        """Return the node that `each` names."""
        name, nodes = str(item.value), self.scope.nodes
        if name in nodes:
            return name
        if name in self.types:
            self._problem("XM421", item, name=name)
        else:
            self._problem("XM402", item, name=name, near=nearest(name, nodes), known=", ".join(nodes) or "-")
        return ""

    def _durations(self, parts: Mapping[str, Item]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, name in (("for", "hold"), ("cooldown", "cooldown"), ("repeat", "repeat")):
            if key not in parts:
                continue
            value = parts[key].value
            if key == "for" and (events := re.fullmatch(r"([1-9]\d{0,5})\s*(?:events?|次)", str(value).strip())):
                found["hold_events"] = int(events[1])
            elif (seconds := read_duration(parts[key], key, self.problems, more_than_nothing=key == "repeat")) is not None:
                found[name] = seconds
        return found

    def _check_sense(self, rule: Rule, parts: Mapping[str, Item]) -> None:
        """Refuse what could never do anything."""
        if rule.when and not rule.when.names:
            self._problem("XM325", parts["when"], warning=True)
        for key in ("for", "else", "repeat"):
            if key not in parts:
                continue
            if rule.each:
                self._problem("XM312", parts[key], key=key)
            elif rule.momentary and key == "else":
                self._problem("XM308", parts[key], warning=True)
            elif rule.momentary:
                self._problem("XM311", parts[key], key=key)

    def _steps(self, item: Item | None) -> tuple[Step, ...]:
        return StepReader(self.scope, self.types, self.problems).read_all(item) if item else ()

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

    def _problem(self, code: str, item: Item, *, warning: bool = False, **details: object) -> None:
        self.problems.append(Problem(code, details, item.mark, warning=warning))
