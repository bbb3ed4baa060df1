"""What rules do, and when they do it again: `cooldown`, `repeat`, `wait` and vars."""

from __future__ import annotations

from xmaker.rules.freshness import Freshness

from .running import Run


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
