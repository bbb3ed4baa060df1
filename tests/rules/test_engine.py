"""When rules fire: every sentence of "Rule semantics" in the design, as an example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from xmaker.errors import NodeError, ProjectError
from xmaker.project import Project
from xmaker.rules.engine import Freshness, RuleEngine
from xmaker.rules.timers import Timers
from xmaker.testing import as_project
from xmaker.values import Event, Key, Label, LabelName, Reading

NODES = """
inputs:
  knob: {use: analog}
  room: {use: light}
  keyboard: {}
  camera: {}
models:
  pet: {use: classifier, model: cat-dog, from: camera}
outputs:
  lamp: {use: led}
  screen: {}
  console: {}
"""


def project(rules: str, vars: str = "") -> Project:
    lines = [line.strip() for line in rules.strip().split("\n")]
    indented = [("  " if line.startswith("- ") else "    ") + line for line in lines]
    return as_project(NODES + (f"vars: {{{vars}}}\n" if vars else "") + "rules:\n" + "\n".join(indented) + "\n")


class Run:
    """The rules of a project under a clock that the test moves; `fresh` says how long a node's values last."""

    def __init__(self, rules: str, vars: str = "", fresh: Mapping[str, Freshness] | None = None) -> None:
        self.time = 0.0
        self.timers = Timers()
        self.actions: list[str] = []
        self.errors: list[NodeError] = []
        self.causes: list[Event | None] = []
        self.engine = RuleEngine(lambda: self.time, self.timers, self.perform, self.errors.append)
        self.fresh = fresh or {}
        self.apply(project(rules, vars))

    def apply(self, project: Project) -> None:
        fields = {name: spec.fields for name, spec in project.nodes.items()}
        self.engine.apply(project.rules, fields, project.vars, self.fresh)

    def perform(self, node: str, action: str, args: tuple[Any, ...], cause: Event | None) -> None:
        self.actions.append(f"{node}.{action}" + (f" {args[0]}" if args else ""))
        self.causes.append(cause)

    def send(self, node: str, *values: Any) -> list[str]:
        """Have a node give values; return what was done because of them."""
        before = len(self.actions)
        for value in values:
            made = {"keyboard": Key, "pet": lambda label: Label(LabelName(*label.split("/")))}.get(node, Reading)(value)
            self.engine.event(Event(node, made, self.time))
        return self.actions[before:]

    def advance(self, seconds: float) -> list[str]:
        """Let time pass; return what was done meanwhile."""
        before, end = len(self.actions), self.time + seconds
        while (due := self.timers.next_time()) is not None and due <= end:
            self.time = max(self.time, due)
            self.timers.run(self.time)
        self.time = end
        return self.actions[before:]


LAMP = """
- when: knob > 0.5
  then: [lamp.on]
  else: [lamp.off]
"""


def test_a_rule_fires_when_its_condition_becomes_true() -> None:
    run = Run(LAMP)
    assert run.send("knob", 0.9) == ["lamp.on"]
    assert run.send("knob", 0.8, 0.7) == []
    assert run.send("knob", 0.2) == ["lamp.off"]
    assert run.send("knob", 0.1) == []
    assert run.send("knob", 0.9) == ["lamp.on"]


def test_else_runs_only_after_then() -> None:
    assert Run(LAMP).send("knob", 0.1) == []


def test_an_action_knows_its_cause() -> None:
    run = Run(LAMP)
    run.send("knob", 0.9)
    assert run.causes[0] is not None and run.causes[0].value == Reading(0.9)


def test_each_fires_for_every_event() -> None:
    run = Run("- each: knob\n  then: [lamp.brightness(knob)]")
    assert run.send("knob", 0.1, 0.1, 0.2) == ["lamp.brightness 0.1", "lamp.brightness 0.1", "lamp.brightness 0.2"]
    assert run.send("room", 3) == []


def test_each_with_cooldown_leaves_events_out() -> None:
    run = Run("- each: knob\n  cooldown: 1 s\n  then: [lamp.brightness(knob)]")
    assert run.send("knob", 0.1, 0.2) == ["lamp.brightness 0.1"]
    run.advance(1)
    assert run.send("knob", 0.3) == ["lamp.brightness 0.3"]


