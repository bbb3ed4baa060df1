"""Says why a rule does not fire yet: the shortest true explanation, in the words of the rule itself.

A view asks for it, a few times a second and from a thread of its own; the way of an event knows nothing of it.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from functools import reduce
from math import isfinite
from typing import Any, Literal, NamedTuple

import msgspec

from xmaker.detections import Detections
from xmaker.errors import message
from xmaker.rules.checker import Checker
from xmaker.rules.engine import RULE_ERRORS, RuleEngine, RuleState, reason_of
from xmaker.rules.expression import Expression, State, compile_tree
from xmaker.rules.functions import text_of
from xmaker.rules.scope import Scope
from xmaker.values import Absent

GLOW = 1.0
"""Seconds for which a rule about a moment (a key, `each`) counts as true after it has fired."""
LONGEST = 40
"""Characters of a text that are shown."""


class Why(msgspec.Struct, frozen=True):
    """Where a rule stands; `str()` makes a line of it."""

    rule: int
    """Its number, from 1."""
    state: Literal["holds", "cools", "waits", "true"]
    """Its `for` runs; its `cooldown` runs; its condition is not true; it is true and has fired."""
    words: str
    """What it still waits for; of a true one, its condition."""
    lacking: int = 0
    """How many parts of its condition are not true."""
    last_fired: float | None = None
    """When it last fired, in seconds since the run began."""

    def __str__(self) -> str:
        return message("XM520", "what", number=self.rule, words=self.words)


def explain(engine: RuleEngine) -> list[Why]:
    """Return where each rule stands, in the order of the project."""
    moment = _Moment(engine)
    return [_dated(moment.why(state), state) for state in tuple(engine.states)]


def _dated(why: Why, state: RuleState) -> Why:
    return msgspec.structs.replace(why, last_fired=state.last_fired) if isfinite(state.last_fired) else why


def nearest_first(whys: Iterable[Why]) -> list[Why]:
    """Sort rules by how near they are to firing, for a view that has not room for all."""
    return sorted(whys, key=lambda why: (("holds", "cools", "waits", "true").index(why.state), why.lacking))


class _Moment:
    """What rules are explained with: a copy, since the event loop goes on meanwhile."""

    def __init__(self, engine: RuleEngine) -> None:
        self.engine, self.now = engine, engine.now()
        self.last = dict(engine.values)
        self._unknown = engine.unknown.copy()
        self.values = {name: value for name, value in self.last.items() if name not in self._unknown}

    def why(self, state: RuleState) -> Why:
        rule = state.rule
        fleeting = not rule.when or rule.momentary or bool(_of_moments(rule.when.tree, self.last))
        cooling = state.last_fired + rule.cooldown - self.now
        if state.fired or (fleeting and self.now - state.last_fired < GLOW):
            return self._true(state)
        if state.true and (holds := self._holds(state)):
            return Why(rule.number, "holds", holds)
        if (state.true or fleeting) and cooling > 0:
            return Why(rule.number, "cools", message("XM523", "what", left=_seconds(cooling)))
        if rule.when is None:
            return Why(rule.number, "waits", self.unknown(rule.each) or message("XM527", "what", name=rule.each), 1)
        condition = _Condition(self, rule.when.source)
        lacks = condition.lacks(rule.when.tree)
        if condition.failed and self._fails(rule.when):
            return Why(rule.number, "waits", condition.failed[0], 1)
        return Why(rule.number, "waits", lacks[0].words, len(lacks)) if lacks else self._true(state)

    def _fails(self, when: Expression) -> bool:
        """Return whether a condition cannot be worked out: parts that `and` and `or` never look at do not matter."""
        try:
            when.known_value(self.last, self._unknown)
        except RULE_ERRORS:
            return True
        return False

    def _true(self, state: RuleState) -> Why:
        rule = state.rule
        return Why(rule.number, "true", f"✓ {rule.when.source if rule.when else f'each {rule.each}'}")

    def _holds(self, state: RuleState) -> str:
        """Return how much of its `for` is over; "" when all is."""
        rule, so_far = state.rule, max(0.0, self.now - state.since)
        span = rule.source.get("for", "") if isinstance(rule.source, dict) else ""
        if so_far < rule.hold:
            return message("XM521", "what", span=span, done=_seconds(int(10 * so_far + 1e-6) / 10))
        return message("XM522", "what", span=span, done=state.events) if state.events < rule.hold_events else ""

    def unknown(self, name: str) -> str:
        """Return why a node's value does not count; "" when it does, or when it came at a moment that is over."""
        if name in self.values or name in self.engine.momentary:
            return ""
        seconds = self.engine.fresh.silent_for(name)
        code = "XM526" if name not in self.last else "XM524" if seconds else "XM525"
        return message(code, "what", name=name, seconds=_seconds(seconds))


class _Lack(NamedTuple):
    """Something that keeps a condition from being true."""

    momentary: bool
    """A key, a text or somebody's coming, which is always past: what lasts is told of first."""
    words: str


