"""Why a rule does not fire yet: true, short, and in the words of the rule."""

from __future__ import annotations

from typing import Any

import pytest

from xmaker.detections import Detection, Detections
from xmaker.rules.explain import Why, explain, nearest_first
from xmaker.rules.freshness import Freshness
from xmaker.testing import wait_until
from xmaker.values import LabelName

from .running import Run

CAT = """
- when: pet == "cat" and pet.score > 0.6
  for: 0.5 s
  cooldown: 4 s
  then: [lamp.on]
"""


def lines(run: Run) -> list[str]:
    return [str(why) for why in explain(run.engine)]


def words(condition: str, vars: str = "", **values: Any) -> str:
    """Return what a rule with this condition waits for after these values."""
    run = Run(f"- when: {condition}\n  then: [lamp.on]", vars)
    for node, value in values.items():
        run.send(node, value)
    return explain(run.engine)[0].words


def test_the_life_of_a_rule() -> None:
    run = Run(CAT)
    assert lines(run) == ["rule 1: pet has given nothing yet"]
    run.send("pet", "dog/狗")
    assert lines(run) == ['rule 1: pet == "cat" ✗ (pet is dog)']
    run.send("pet", "cat/猫")
    run.advance(0.3)
    assert lines(run) == ["rule 1: for 0.5 s: 0.3 s so far"]
    run.advance(0.3)
    assert lines(run) == ['rule 1: ✓ pet == "cat" and pet.score > 0.6']
    run.send("pet", "dog/狗")
    run.advance(1)
    assert lines(run) == ['rule 1: pet == "cat" ✗ (pet is dog)']
    run.send("pet", "cat/猫")
    run.advance(0.7)
    assert lines(run) == ["rule 1: cooldown: 2.2 s left"]
    run.engine.lost("pet")
    assert lines(run) == ["rule 1: pet is unknown"]


def test_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    run = Run(CAT)
    run.send("pet", "dog/狗")
    assert lines(run) == ['规则 1：pet == "cat" ✗ (pet 是 狗)']
    run.send("pet", "cat/猫")
    assert lines(run) == ["规则 1：for 0.5 s：已持续 0.0 s"]


@pytest.mark.parametrize(
    ("condition", "knob", "expected"),
    [
        ("knob > 0.6", 0.41, "knob > 0.6 ✗ (0.41)"),
        ("knob > 0.6", 0.41237, "knob > 0.6 ✗ (0.41)"),
        ("knob > 0.6", 0.59987, "knob > 0.6 ✗ (0.5999)"),
        ("knob == 20", 20.00000001, "knob == 20 ✗ (20.00000001)"),
        ("knob > 10", 3, "knob > 10 ✗ (3)"),
        ("knob > 10", -3.0, "knob > 10 ✗ (-3)"),
        ("knob > 1", float("nan"), "knob > 1 ✗ (nan)"),
        ("20 <= knob < 30", 50.0, "20 <= knob < 30 ✗ (50)"),
        ("abs(knob - 5) < 1", 9, "abs(knob - 5) < 1 ✗ (4)"),
        ("knob in [1, 2]", 3, "knob in [1, 2] ✗ (3)"),
        ("knob > limit", 3, "knob > limit ✗ (knob is 3, limit is 5)"),
        ("not knob > 2", 3, "not knob > 2 ✗ (3)"),
        ("not (knob > 2 or knob < 0)", 3, "not knob > 2 ✗ (3)"),
        ("not (knob > 2 and knob < 9)", 3, "not knob > 2 ✗ (3) or not knob < 9 ✗ (3)"),
        ("knob > 5 or knob < 0", 3, "knob > 5 ✗ (3) or knob < 0 ✗ (3)"),
        ("knob < 5 and (on or knob > 9)", 3, "on ✗ or knob > 9 ✗ (3)"),
        ("on == true", 3, "on == true ✗ (false)"),
        ("1 / knob > 3", 0, "1 / knob > 3 ✗ (division by zero)"),
        ("knob > 0 and 1 / knob > 3", 0, "knob > 0 ✗ (0)"),
        ("1 / knob > 3 or not on", 0, "1 / knob > 3 ✗ (division by zero)"),
        ("word == 'yes'", 0, "word == 'yes' ✗ (word is no)"),
    ],
)
def test_the_first_part_that_is_not_true_with_its_value(condition: str, knob: float, expected: str) -> None:
    assert words(condition, "on: false, limit: 5, word: 'no'", knob=knob) == expected


def test_of_a_key_the_last_one_is_told_and_what_lasts_comes_first() -> None:
    condition = "keyboard == 'space' and on"
    assert words(condition, "on: true") == "keyboard == 'space' ✗"
    assert words(condition, "on: true", keyboard="a") == "keyboard == 'space' ✗ (last: a)"
    assert words(condition, "on: false", keyboard="a") == "on ✗"


def test_a_rule_about_a_moment_counts_as_true_for_a_second() -> None:
    run = Run("- when: keyboard == 'a'\n  then: [lamp.on]\n- each: knob\n  cooldown: 5 s\n  then: [lamp.off]")
    assert lines(run) == ["rule 1: keyboard == 'a' ✗", "rule 2: knob has given nothing yet"]
    run.send("keyboard", "a")
    run.send("knob", 1)
    assert lines(run) == ["rule 1: ✓ keyboard == 'a'", "rule 2: ✓ each knob"]
    run.advance(1.5)
    assert lines(run) == ["rule 1: keyboard == 'a' ✗", "rule 2: cooldown: 3.5 s left"]
    run.advance(4)
    assert lines(run)[1] == "rule 2: each knob: waits for the next value"


