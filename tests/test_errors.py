"""Messages: one catalog, two languages, and lines that point at the mistake."""

from __future__ import annotations

import os
import re
import string
import sys
from pathlib import Path

import pytest

from xmaker.errors import (
    LANGUAGES,
    Mark,
    MissingDependency,
    Problem,
    ProjectError,
    XMakerError,
    catalog,
    language,
    message,
    nearest,
    speaking,
)

ROOT = Path(__file__).parent.parent
CODES = sorted(catalog())
SOURCES = {path: path.read_text(encoding="utf-8") for top in ("xmaker", "plugins") for path in (ROOT / top).rglob("*.py")}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", CODES)
def test_both_languages_say_the_same(code: str) -> None:
    for part, texts in catalog()[code].items():
        assert part in ("what", "mend", "why") and set(texts) == set(LANGUAGES), part
        assert all(text.strip() for text in texts.values())
        if part != "why":
            assert placeholders(texts["en"]) == placeholders(texts["zh"])
            assert texts["en"].count("|") == texts["zh"].count("|")
    assert "what" in catalog()[code]


@pytest.mark.parametrize("code", CODES)
def test_every_message_renders(code: str) -> None:
    names = set().union(*(placeholders(texts["en"]) for part, texts in catalog()[code].items() if part != "why"))
    problem = Problem(code, dict.fromkeys(names - {"near"}, "§"), Mark("p.yaml", 1, 1, "text"))
    for lang in LANGUAGES:
        shown = problem.show(lang)
        assert shown.count("§") >= min(len(names - {"near"}), 1)
        assert not re.search(r"\{\w+\}(?<!\{pet\})(?<!\{knob\})", problem.what(lang))


def test_no_code_is_in_the_catalog_twice() -> None:
    """JSON would take the second one without a word."""
    text = (ROOT / "xmaker" / "messages.json").read_text(encoding="utf-8")
    assert re.findall(r'^  "(XM\d+)"', text, re.MULTILINE) == CODES


def test_every_code_that_is_used_is_in_the_catalog_and_the_other_way_round() -> None:
    used = {code for text in SOURCES.values() for code in re.findall(r"\bXM\d{3}\b", text)}
    assert used == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_what_can_go_wrong_is_explained(code: str) -> None:
    texts = catalog()[code].get("why")
    if "mend" not in catalog()[code] or code == "XM001":
        return  # words that stand inside other messages, and what is no mistake
    assert texts, f"xmaker explain {code} has nothing to add"
    assert all(20 < len(texts["en"]) < 700 and 10 < len(texts["zh"]) < 400 for _ in LANGUAGES)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_locale_chooses_the_language(variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_each_reader_may_be_spoken_to_in_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    with speaking("zh"):
        assert language() == "zh" and "文件夹" in message("XM118", "what")
        with speaking("en"):
            assert language() == "en"
        assert language() == "zh"
    assert language() == "en"


def test_a_problem_shows_its_place_its_line_and_how_to_mend_it() -> None:
    problem = Problem("XM203", {"use": "leed", "near": "led", "known": "led"}, Mark("p.yaml", 3, 13, "  灯: {use: leed}"))
    assert problem.corrected == ""  # the word does not stand at the mark
    problem = Problem("XM203", {"use": "leed", "near": "led", "known": "led"}, Mark("p.yaml", 3, 12, "  灯: {use: leed}"))
    assert problem.show("en").splitlines() == [
        "p.yaml:3:12: error XM203: There is no node type “leed”.",
        "      灯: {use: leed}",
        "                ^",  # Chinese characters are two columns wide
        "  → did you mean “led”?",
        "  → 灯: {use: led}",
    ]


def test_control_characters_of_a_file_never_reach_the_terminal() -> None:
    assert "\x1b" not in Problem("XM106", {}, Mark("p.yaml", 1, 1, "a\x1b[31m")).show()


def test_details_may_lack_and_braces_may_stand_in_them() -> None:
    assert "{use}" in message("XM203", "what", "en")
    assert "{pet.__class__}" in message("XM203", "what", "en", use="{pet.__class__}")


def test_a_plugin_says_it_in_its_own_words() -> None:
    assert XMakerError("The tap is closed.", "Open it.").show("en") == "error: The tap is closed.\n  → Open it."


@pytest.mark.skipif(os.name == "nt", reason="there a program is known by its ending")
def test_who_has_not_activated_the_venv_reads_the_whole_path_of_its_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = MissingDependency("The library x is missing.", "sudo apt install gcc && pip install x; ~/v/bin/pip install y")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "my venv" / "python"))
    monkeypatch.setenv("PATH", "/nowhere")
    assert "&& pip install x;" in error.show()  # a venv without a pip, as uv makes them
    (tmp_path / "my venv").mkdir()
    (tmp_path / "my venv" / "pip").touch(0o755)
    assert f'&& "{tmp_path}/my venv/pip" install x; ~/v/bin/pip install y' in error.show()
    assert f'{tmp_path}/my venv/pip" install' in message("XM843", "what", "zh")
    monkeypatch.setenv("PATH", str(tmp_path / "my venv"))
    assert "&& pip install x;" in error.show()


def test_an_error_of_several_problems_shows_them_all() -> None:
    error = ProjectError(problems=[Problem("XM110", {"file": "a"}), Problem("XM110", {"file": "b"})])
    assert isinstance(error, ValueError) and error.code == "XM110"
    assert "a is empty" in error.show("en") and "b is empty" in error.show("en")


@pytest.mark.parametrize(("word", "found"), [("Camera", "camera"), ("camrea", "camera"), ("x", ""), ("", "")])
def test_nearest(word: str, found: str) -> None:
    assert nearest(word, ["camera", "led"]) == found
