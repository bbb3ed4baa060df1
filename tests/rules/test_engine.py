"""When rules fire, in the words of the tutorial: `when`, `each`, `for`, keys, and rules that are edited."""

from __future__ import annotations

import pytest

from xmaker.errors import ProjectError
from xmaker.values import Event, Reading

from .running import LAMP, Run, project


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
