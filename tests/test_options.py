"""A node's dataclass fields are its options."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import msgspec
import pytest

from xmaker.drivers import Pin
from xmaker.options import DURATION, Rate, Seconds, convert, convert_value, option_fields
from xmaker.yaml_reader import Item, read_text


@dataclass
class Sensor:
    pin: Pin
    every: Seconds = 1.0
    rate: Rate | None = None
    size: int | None = None
    name: str = ""
    colour: Literal["red", "green"] = "red"
    level: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    points: list[int] = field(default_factory=list)
    _secret: int = field(init=False, default=0)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (1, 1.0),
        (0.5, 0.5),
        ("1 s", 1.0),
        ("200ms", 0.2),
        ("2 min", 120.0),
        ("1秒", 1.0),
        ("3 分钟", 180.0),
        ("1 h", 3600.0),
        ("5", 5.0),
    ],
)
def test_durations(given: object, seconds: float) -> None:
    assert DURATION.parse(given) == pytest.approx(seconds)


@pytest.mark.parametrize("given", ["half a second", "", "s", "1 sceond", "1,5 s", "1_0 s", "１ s", True, None, [1], {}])
def test_what_is_no_duration(given: object) -> None:
    assert DURATION.parse(given) is None


@pytest.mark.parametrize(
    ("option", "given", "value"),
    [
        (Seconds, "200 ms", 0.2),
        (Rate, "30 fps", 30.0),
        (Rate | None, None, None),
        (Rate | None, "10 Hz", 10.0),
        (int | None, None, None),
        (int, 3, 3),
        (float, 3, 3.0),
        (str, "3", "3"),
        (list[int], [1, 2], [1, 2]),
        (Literal["red", "green"], "red", "red"),
        (Pin, 17, Pin("17")),
        (Pin, {"pi": 17, "unihiker": "P25"}, Pin({"pi": "17", "unihiker": "P25"})),
    ],
)
def test_good_values(option: Any, given: object, value: object) -> None:
    assert convert_value(option, given) == value


@pytest.mark.parametrize(
    ("option", "given", "words"),
    [
        (int, "wide", "a whole number"),
        (int, True, "a whole number"),
        (int | None, "wide", "a whole number"),
        (float, "x", "a number"),
        (str, 3, "text"),
        (bool, "on", "true or false"),
        (list[int], 3, "a list"),
        (dict[str, int], 3, "a mapping (name: value)"),
        (Seconds, "long", "a number with a unit, such as 0.5 s"),
        (Seconds, -1, "a number with a unit, such as 0.5 s, ≥ 0"),
        (Annotated[Seconds, msgspec.Meta(ge=0.1, le=10)], 0, "a number with a unit, such as 0.5 s, ≥ 0.1"),
        (Annotated[Seconds, msgspec.Meta(ge=0.1, le=10)], "1000 s", "a number with a unit, such as 0.5 s, ≤ 10"),
        (Seconds, float("nan"), "a number with a unit, such as 0.5 s"),
        (Seconds, float("inf"), "a number with a unit, such as 0.5 s"),
        (Literal["red", "green"], "blue", "one of red, green"),
        (Pin, [17], "a pin, such as 17, P25 or {pi: 17, unihiker: P25}"),
    ],
)
def test_bad_values_say_what_was_expected(option: Any, given: object, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    with pytest.raises(ValueError) as caught:
        convert_value(option, given)
    assert str(caught.value) == words


def test_all_problems_show_at_once_each_at_its_place() -> None:
    item, _ = read_text("{szie: 3, every: never, level: 2, _secret: 1}", "p.yaml")
    values, problems = convert(Sensor, item, "air")
    assert values == {}
    assert [(problem.code, problem.mark and problem.mark.column) for problem in problems] == [
        ("XM207", 2),
        ("XM208", 18),
        ("XM208", 32),
        ("XM207", 35),
        ("XM209", None),
    ]
    assert problems[0].corrected == "{size: 3, every: never, level: 2, _secret: 1}"
    assert problems[4].details == {"option": "pin", "node": "air"}


def test_options_are_the_fields_of_the_constructor() -> None:
    assert list(option_fields(Sensor)) == ["pin", "every", "rate", "size", "name", "colour", "level", "points"]
    assert convert(Sensor, Item.of({"pin": 4, "points": [1]}), "air") == ({"pin": Pin("4"), "points": [1]}, [])


@dataclass
class Ears:
    words: tuple[str, ...] = ()
    groups: dict[str, list[str]] = field(default_factory=dict)
    keys: Annotated[tuple[str | int, ...], msgspec.Meta(min_length=1, max_length=2)] = ("a",)


@pytest.mark.parametrize(
    ("text", "column", "option", "english", "chinese", "corrected"),
    [
        ("{words: [yes, 1]}", 15, "words", "text", "文字", ""),
        ("{words: person}", 9, "words", "a list", "列表", "{words: [person]}"),
        ("words: a, b", 8, "words", "a list", "列表", "words: [a, b]"),
        ("{groups: {cat: tabby cat}}", 16, "groups.cat", "a list", "列表", "{groups: {cat: [tabby cat]}}"),
        ("{groups: {cat: [1]}}", 17, "groups.cat", "text", "文字", ""),
        ("{keys: [a, b, c]}", 8, "keys", "a list ≤ 2", "列表 ≤ 2", ""),
        ("{keys: [[a]]}", 9, "keys", "a whole number / text", "整数 / 文字", ""),
    ],
)
def test_what_is_wrong_inside_is_said_in_our_words_at_its_place(
    text: str, column: int, option: str, english: str, chinese: str, corrected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, words in (("C", english), ("zh_CN.UTF-8", chinese)):
        monkeypatch.setenv("LC_ALL", language)
        (problem,) = convert(Ears, read_text(text, "p.yaml")[0], "ear")[1]
        assert problem.mark and (problem.code, problem.mark.column) == ("XM208", column)
        assert (problem.details["option"], str(problem.details["expected"])) == (option, words)
        assert problem.corrected == corrected
