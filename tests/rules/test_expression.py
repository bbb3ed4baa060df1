"""The rule language: what it can say, and that nothing else can be said."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xmaker.nodes import Fields
from xmaker.rules.expression import compile_expression
from xmaker.rules.scope import Scope
from xmaker.rules.text import ExpressionError
from xmaker.values import Detection, Detections, Key, Label, LabelName, Reading

SCOPE = Scope(
    nodes={
        "pet": Fields(Label.fields, Label.main),
        "knob": Fields({"value": "number"}, "value", reading=True),
        "air": Fields({"temperature": "number", "humidity": "number"}, reading=True),
        "keyboard": Fields(Key.fields, Key.main, momentary=True),
        "people": Fields({}, methods=Detections.methods),
        "odd": Fields({"value": "any"}, "value", reading=True),
    },
    vars={"count": "number", "word": "text", "on": "flag"},
    labels={"pet": (LabelName("cat", "猫"), LabelName("dog", "狗"))},
    outputs=frozenset({"light"}),
)
STATE = {
    "pet": Label(LabelName("cat", "猫"), 0.75),
    "knob": Reading(0.5),
    "air": Reading(temperature=21.5, humidity=40),
    "keyboard": Key("space"),
    "people": Detections([Detection("person", 0.9, (0, 0, 1, 1))]),
    "odd": Reading("text"),
    "count": 3,
    "word": "hello",
    "on": True,
}


def value(text: str) -> object:
    return compile_expression(text, SCOPE).value(STATE)


def code(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, SCOPE)
    return caught.value.code


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


PYTHON = {
    "a class": "pet.__class__",
    "a hidden field": "pet.__init__.__globals__",
    "a private field": "people._items",
    "a field that rules may not see": "pet.top",
    "in a template": '"{pet.__init__}"',
    "format's way in": '"{pet.label.__class__.__mro__}"',
    "an index": "pet[0]",
    "an index in a template": '"{pet[0]}"',
    "a conversion": '"{pet!r}"',
    "a nested template": '"{"{"}"',
    "a format that is computed": '"{knob:{count}}"',
    "a huge format": '"{knob:999999999}"',
    "a huge precision": '"{knob:.999999999f}"',
    "an empty template": '"{}"',
    "an open template": '"{pet"',
    "lambda": "lambda: 1",
    "a call of a lambda": "(lambda: 1)()",
    "a comprehension": "[x for x in [1]]",
    "a generator": "max(x for x in [1])",
    "a walrus": "(x := 1)",
    "an f-string": 'f"{pet}"',
    "bytes": 'b"a"',
    "ellipsis": "...",
    "None": "None",
    "a complex number": "1j",
    "a starred argument": "max(*[1, 2])",
    "a keyword": "max(a=1)",
    "await": "await pet",
    "yield": "(yield)",
    "a dict": "{1: 2}",
    "a set": "{1}",
    "a list": "[1, 2]",
    "a slice": '"abc"[0:1]',
    "getattr": 'getattr(pet, "label")',
    "eval": 'eval("1")',
    "import": '__import__("os")',
    "a builtin": "open",
    "our own helpers": "_text(1)",
    "the state": "_state",
    "a method of text": "pet.label.upper()",
    "a method of a text constant": '"a".join(pet)',
    "format": '"{}".format(pet)',
    "percent formatting": '"%s" % pet',
    "percent formatting of a number": '"%999999999d" % count',
    "long text": '"a" * 10 ** 9',
    "long text by if": '("a" if on else 2) * 1000000000',
    "long text from a stranger's field": "odd * 1000000000",
    "a huge power": "9 ** 9 ** 9",
    "a power of a power": "(count ** 3) ** 3",
    "a power of a power in a function": "abs(abs(abs(9 ** 3) ** 3) ** 3) ** 3",
    "a power of -powers": "(-count ** 3) ** 3",
    "a variable power": "2 ** count",
    "shift": "1 << 10000",
    "matrix": "count @ count",
    "bits": "~count",
    "a huge number": "1" + "0" * 500,
    "infinity": "1e999",
    "is": "pet is pet",
    "parentheses": "(" * 10_000 + "1" + ")" * 10_000,
    "31 parentheses": "(" * 31 + "1" + ")" * 31,
    "many nots": "not " * 200 + "on",
    "many minuses": "-" * 900 + "1",
    "many pluses": "1" + "+1" * 400,
    "many dots": "pet" + ".label" * 150,
    "long": "1 +" * 400 + "1",
    "a null": "pet\0",
    "a null in text": '"\0"+1',
    "a surrogate": "\ud800",
    "a look-alike": "ｐｅｔ.＿＿class＿＿",
    "a look-alike name": "ᵍetattr(pet, 'label')",
    "two lines": "1\n2",
    "a statement": "import os",
    "a semicolon": "1; 2",
    "a comment": "#",
    "nothing": "",
    "an output": "light",
}


@pytest.mark.parametrize("text", PYTHON.values(), ids=PYTHON)
def test_it_cannot_reach_python(text: str) -> None:
    assert code(text).startswith("XM")


def test_what_is_wrong_is_found_at_its_column() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression('pet == "猫" and air.temprature > 3', SCOPE)
    assert (caught.value.code, caught.value.column) == ("XM403", 19)
    assert caught.value.corrected == 'pet == "猫" and air.temperature > 3'


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


def check(text: str) -> None:
    """Compile it: only an ExpressionError may come out, and what is accepted gives a small number, text or flag."""
    try:
        expression = compile_expression(text, SCOPE)
    except ExpressionError as error:
        assert error.code and error.column >= 0
        return
    try:
        result = expression.value(STATE)
    except (ArithmeticError, ValueError, TypeError):
        return  # what the rules catch and report
    assert isinstance(result, int | float | str)
    assert not isinstance(result, str) or len(result) < 100_000
    assert not isinstance(result, int) or result.bit_length() < 1_000_000


@given(st.text())
@example("\x00")
@example("\ud800")
@example("“")
def test_any_text_is_refused_or_harmless(text: str) -> None:
    check(text)


_NAMES = [
    "pet",
    "knob",
    "air.temperature",
    "count",
    "word",
    "on",
    "odd",
    "people.count",
    "keyboard",
    "light",
    "text",
    "max",
    "abs",
    "x",
    "_state",
]
_PIECES = [
    *_NAMES,
    *"()[]{}.,:'\"+-*/%<>=!&|~@;“”，（）",
    "**",
    "//",
    "==",
    "and",
    "or",
    "not",
    "in",
    "if",
    "else",
    "is",
    "lambda",
    "for",
]
_PIECES += [
    '"a"',
    '"{pet}"',
    '"{knob:',
    ":.0%}",
    "0",
    "3",
    "1e14",
    "999999999",
    "__class__",
    "true",
    "True",
    "None",
    "\n",
    "\t",
    "：",
    "猫",
]


@given(
    st.lists(st.sampled_from(_PIECES), max_size=30).map(" ".join) | st.lists(st.sampled_from(_PIECES), max_size=30).map("".join)
)
def test_any_mixture_of_its_words_is_refused_or_harmless(text: str) -> None:
    check(text)


_GOOD = [
    'pet == "cat" and pet.score > 0.6',
    '"Hello {pet.score:.0%} {knob + 1}"',
    "scale(knob, 0, 1, 0, 180) ** 2",
    'people.count("person") in [1, 2]',
]


@given(st.sampled_from(_GOOD), st.integers(0, 40), st.integers(0, 5), st.text(string.printable, max_size=4))
def test_a_good_expression_with_a_mistake_is_refused_or_harmless(text: str, at: int, gone: int, instead: str) -> None:
    check(text[:at] + instead + text[at + gone :])
