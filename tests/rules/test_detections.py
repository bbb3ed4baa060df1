"""Rules about what a detector found: what is not there is unknown, and who enters or leaves does so for one event."""

from __future__ import annotations

from xmaker import Detection, Detections

from .running import Run

HERE = Detections([Detection("person", 0.9, (0, 0, 10, 10))], 100, 100)
NOBODY = Detections([], 100, 100)
ENTERED = Detections(HERE.items, 100, 100, came=["person"])
LEFT = Detections([], 100, 100, went=["person"])


def test_a_condition_about_nobody_is_not_true_and_else_is_done() -> None:
    run = Run("- when: people.nearest.x < 0.3\n  then: [lamp.on]\n  else: [lamp.off]")
    assert run.send("people", NOBODY) == []
    assert run.send("people", HERE, NOBODY) == ["lamp.on", "lamp.off"]
    assert not run.errors


def test_not_of_the_unknown_is_unknown_and_or_may_be_true_all_the_same() -> None:
    sure, either = "not people.nearest.x > 0.3", "knob > 0.5 or people.nearest.x < 0.3"
    run = Run(f"- when: {sure}\n  then: [lamp.on]\n- when: {either}\n  then: [lamp.off]")
    assert run.send("people", NOBODY) == []
    assert run.send("knob", 0.9) == ["lamp.off"]
    assert not run.errors


def test_an_action_about_nobody_is_left_out_and_the_others_are_done() -> None:
    rule = """- each: people
  then: ['screen.write("{people.nearest.x:.2f}")', lamp.on, 'seen = people.nearest.x']"""
    run = Run(rule, "seen: 1")
    assert run.send("people", HERE) == ["screen.write 0.05", "lamp.on"]
    assert run.send("people", NOBODY) == ["lamp.on"]
    assert run.engine.values["seen"] == 0.05 and not run.errors


def test_who_enters_does_so_for_one_event_and_so_does_the_next() -> None:
    run = Run('- when: people.entered("person")\n  then: [lamp.on]\n- when: people.left()\n  then: [lamp.off]')
    assert run.send("people", ENTERED, HERE, HERE) == ["lamp.on"]
    assert run.send("people", ENTERED, ENTERED) == ["lamp.on", "lamp.on"]  # two, one after the other
    assert run.send("people", LEFT, NOBODY, LEFT) == ["lamp.off", "lamp.off"]


def test_an_entry_is_past_when_another_node_has_something_to_say() -> None:
    run = Run('- when: people.entered("person") and knob > 0.5\n  then: [lamp.on]')
    assert run.send("people", ENTERED) + run.send("knob", 0.9) == []
    assert run.send("people", ENTERED) == ["lamp.on"]
