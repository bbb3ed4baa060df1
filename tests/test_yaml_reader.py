"""YAML, read safely: YAML 1.2's scalars, a place for everything, and nothing that hangs or crashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from xmaker.errors import ProjectError
from xmaker.yaml_reader import Item, read_file, read_text


def plain(text: str) -> Any:
    item, problems = read_text(text, "p.yaml")
    assert not problems
    return item.plain()


def code(text: str) -> str:
    with pytest.raises(ProjectError) as caught:
        read_text(text, "p.yaml")
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("12:30", "12:30"),
        ("2024-05-06", "2024-05-06"),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-3", -3),
        ("1.", 1.0),
        (".inf", float("inf")),
        ("'3'", "3"),
        ('"true"', "true"),
        ("1 s", "1 s"),
        ("你好", "你好"),
        ("9" * 50, "9" * 50),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    assert plain(f"a: {text}") == {"a": value}


def test_keys_are_the_words_as_written() -> None:
    assert plain("{on: 1, 1: 2, no: 3, 猫: 4}") == {"on": 1, "1": 2, "no": 3, "猫": 4}


def test_every_value_and_key_has_its_place() -> None:
    item, _ = read_text("猫:\n  - {狗: [1, 'two']}\n", "p.yaml")
    inner = item.value["猫"].value[0].value["狗"]
    assert str(item.keys["猫"]) == "p.yaml:1:1"
    assert str(inner.mark) == "p.yaml:2:9"
    assert str(inner.value[1].mark) == "p.yaml:2:13"
    assert inner.value[1].quoted and not inner.value[0].quoted
    assert inner.value[0].mark.text == "  - {狗: [1, 'two']}"


def test_a_key_given_twice_is_a_problem_and_the_first_stays() -> None:
    item, problems = read_text("a: 1\nb: 2\na: 3\n", "p.yaml")
    assert item.plain() == {"a": 1, "b": 2}
    assert [(problem.code, str(problem.mark), problem.details["line"]) for problem in problems] == [("XM109", "p.yaml:3:1", 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[" * 100_000, "XM107"),
        ("{a: " * 100_000, "XM107"),
        ("- " * 100_000, "XM107"),
        ("a: &x 1", "XM108"),
        ("a: *x", "XM108"),
        ("a: !!python/object:os.system x", "XM111"),
        ("a: !x 1", "XM111"),
        ("a: 1\n---\nb: 2", "XM112"),
        ("? [a]\n: 1", "XM116"),
        ("a: \x07", "XM114"),
        ("[" + "1," * 20_000 + "]", "XM128"),
        ("%YAML 9.9\n---\na", "XM106"),
        ("a: 'b", "XM122"),
        ("", "XM110"),
        ("--- ", "XM110"),
    ],
)
def test_what_is_dangerous_or_unreadable_is_refused(text: str, expected: str) -> None:
    assert code(text) == expected


def test_all_lines_with_the_same_mistake_are_shown_at_once() -> None:
    with pytest.raises(ProjectError) as caught:
        read_text("inputs：\n  camera：{}\n\tknob: {}\n", "p.yaml")
    assert [(problem.code, problem.mark and problem.mark.line) for problem in caught.value.problems] == [
        ("XM117", 1),
        ("XM117", 2),
        ("XM105", 3),
    ]


@pytest.mark.parametrize("value", ["a", "it's", 'say "x"', "a, b", "a: b", "#1", "- a", "{x}", "@home", "", "猫"])
@pytest.mark.parametrize("line", ["a: §", "a: [§, 1]", "- §"])
def test_a_corrected_line_reads_as_the_new_text(value: str, line: str) -> None:
    item, _ = read_text(line.replace("§", "old"), "p.yaml")
    while isinstance(item.value, dict | list):
        item = next(iter(item.value.values() if isinstance(item.value, dict) else item.value))
    fixed = item.line_with(value or "x")
    after, _ = read_text(fixed, "p.yaml")
    while isinstance(after.value, dict | list):
        after = next(iter(after.value.values() if isinstance(after.value, dict) else after.value))
    assert after.value == (value or "x")


def test_plain_python_values_become_items() -> None:
    assert Item.of({"a": [1, ("b",)]}).plain() == {"a": [1, ["b"]]}
    assert Item.of({"a": [1]}).shown() == '{"a": [1]}'
    assert Item.of("x").line_with("y") == ""


def read(text: str) -> None:
    try:
        item, _ = read_text(text, "p.yaml")
    except ProjectError as error:
        assert error.show("en") and error.show("zh")
    else:
        item.plain()


@given(st.text())
@example("\ud800")
@example("a:\x85b")
@example("\u2028: 1\n\tx")
def test_any_text_is_read_or_refused(text: str) -> None:
    read(text)


_PIECES = [
    *":-[]{}'\"|>&*!%@`#?,，：【】 \n\t",
    ": ",
    "- ",
    "\n  ",
    "a",
    "when",
    "then",
    "1",
    "---",
    "...",
    "猫",
    "<<",
    "\u3000",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_any_mixture_of_signs_is_read_or_refused(text: str) -> None:
    read(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary())
@example(data=b"\xff\xfe")
@example(data=b"\xfe\xff\xd8\x00")
@example(data=b"\xef\xbb\xbf")
def test_any_bytes_are_read_or_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(data)
    try:
        read_file(path)
    except ProjectError as error:
        assert error.show()