class TestFor:
    RULE = "- when: knob > 0.5\n  for: 1 s\n  then: [lamp.on]\n  else: [lamp.off]"

    def test_it_must_stay_true_so_long(self) -> None:
        run = Run(self.RULE)
        run.send("knob", 0.9)
        assert run.advance(0.9) == []
        assert run.advance(0.1) == ["lamp.on"]

    def test_it_fires_without_another_event(self) -> None:
        run = Run(self.RULE)
        run.send("knob", 0.9)
        assert run.advance(5) == ["lamp.on"]

    def test_false_in_between_begins_again_and_takes_no_else(self) -> None:
        run = Run(self.RULE)
        run.send("knob", 0.9)
        run.advance(0.9)
        assert run.send("knob", 0.1, 0.9) == []
        assert run.advance(0.9) == []
        assert run.advance(0.1) == ["lamp.on"]

    def test_the_time_of_the_events_counts(self) -> None:
        """In a file that is read faster than it was filmed, events bring their own time."""
        run = Run(self.RULE)
        for moment in (0.0, 0.6, 1.2):
            run.engine.event(Event("knob", Reading(0.9), moment))
        assert run.actions == ["lamp.on"]

    def test_three_events(self) -> None:
        run = Run("- when: knob > 0.5\n  for: 3 events\n  then: [lamp.on]")
        assert run.send("knob", 0.9, 0.9, 0.1, 0.9, 0.9) == []
        assert run.send("knob", 0.9) == ["lamp.on"]
        assert run.send("knob", 0.9, 0.9, 0.9, 0.9) == []


class TestKeys:
    RULE = '- when: keyboard == "a"\n  then: [lamp.toggle]'

    def test_a_key_is_true_for_one_event(self) -> None:
        assert Run(self.RULE).send("keyboard", "a", "a", "b", "a") == ["lamp.toggle"] * 3

    def test_a_key_together_with_a_value_that_lasts(self) -> None:
        run = Run('- when: keyboard == "a" and knob > 0.5\n  then: [lamp.toggle]')
        assert run.send("keyboard", "a") == []
        run.send("knob", 0.9)
        assert run.actions == []
        assert run.send("keyboard", "a", "a") == ["lamp.toggle"] * 2

    @pytest.mark.parametrize("key", ["for: 1 s", "for: 3 events", "repeat: 1 s"])
    def test_a_key_does_not_last(self, key: str) -> None:
        with pytest.raises(ProjectError) as caught:
            project(f"{self.RULE}\n  {key}")
        assert caught.value.code == "XM311"

    def test_a_key_takes_no_else(self) -> None:
        with_else = project(self.RULE + "\n  else: [lamp.off]")
        assert [problem.code for problem in with_else.warnings] == ["XM308"]
        run = Run(self.RULE + "\n  else: [lamp.off]")
        assert run.send("keyboard", "a", "b") == ["lamp.toggle"]


