"""Runs the rules: keeps the latest values, notices conditions that become true, and does the steps. One thing at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from xmaker.errors import NodeError, message
from xmaker.nodes import Fields
from xmaker.rules.freshness import Ages, Freshness
from xmaker.rules.functions import is_finite, text_of
from xmaker.rules.rule import Rule
from xmaker.rules.steps import Assign, Do, Step, Wait
from xmaker.rules.timers import Timer, Timers
from xmaker.values import Absent, Event

MAX_ROUNDS = 32
"""How often vars may set each other off within one event."""
MAX_TEXT = 10_000
"""Characters that a text var may hold."""

RULE_ERRORS = (ArithmeticError, ValueError, TypeError, AttributeError, KeyError, MemoryError, RecursionError)
"""What working a rule out may raise."""

Steps = tuple[Step, ...]
Perform = Callable[[str, str, tuple[Any, ...], Event | None], None]
"""Called for each action: node, action, arguments, the event that fired the rule."""


class RuleState(msgspec.Struct, eq=False):
    """Where one rule stands."""

    rule: Rule
    true: bool = False
    fired: bool = False
    since: float = 0.0
    events: int = 0
    last_fired: float = float("-inf")
    hold: Timer | None = None
    repeat: Timer | None = None
    wait: Timer | None = None

    def cancel(self) -> None:
        """Forget what was going to happen."""
        _cancel(self.hold, self.repeat, self.wait)

    def rearm(self) -> None:
        """Wait for the condition to become true; a `wait` that is under way goes on."""
        self.true = self.fired = False
        _cancel(self.hold, self.repeat)


def _cancel(*timers: Timer | None) -> None:
    for timer in timers:
        if timer:
            timer.cancel()


@dataclass
class RuleEngine:
    """The rules of a running project. All methods are called on the event loop."""

    now: Callable[[], float]
    timers: Timers
    perform: Perform
    report: Callable[[NodeError], None]
    values: dict[str, Any] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    """Nodes without a value that still counts: silent, closed, failed, or momentary and past."""

    def __post_init__(self) -> None:
        self.states: list[RuleState] = []
        self._by_name: dict[str, list[RuleState]] = {}
        self.fresh = Ages(self.now, self.timers, self.lost)
        self._changed: list[str] = []
        self.momentary: set[str] = set()
        """Nodes whose values count for one event only."""

    def apply(
        self, rules: Iterable[Rule], nodes: Mapping[str, Fields], vars: Mapping[str, Any], fresh: Mapping[str, Freshness]
    ) -> None:
        """Take new rules; a rule that stays as it was keeps its state, and a var its value."""
        old, self.states = self.states, []
        for rule in rules:
            state = next((state for state in old if state.rule.source == rule.source), RuleState(rule))
            old = [other for other in old if other is not state]
            state.rule = rule
            self.states.append(state)
        for state in old:
            state.cancel()
        self.fresh.apply(fresh)
        self.values = {**vars, **{name: value for name, value in self.values.items() if name in nodes or name in vars}}
        self.unknown = {name for name in nodes if name not in self.values or name in self.unknown}
        self.momentary = {name for name, fields in nodes.items() if fields.momentary}
        self._by_name = {}
        for state in self.states:
            for name in state.rule.condition_names():
                self._by_name.setdefault(name, []).append(state)

    def reads(self, name: str) -> bool:
        """Return whether any rule names this node."""
        return any(name in state.rule.names() for state in self.states)

    def event(self, event: Event) -> None:
        """Take a new value and fire what it makes true."""
        name = event.node
        self.values[name] = event.value
        if name in self.unknown:
            self.unknown.remove(name)
        if name in self.fresh.lasts:
            self.fresh.seen(name)
        states = self._by_name.get(name)
        if states:
            self._evaluate(states, event)
        if event.value.momentary or event.value.passing:
            if event.value.momentary:
                self.unknown.add(name)
            else:
                self.values[name] = event.value.lasting()
            for state in states or ():
                if state.true and not self._is_true(state):
                    state.rearm()
        if self._changed:
            self._settle(event)

    def lost(self, name: str) -> None:
        """A node's value no longer counts: it was closed, has failed or fell silent."""
        if name in self.values and name not in self.unknown:
            self.unknown.add(name)
            self._evaluate(self._by_name.get(name, ()), None)
            self._settle(None)

    def pending(self) -> bool:
        """Return whether a `wait` is under way."""
        return any(state.wait and state.wait.callback for state in self.states)

    def _evaluate(self, states: Iterable[RuleState], event: Event | None) -> None:
        """Evaluate first, act after: what one rule does cannot change what the next one saw."""
        todo: list[tuple[RuleState, Steps]] = []
        for state in states:  # no function between: this runs for every event
            if state.rule.each:
                steps = self._steps_of_each(state, event)
            elif self._is_true(state):
                steps = None if state.fired else self._stays_true(state, event)
            else:
                steps = self._became_false(state) if state.true else None
            if steps is not None:
                todo.append((state, steps))
        for state, steps in todo:
            self._run(state, steps, event)

    def _steps_of_each(self, state: RuleState, event: Event | None) -> Steps | None:
        if event is None or self.now() < state.last_fired + state.rule.cooldown:
            return None
        state.last_fired = self.now()
        return state.rule.then

    def _is_true(self, state: RuleState) -> bool:
        when = state.rule.when
        assert when is not None  # a rule without `each` has `when`
        try:
            try:
                return bool(when.known_value(self.values, self.unknown) if self.unknown else when.value(self.values))
            except Absent:
                return bool(when.careful_value(self.values, self.unknown))
        except RULE_ERRORS as error:
            self._failed(state, error)
            return False

    def _stays_true(self, state: RuleState, event: Event | None) -> Steps | None:
        rule, time = state.rule, event.time if event else self.now()
        if not state.true:
            state.true, state.since, state.events = True, time, 0
            if rule.hold:
                state.hold = self.timers.at(self.now() + rule.hold, partial(self._hold_over, state, event))
        state.events += 1
        if time - state.since < rule.hold or state.events < rule.hold_events:
            return None
        return self._fire(state, event)

    def _hold_over(self, state: RuleState, event: Event | None) -> None:
        if state.true and not state.fired and (steps := self._fire(state, event)) is not None:
            self._go_on(state, steps, event)

    def _fire(self, state: RuleState, event: Event | None) -> Steps | None:
        """Return `then`, unless the rule is still cooling down: then it fires when that is over, if it is still true."""
        if (over := state.last_fired + state.rule.cooldown) > self.now():
            if not (state.hold and state.hold.callback and state.hold.time == over):
                _cancel(state.hold)
                state.hold = self.timers.at(over, partial(self._hold_over, state, event))
            return None
        state.cancel()
        state.last_fired = self.now()
        state.fired = True
        self._repeat(state, event)
        return state.rule.then

    def _repeat(self, state: RuleState, event: Event | None) -> None:
        if state.rule.repeat:
            state.repeat = self.timers.at(self.now() + state.rule.repeat, partial(self._again, state, event))

    def _again(self, state: RuleState, event: Event | None) -> None:
        self._repeat(state, event)
        self._go_on(state, state.rule.then, event)

    def _became_false(self, state: RuleState) -> Steps | None:
        had_fired = state.fired
        state.rearm()
        if not (had_fired and state.rule.otherwise):
            return None  # without an `else`, a `wait` of `then` goes on
        state.cancel()
        return state.rule.otherwise

    def _run(self, state: RuleState, steps: Steps, event: Event | None) -> None:
        _cancel(state.wait)
        for index, step in enumerate(steps):
            try:
                if isinstance(step, Wait):
                    go_on = partial(self._go_on, state, steps[index + 1 :], event)
                    state.wait = self.timers.at(self.now() + step.seconds, go_on)
                    return
                if isinstance(step, Do):
                    args = tuple(argument(value.value(self.values), parameter.kind) for value, parameter in step.args)
                    self.perform(step.node, step.action, args, event)
                else:
                    self._assign(step)
            except Absent:
                continue  # of what is not there, nothing can be said or done
            except RULE_ERRORS as error:
                self._failed(state, error)

    def _go_on(self, state: RuleState, steps: Steps, event: Event | None) -> None:
        self._run(state, steps, event)
        self._settle(event)

    def _assign(self, step: Assign) -> None:
        value = step.value.value(self.values)
        if isinstance(value, str):
            value = str(value)[:MAX_TEXT]
        elif not is_finite(value):
            raise ArithmeticError(f"{step.var} = {value}")
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
            value = float(value)  # whole numbers would grow without bound
        if self.values.get(step.var) != value:
            self.values[step.var] = value
            self._changed.append(step.var)

    def _settle(self, event: Event | None) -> None:
        """Evaluate the rules that name a var which has changed, until nothing changes any more."""
        for _ in range(MAX_ROUNDS):
            if not self._changed:
                return
            changed, self._changed = dict.fromkeys(self._changed), []
            states = [state for state in self.states if any(state in self._by_name.get(name, ()) for name in changed)]
            self._evaluate(states, event)
        self._changed = []
        self.report(NodeError.of("XM511"))

    def _failed(self, state: RuleState, error: Exception) -> None:
        self.report(NodeError.of("XM508", state.rule.mark, number=state.rule.number, reason=reason_of(error)))


def reason_of(error: Exception) -> str:
    """Return in words what has gone wrong in working a rule out."""
    if isinstance(error, ZeroDivisionError):
        return message("XM990", "what")
    return f"{error.args[0]!r}?" if isinstance(error, KeyError) else str(error)


def argument(value: Any, kind: str) -> Any:
    """Return a value as an action's parameter of a kind takes it. Raises ArithmeticError for no number that there is."""
    if kind == "text" and not isinstance(value, str):
        return text_of(value)
    if not is_finite(value):
        raise ArithmeticError(str(value))
    return value