def found(*labels: str, came: tuple[str, ...] = ()) -> Detections:
    things = [Detection(LabelName(label, {"person": "人"}.get(label, "")), 0.8, (10, 10, 40, 40)) for label in labels]
    return Detections(things, 100, 100, came=list(came))


@pytest.mark.parametrize(
    ("condition", "value", "english", "chinese"),
    [
        ('people.count("person") > 2', found("person", "dog"), 'people.count("person") > 2 ✗ (1)', None),
        ("people.count() in [2, 3]", found(), "people.count() in [2, 3] ✗ (0)", None),
        (
            "people.count('person') > people.count('dog')",
            found("dog"),
            "people.count('person') > people.count('… ✗ (people.count('person') is 0, people.count('dog') is 1)",
            "people.count('person') > people.count('… ✗ (people.count('person') 是 0, people.count('dog') 是 1)",
        ),
        (
            'people.entered("dog")',
            found("person", "person", came=("person",)),
            'people.entered("dog") ✗ (now: 2 person)',
            'people.entered("dog") ✗ (现在：2 人)',
        ),
        (
            'people.left("person")',
            found(),
            'people.left("person") ✗ (now: nothing)',
            'people.left("person") ✗ (现在：什么也没有)',
        ),
        ('people.entered("person") and room < 30', found("person"), "room < 30 ✗ (50)", None),
        ('people.entered("person") and people.count() > 2', found("person"), "people.count() > 2 ✗ (1)", None),
        ("people.nearest.size > 0.5", found("dog"), "people.nearest.size > 0.5 ✗ (0.16)", None),
        (
            "people.nearest.x < 0.2 or people.nearest.x > 0.8",
            found("dog"),
            "people.nearest.x < 0.2 ✗ (0.3) or people.nearest.x > 0.8 ✗ (0.3)",
            "people.nearest.x < 0.2 ✗ (0.3) 或 people.nearest.x > 0.8 ✗ (0.3)",
        ),
        (
            "people.nearest.x < 0.2 or people.nearest.x > 0.8",
            found(),
            "people finds nothing, so there is no nearest",
            "people 什么也没找到，所以没有 nearest",
        ),
        ("1 / people.count() > 2", found(), "1 / people.count() > 2 ✗ (division by zero)", "1 / people.count() > 2 ✗ (除以零)"),
    ],
)
def test_what_a_detector_finds_is_told_with_numbers(
    condition: str, value: Detections, english: str, chinese: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert words(condition, room=50, people=value) == english
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert words(condition, room=50, people=value) == (chinese or english)


def test_a_rule_about_who_comes_counts_as_true_for_a_second_and_says_how_long_it_cools_down() -> None:
    run = Run("- when: people.entered('person')\n  cooldown: 5 s\n  then: [lamp.on]")
    run.send("people", found("person", came=("person",)), found("person"))
    assert run.actions == ["lamp.on"]
    assert lines(run) == ["rule 1: ✓ people.entered('person')"]
    run.advance(1.5)
    assert lines(run) == ["rule 1: cooldown: 3.5 s left"]
    run.advance(4)
    assert lines(run) == ["rule 1: people.entered('person') ✗ (now: 1 person)"]


def test_a_silent_node_is_unknown() -> None:
    run = Run("- when: room < 30 or on\n  then: [lamp.on]", "on: false", fresh={"room": Freshness(period=0.1)})
    run.send("room", 50)
    run.advance(1)
    assert lines(run) == ["rule 1: room < 30 ✗ (50) or on ✗"]
    run.advance(5)
    assert lines(run) == ["rule 1: room is unknown (silent for 6.0 s) or on ✗"]


def test_events_are_counted() -> None:
    run = Run("- when: knob > 1\n  for: 3 events\n  then: [lamp.on]")
    run.send("knob", 2, 2)
    assert lines(run) == ["rule 1: for 3 events: 2 so far"]


def test_the_rule_that_is_nearest_to_firing_comes_first() -> None:
    run = Run(
        """
        - when: pet == "cat" and pet.score > 2
          then: [lamp.on]
        - when: knob > 1
          for: 3 events
          then: [lamp.on]
        - when: pet == "dog" and pet.score > 2
          then: [lamp.on]
        - when: pet == "dog"
          then: [lamp.on]
        """
    )
    run.send("pet", "dog/狗")
    run.send("knob", 2)
    assert [why.rule for why in nearest_first(explain(run.engine))] == [2, 3, 1, 4]


def test_long_texts_are_cut() -> None:
    assert words("word == 'x'", f"word: {'a' * 900}") == f"word == 'x' ✗ (word is {'a' * 39}…)"


def test_it_is_plain_data_for_a_panel(xmaker_run: Any) -> None:
    run = xmaker_run("projects/cat_dog")
    run.send("pet", label="dog", score=0.5)
    why = run.runtime.explain()[1]
    assert why == Why(2, "waits", "pet.score > 0.6 ✗ (0.5)", 1)
    assert run.runtime.workers["screen"].nearest_rule() == "rule 2: pet.score > 0.6 ✗ (0.5)"


def test_it_may_be_asked_while_the_rules_run(xmaker_run: Any) -> None:
    """A view has a thread of its own."""
    import threading

    run = xmaker_run("projects/parking_radar")
    seen: set[str] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            seen.update(str(why) for why in run.runtime.explain())

    watcher = threading.Thread(target=look)
    watcher.start()
    for centimetres in range(200):
        run.send("radar", float(centimetres))
    wait_until(lambda: "rule 4: radar < 20 ✗ (199)" in seen)
    ended.set()
    watcher.join()
    assert not run.errors
