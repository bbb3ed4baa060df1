"""What rules make of values that are old or unknown."""

from __future__ import annotations

from xmaker.rules.freshness import Freshness

from .running import LAMP, Run


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