class TestFresh:
    def test_a_value_lasts_three_periods_but_at_least_two_seconds(self) -> None:
        run = Run(LAMP, fresh={"knob": Freshness(period=0.1)})
        run.send("knob", 0.9)
        assert run.advance(1.9) == []
        assert run.advance(0.2) == ["lamp.off"]

    def test_a_slow_node_is_given_three_of_its_periods(self) -> None:
        run = Run(LAMP, fresh={"knob": Freshness(period=10)})
        run.send("knob", 0.9)
        assert run.advance(29) == []
        assert run.advance(2) == ["lamp.off"]

    def test_fresh_says_it_exactly(self) -> None:
        run = Run(LAMP, fresh={"knob": Freshness(fresh=0.5, period=10)})
        run.send("knob", 0.9)
        assert run.advance(0.6) == ["lamp.off"]

    def test_each_event_makes_it_fresh_again(self) -> None:
        run = Run(LAMP, fresh={"knob": Freshness(fresh=0.5)})
        for _ in range(5):
            run.send("knob", 0.9)
            run.advance(0.4)
        assert run.actions == ["lamp.on"]
        assert run.advance(0.2) == ["lamp.off"]

    def test_without_a_period_a_value_lasts_for_ever(self) -> None:
        run = Run(LAMP, fresh={"knob": Freshness()})
        run.send("knob", 0.9)
        assert run.advance(10_000) == []

    def test_a_stale_value_resets_for(self) -> None:
        run = Run("- when: knob > 0.5\n  for: 1 s\n  then: [lamp.on]", fresh={"knob": Freshness(fresh=0.8)})
        run.send("knob", 0.9)
        assert run.advance(5) == []
        run.send("knob", 0.9)
        run.advance(0.5)
        run.send("knob", 0.9)
        assert run.advance(0.5) == ["lamp.on"]

    def test_a_node_that_closes_or_fails_has_no_value(self) -> None:
        run = Run(LAMP)
        run.send("knob", 0.9)
        run.engine.lost("knob")
        assert run.actions == ["lamp.on", "lamp.off"]
        run.engine.lost("knob")
        run.engine.lost("room")
        assert run.actions == ["lamp.on", "lamp.off"]
        assert run.send("knob", 0.9) == ["lamp.on"]

    def test_not_is_not_true_of_what_is_unknown(self) -> None:
        run = Run("- when: not knob > 0.5\n  then: [lamp.on]", fresh={"knob": Freshness(fresh=1)})
        assert run.advance(5) == []
        run.send("knob", 0.9)
        assert run.advance(5) == []


class TestUnknown:
    """Kleene: `or` is true if one side is, `and` false if one side is; the rest is unknown, and fires nothing."""

    def test_or_is_true_when_one_side_is(self) -> None:
        assert Run("- when: knob > 0.5 or room < 3\n  then: [lamp.on]").send("room", 1) == ["lamp.on"]

    def test_and_needs_both(self) -> None:
        run = Run("- when: knob > 0.5 and room < 3\n  then: [lamp.on]")
        assert run.send("room", 1) == []
        assert run.send("knob", 0.9) == ["lamp.on"]

    def test_an_action_that_needs_an_unknown_value_says_so(self) -> None:
        run = Run("- when: knob > 0.5\n  then: [lamp.brightness(room), lamp.off]")
        assert run.send("knob", 0.9) == ["lamp.off"]
        assert [error.code for error in run.errors] == ["XM508"]
        assert "room" in run.errors[0].show("en")


class TestCooldown:
    RULE = "- when: knob > 0.5\n  cooldown: 2 s\n  then: [lamp.toggle]"

    def test_it_fires_at_most_so_often(self) -> None:
        run = Run(self.RULE)
        assert run.send("knob", 0.9) == ["lamp.toggle"]
        run.send("knob", 0.1)
        assert run.send("knob", 0.9, 0.1) == []
        assert run.advance(5) == []

    def test_what_became_true_meanwhile_and_still_is_fires_at_the_end(self) -> None:
        run = Run(self.RULE)
        run.send("knob", 0.9, 0.1)
        run.advance(1)
        assert run.send("knob", 0.9) == []
        assert run.advance(0.9) == []
        assert run.advance(0.2) == ["lamp.toggle"]

    def test_with_for(self) -> None:
        run = Run("- when: knob > 0.5\n  for: 1 s\n  cooldown: 3 s\n  then: [lamp.toggle]")
        run.send("knob", 0.9)
        assert run.advance(1) == ["lamp.toggle"]
        run.send("knob", 0.1, 0.9)
        assert run.advance(2.9) == []
        assert run.advance(0.2) == ["lamp.toggle"]

    def test_it_does_not_cut_off_a_wait_that_is_under_way(self) -> None:
        run = Run("- when: knob > 0.5\n  cooldown: 5 s\n  then: [lamp.on, wait: 3 s, lamp.off]")
        run.send("knob", 0.9, 0.1, 0.9, 0.1)
        assert run.advance(9) == ["lamp.off"]


