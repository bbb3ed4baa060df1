"""Every kind of bad input gives one clear message, at the right place, in both languages."""

from __future__ import annotations

import importlib.util
import itertools
import re
import sys
from pathlib import Path

import pytest

from xmaker.errors import Problem, ProjectError
from xmaker.project import Project

_spec = importlib.util.spec_from_file_location("bad_input", Path(__file__).parent / "bad_input" / "__init__.py")
assert _spec and _spec.loader
bad_input = sys.modules["bad_input"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bad_input)


def problems_of(bad: bad_input.Bad, folder: Path) -> tuple[Problem, ...]:
    try:
        return tuple(bad.load(folder).warnings)
    except ProjectError as error:
        return error.problems


@pytest.mark.parametrize("bad", bad_input.BAD, ids=lambda bad: bad.name)
def test_what_is_said(bad: bad_input.Bad, tmp_path: Path) -> None:
    problems = problems_of(bad, tmp_path)
    assert " ".join(problem.code for problem in problems) == bad.codes
    if bad.places():
        assert [(problem.mark.line, problem.mark.column) for problem in problems if problem.mark] == bad.places()
    corrected = [" / ".join(row.strip() for row in problem.corrected.splitlines()) for problem in problems]
    assert " | ".join(corrected).strip(" |") == bad.corrected
    for problem, language in itertools.product(problems, ("en", "zh")):
        what, shown = problem.what(language), problem.show(language)
        assert what and problem.mend(language) and problem.code in shown
        assert not re.search(r"Item\(|None|Traceback|\x1b", shown)
        assert not re.search(r"\{\w+\}", what)
        assert bool(re.search("[\u4e00-\u9fff]", what)) or language == "en"


@pytest.mark.parametrize(("locale", "language"), [("en_GB.UTF-8", "en"), ("zh_CN.UTF-8", "zh"), ("C", "en"), ("zh_TW", "zh")])
def test_the_locale_chooses_the_language(locale: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    problem = problems_of(bad_input.Bad("front-door", bad_input.line("light", "  front-door: {use: led}"), ""), tmp_path)[0]
    assert problem.show() == problem.show(language)


@pytest.mark.parametrize(
    "bad", [bad for bad in bad_input.BAD if bad.corrected and " | " not in bad.corrected], ids=lambda bad: bad.name
)
def test_the_corrected_line_corrects_it(bad: bad_input.Bad, tmp_path: Path) -> None:
    """Put in place of the wrong line, it gives a project without that problem."""
    problem = problems_of(bad, tmp_path)[0]
    assert isinstance(bad.text, str) and problem.mark
    lines = bad.text.replace("‸", "").split("\n")
    lines[problem.mark.line - 1] = problem.corrected
    after = problems_of(bad_input.Bad("corrected", "\n".join(lines), ""), tmp_path)
    assert problem.code not in [other.code for other in after if other.mark and other.mark.line == problem.mark.line]


@pytest.mark.parametrize(
    "text",
    ["pet == “cat”", "pet == '猫'", "（pet == “cat”） and knob ＞ 0.5", "pet.label in ['cat', '狗']"],
)
def test_full_width_punctuation_is_understood(text: str, tmp_path: Path) -> None:
    assert not problems_of(bad_input.Bad("good", bad_input.when(text), ""), tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_unicode_encoding_with_its_mark_is_read(encoding: str, tmp_path: Path) -> None:
    bad_input.Bad("good", bad_input.when('pet == "猫"').encode(encoding), "").load(tmp_path)


def test_windows_line_ends_are_read(tmp_path: Path) -> None:
    bad_input.Bad("good", bad_input.when('pet == "cat"').replace("\n", "\r\n").encode(), "").load(tmp_path)


def test_no_file_no_project_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    for path, code in ((tmp_path / "none.yaml", "XM101"), (tmp_path, "XM118"), (tmp_path / "folder.yaml", "XM118")):
        with pytest.raises(ProjectError) as caught:
            Project.load(path)
        assert caught.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "\ta\n" * 300_000,
        bad_input.then("[" + "a(, " * 200_000 + "]"),
        bad_input.then("[" + "a(" * 400_000),
        bad_input.when("knob" + ".a" * 400_000),
        bad_input.line("light", "  ? " + "a-" * 400_000 + "\n  : {use: led}"),
    ],
    ids=["lines", "pieces", "brackets", "dots", "name"],
)
def test_a_megabyte_of_mistakes_is_refused_in_a_screenful(text: str, tmp_path: Path) -> None:
    assert len("".join(problem.show() for problem in problems_of(bad_input.Bad("long", text, ""), tmp_path))) < 10_000