class _Condition:
    """One condition, taken apart into what is compared and what is true or false by itself."""

    def __init__(self, moment: _Moment, source: str) -> None:
        self.moment = moment
        self.failed: list[str] = []
        """Parts that cannot be worked out."""
        self._written = Checker(source, Scope()).written

    def lacks(self, part: ast.expr, want: bool = True) -> list[_Lack]:
        """Return what keeps a part from being `want`, one for each thing that must change; [] when nothing does."""
        if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.Not):
            return self.lacks(part.operand, not want)
        if not isinstance(part, ast.BoolOp):
            lack = self._leaf(part, want)
            return [lack] if lack else []
        found = [lacks for value in part.values if (lacks := self.lacks(value, want))]
        if isinstance(part.op, ast.And) is want:  # all of them must change
            return sorted((lack for lacks in found for lack in lacks), key=lambda lack: lack.momentary)
        if len(found) < len(part.values):
            return []
        words = dict.fromkeys(lacks[0].words for lacks in found)
        return [_Lack(all(lacks[0].momentary for lacks in found), reduce(_or, words))]

    def _leaf(self, leaf: ast.expr, want: bool) -> _Lack | None:
        written = f"{'' if want else 'not '}{self._written(leaf)} ✗"
        try:
            if bool(_value(leaf, self.moment.values)) is want:
                return None
            moments = _of_moments(leaf, self.moment.values)
            return _Lack(bool(moments), written + (_seen(moments) or self._compared(leaf, self.moment.values)))
        except Absent as error:
            return _Lack(False, message("XM986", "what", name=_whose(error.args[0], leaf), part=error.args[0]))
        except KeyError as error:
            unknown = self.moment.unknown(error.args[0])
            return _Lack(False, unknown) if unknown else self._past(leaf, want, written)
        except RULE_ERRORS as error:
            self.failed.append(f"{written} ({reason_of(error)})")
            return _Lack(False, self.failed[-1])

    def _past(self, leaf: ast.expr, want: bool, written: str) -> _Lack:
        """Return the lack of something about a moment that is over, with what came last if that was something else."""
        with suppress(*RULE_ERRORS):
            if bool(_value(leaf, self.moment.last)) is not want:
                return _Lack(True, written + self._compared(leaf, self.moment.last, "XM528"))
        return _Lack(True, written)

    def _compared(self, leaf: ast.expr, state: State, code: str = "XM519") -> str:
        """Return the values that a comparison compares, but for those that are written in it: ` (0.41)`."""
        if not isinstance(leaf, ast.Compare):
            return ""
        values = {side: _value(side, state) for side in (leaf.left, *leaf.comparators)}
        asked = [(self._written(side), value, _short(side, values)) for side, value in values.items() if _asks(side)]
        if code == "XM519" and len(asked) == 1 and not isinstance(asked[0][1], str):
            return f" ({asked[0][2]})"
        return f" ({', '.join(message(code, 'what', name=name, value=short) for name, _, short in asked)})"


def _or(one: str, other: str) -> str:
    return message("XM989", "what", one=one, other=other)


def _of_moments(part: ast.expr, state: State) -> list[Any]:
    """Return the values of which a part asks what is true for one event only: who has come or gone."""
    asked = [node.func for node in ast.walk(part) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    found = [(method.attr, state.get(method.value.id)) for method in asked if isinstance(method.value, ast.Name)]
    return [value for method, value in found if method in getattr(value, "moments", ())]


def _seen(values: Iterable[Any]) -> str:
    """Return what is there now that nobody comes or goes: ` (now: 2 person)`."""
    for value in values:
        if isinstance(value, Detections):
            counts = Counter(text_of(item.label) for item in value.items)
            words = ", ".join(f"{count} {label}" for label, count in counts.items())
            return f" ({message('XM987', 'what', value=words) if words else message('XM988', 'what')})"
    return ""


def _whose(field: str, part: ast.expr) -> str:
    """Return the node that a part asks for a field: people, for `people.nearest.x`."""
    asked = (node.value for node in ast.walk(part) if isinstance(node, ast.Attribute) and node.attr == field)
    return next((node.id for node in asked if isinstance(node, ast.Name)), "")


def _asks(part: ast.expr) -> bool:
    """Return whether a part reads a node or a var (and is not just written `true`)."""
    instead = [getattr(inner, "instead", None) for inner in ast.walk(part)]
    return any(found is not None and not isinstance(found, ast.Constant) for found in instead)


def _value(part: ast.expr, state: State) -> Any:
    """Work out a part. What does so is made when it is first wanted, and kept with the part."""
    if not hasattr(part, "worked_out"):
        part.worked_out = compile_tree(part)  # type: ignore[attr-defined]
    return part.worked_out(state)  # type: ignore[attr-defined]


def _short(side: ast.expr, values: dict[ast.expr, Any]) -> str:
    """Return a side's value in few letters, but a number so that it compares with the others as it does: 0.598 is not 0.6."""
    value = values[side]
    if not isinstance(value, float) or not abs(value) < 1e6:
        text = text_of(value)
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    others = [other for part, other in values.items() if part is not side and isinstance(other, int | float)]
    for digits in range(2, 9):
        short = round(value, digits)
        if all((short > other, short < other) == (value > other, value < other) for other in others):
            return f"{short}".removesuffix(".0")
    return f"{value}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"