class TestRepeat:
    RULE = "- when: knob > 0.5\n  repeat: 1 s\n  then: [lamp.toggle]\n  else: [lamp.off]"

    def test_it_fires_again_while_true(self) -> None:
        run = Run(self.RULE)
        run.send("knob", 0.9)
        assert run.advance(3.5) == ["lamp.toggle"] * 3
        assert run.send("knob", 0.1) == ["lamp.off"]
        assert run.advance(5) == []

    def test_it_ends_when_the_value_is_stale(self) -> None:
        run = Run(self.RULE, fresh={"knob": Freshness(fresh=2.5)})
        run.send("knob", 0.9)
        assert run.advance(9) == ["lamp.toggle", "lamp.toggle", "lamp.off"]


class TestWait:
    RULE = "- when: knob > 0.5\n  then: [lamp.on, wait: 1 s, screen.clear]\n  else: [lamp.off]"

    def test_the_steps_after_it_come_later(self) -> None:
        run = Run(self.RULE)
        assert run.send("knob", 0.9) == ["lamp.on"]
        assert run.engine.pending()
        assert run.advance(1) == ["screen.clear"]
        assert not run.engine.pending()

    def test_else_cancels_it(self) -> None:
        run = Run(self.RULE)
        run.send("knob", 0.9, 0.1)
        assert run.advance(5) == []

    def test_a_newer_firing_cancels_it(self) -> None:
        run = Run("- when: keyboard == 'a'\n  then: [lamp.on, wait: 1 s, lamp.off]")
        run.send("keyboard", "a")
        run.advance(0.6)
        run.send("keyboard", "a")
        assert run.advance(0.6) == []
        assert run.advance(0.4) == ["lamp.off"]

    def test_without_else_it_goes_on_when_the_condition_ends(self) -> None:
        run = Run("- when: knob > 0.5\n  then: [lamp.on, wait: 1 s, lamp.off]")
        run.send("knob", 0.9, 0.1)
        assert run.advance(1) == ["lamp.off"]

    def test_values_are_read_when_their_turn_comes(self) -> None:
        run = Run("- when: knob > 0.5\n  then: [wait: 1 s, lamp.brightness(knob)]")
        run.send("knob", 0.9, 0.6)
        assert run.advance(1) == ["lamp.brightness 0.6"]


class TestVars:
    def test_a_rule_counts(self) -> None:
        run = Run("- when: keyboard == 'a'\n  then: [count = count + 1, 'screen.write(\"{count}\")']", "count: 0")
        assert run.send("keyboard", "a", "a", "b", "a")[-1] == "screen.write 3"

    def test_setting_a_var_fires_the_rules_that_name_it(self) -> None:
        rules = (
            "- when: keyboard == 'a'\n  then: [count = count + 1]\n- when: count == 2\n  then: [lamp.on]\n  else: [lamp.off]"
        )
        run = Run(rules, "count: 0")
        assert run.send("keyboard", "a") == []
        assert run.send("keyboard", "a") == ["lamp.on"]
        assert run.send("keyboard", "a") == ["lamp.off"]

    def test_all_conditions_are_evaluated_before_any_action(self) -> None:
        """Space freezes and space thaws: one press does one of the two."""
        rules = """
        - when: keyboard == "space" and not frozen
          then: [frozen = true, lamp.on]
        - when: keyboard == "space" and frozen
          then: [frozen = false, lamp.off]
        """
        assert Run(rules, "frozen: false").send("keyboard", "space", "space", "space") == ["lamp.on", "lamp.off", "lamp.on"]

    def test_each_step_sees_the_steps_before_it(self) -> None:
        run = Run("- when: keyboard == 'a'\n  then: [count = 5, count = count * 2, 'screen.write(\"{count}\")']", "count: 0")
        assert run.send("keyboard", "a") == ["screen.write 10"]

    def test_an_endless_loop_is_reported_and_ends(self) -> None:
        rules = """
        - when: count % 2 == 1
          then: [count = count + 1]
        - when: count % 2 == 0 and knob > 0.5
          then: [count = count + 1]
        """
        run = Run(rules, "count: 0")
        run.send("knob", 0.9)
        assert [error.code for error in run.errors] == ["XM511"]
        assert run.send("knob", 0.1) == []

    def test_setting_it_to_what_it_is_fires_nothing(self) -> None:
        run = Run("- when: keyboard == 'a'\n  then: [count = 2]\n- when: count == 2\n  then: [lamp.on]", "count: 0")
        assert run.send("keyboard", "a", "a") == ["lamp.on"]

    def test_a_text_and_a_number_stay_bounded(self) -> None:
        rules = "- when: keyboard == 'a'\n  then: ['word = word + word', count = count * count]"
        run = Run(rules, "word: '0123456789', count: 10")
        run.send("keyboard", *"a" * 40)
        assert len(run.engine.values["word"]) == 10_000
        assert run.engine.values["count"] < 1e300
        assert {error.code for error in run.errors} == {"XM508"}


