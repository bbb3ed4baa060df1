"""The rule language: what it can say, and what is said of mistakes in it."""

from __future__ import annotations

import pytest

from xmaker.rules.expression import compile_expression
from xmaker.rules.text import ExpressionError

from .names import SCOPE, STATE


def value(text: str) -> object:
    return compile_expression(text, SCOPE).value(STATE)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('pet == "cat"', True),
        ('pet == "猫"', True),
        ('"猫" == pet', True),
        ('pet != "猫"', False),
        ('pet in ["狗", "猫"]', True),
        ('pet not in ["dog"]', True),
        ('"ca" in pet', True),
        ("pet.score > 0.6 and not pet == 'dog'", True),
        ("0 < knob < 1", True),
        ("knob * 180 + count ** 2", 99.0),
        ("air.temperature // 2", 10.0),
        ('people.count("person")', 1),
        ("people.nearest.x + people.nearest.y_px", 0.75),
        ('people.nearest.label == "person" and not people.entered("person")', True),
        ("scale(knob, 0, 1, 0, 180)", 90.0),
        ("scale(5, 0, 1, 0, 180)", 180.0),
        ("clamp(count, 0, 2)", 2),
        ("round(max(knob, 0.1, 0.26), 1)", 0.5),
        ('"a" + text(count)', "a3"),
        ('"high" if knob > 0.4 else "low"', "high"),
        ("on and true", True),
        ('"{pet} {pet.score:.0%} {knob:.1f} {{}} {air.temperature} {on}"', "cat 75% 0.5 {} 21.5 true"),
        ("“你好，{pet}！”", "你好，cat！"),
        ("（knob ＞ 0.4） and pet == “cat”", True),
        ("  knob", 0.5),
        ("ｋｎｏｂ + 1", 1.5),
        ("knob\n+\t1", 1.5),
        ('"{（knob ＞ 0.4）}"', "true"),
    ],
)
def test_what_it_can_say(text: str, result: object) -> None:
    assert value(text) == result


def test_what_is_wrong_is_found_at_its_column() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression('pet == "猫" and air.temprature > 3', SCOPE)
    assert (caught.value.code, caught.value.column) == ("XM403", 19)
    assert caught.value.details["near"] == "temperature"


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("pet = cat", 'pet == "cat"'),
        ("pet is cat && knob => 60%", 'pet == "cat" and knob >= 0.6'),
        ('pet == "cat" or "dog"', 'pet == "cat" or pet == "dog"'),
        ('knob > 20 cm and pet 是 "cat"', ""),
        ("knob 大于 0.5 并且 pet 不是 狗", 'knob > 0.5 and pet != "狗"'),
    ],
)
def test_corrections_are_right_in_the_end_or_not_given(text: str, corrected: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, SCOPE)
    assert caught.value.corrected == corrected


def test_a_label_that_the_model_never_gives_is_doubted() -> None:
    assert [doubt.details["label"] for doubt in compile_expression('pet in ["cat", "bird"] or pet == "鸟"', SCOPE).doubts] == [
        "bird",
        "鸟",
    ]
    assert not compile_expression('pet == "狗"', SCOPE).doubts


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("knob > 9 or on", True),
        ("on or knob > 9", True),
        ("not on and knob > 9", False),
        ("knob > 9 and not on", False),
        ("knob > 9 or not on", None),
        ("knob > 9 and on", None),
        ("not (knob > 9 and not on)", True),
        ("knob > 9", None),
        ("count > 2", True),
    ],
)
def test_an_unknown_name_makes_the_result_unknown_only_where_it_matters(text: str, result: object) -> None:
    assert compile_expression(text, SCOPE).known_value(STATE, {"knob"}) is result
