"""No expression reaches Python: what is not on the list is refused, and what is accepted does no harm."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xmaker.rules.expression import compile_expression
from xmaker.rules.text import ExpressionError

from .names import SCOPE, STATE


def code(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, SCOPE)
    return caught.value.code


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