def test_labels_are_equal_in_both_languages() -> None:
    for label in ("cat", "猫"):
        assert Run(f'- when: pet == "{label}"\n  then: [lamp.on]').send("pet", "cat/猫") == ["lamp.on"]


def test_a_rule_that_cannot_be_worked_out_is_reported_and_the_others_go_on() -> None:
    run = Run("- when: 1 / knob > 3\n  then: [lamp.on]\n- when: knob == 0\n  then: [lamp.off]")
    assert run.send("knob", 0) == ["lamp.off"]
    assert [error.code for error in run.errors] == ["XM508"]


def test_rules_run_in_the_order_of_the_file() -> None:
    rules = "- when: knob > 0.5\n  then: ['screen.write(\"1\")']\n- when: knob > 0.1\n  then: ['screen.write(\"2\")']"
    assert Run(rules).send("knob", 0.9) == ["screen.write 1", "screen.write 2"]


class TestApply:
    """A live edit keeps the state of what was not edited."""

    def test_an_unchanged_rule_keeps_its_state(self) -> None:
        run = Run(LAMP)
        run.send("knob", 0.9)
        run.apply(project(LAMP + "- when: room < 3\n  then: [screen.clear]"))
        assert run.send("knob", 0.9) == []
        assert run.send("knob", 0.1) == ["lamp.off"]

    def test_a_changed_rule_begins_anew(self) -> None:
        run = Run(LAMP)
        run.send("knob", 0.9)
        run.apply(project(LAMP.replace("0.5", "0.6")))
        assert run.send("knob", 0.9) == ["lamp.on"]

    def test_a_rule_that_is_gone_does_nothing_more(self) -> None:
        run = Run("- when: knob > 0.5\n  repeat: 1 s\n  then: [lamp.toggle, wait: 0.5 s, lamp.toggle]")
        run.send("knob", 0.9)
        run.apply(project(LAMP))
        assert run.advance(5) == []

    def test_two_rules_that_are_the_same_are_still_two(self) -> None:
        run = Run(LAMP + LAMP)
        assert run.send("knob", 0.9) == ["lamp.on", "lamp.on"]
        run.apply(project(LAMP + LAMP))
        assert run.send("knob", 0.9) == []
        assert run.send("knob", 0.1) == ["lamp.off", "lamp.off"]

    def test_a_var_keeps_its_value(self) -> None:
        rule = "- when: keyboard == 'a'\n  then: [count = count + 1, 'screen.write(\"{count}\")']"
        run = Run(rule, "count: 0")
        run.send("keyboard", "a")
        run.apply(project(rule, "count: 0, other: 1"))
        assert run.send("keyboard", "a") == ["screen.write 2"]


@pytest.mark.parametrize("name", ["knob", "room", "keyboard", "camera"])
def test_the_runtime_is_told_which_nodes_the_rules_read(name: str) -> None:
    run = Run("- when: knob > 0.5\n  then: [wait: 1 s, lamp.brightness(room), count = camera.width]", "count: 0")
    assert run.engine.reads(name) is (name in ("knob", "room", "camera"))
