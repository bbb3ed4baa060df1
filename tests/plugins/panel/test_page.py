"""The page's files: every word in both languages, every import there, what comes from npm is told of in NOTICE."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import xmaker_panel

STATIC = Path(xmaker_panel.__file__).parent / "static"
OWN = sorted(path for path in STATIC.rglob("*.js") if "vendor" not in path.parts)
ROOT = Path(__file__).resolve().parents[3]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def words() -> dict[str, tuple[str, str]]:
    files = "\n".join(text(path) for path in sorted(STATIC.glob("js/words/*.js")))
    found = re.findall(r'^  (\w+): \["(.*)", "(.*)"\],$', files, re.MULTILINE)
    assert len(found) == len({key for key, _, _ in found}), "two pages may not have two words under one name"
    return {key: (english, chinese) for key, english, chinese in found}


def test_every_word_is_there_in_both_languages() -> None:
    known = words()
    assert len(known) > 50
    assert all(english and chinese for english, chinese in known.values())
    used = {key for path in OWN for key in re.findall(r'\bt\("(\w+)"', text(path))}
    assert used <= set(known)


def test_no_word_is_left_over() -> None:
    all_text = "\n".join(text(path) for path in OWN if path.parent.name != "words")
    in_python = ("lost", "failed", "paused", "opening", "new", "done", "holds", "cools", "waits", "true", "broke")
    plurals = ("inputs", "models", "outputs")
    unused = [key for key in words() if not re.search(rf"\b{key}\b", all_text) and key not in (*in_python, *plurals)]
    assert unused == []


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_what_a_file_imports_is_there(path: Path) -> None:
    for target in re.findall(r'from "([^"]+)"', text(path)):
        assert target.startswith("."), f"a page under a strict policy finds no {target}"
        assert (path.parent / target).resolve().is_file()


@pytest.mark.parametrize("path", OWN + sorted(STATIC.rglob("*.css")), ids=lambda path: path.name)
def test_files_are_small_and_ask_nobody_else(path: Path) -> None:
    if "vendor" in path.parts:
        return
    assert len(text(path).splitlines()) < 300
    addresses = re.findall(r"https?://[\w.]+", text(path))
    assert set(addresses) <= {"http://www.w3.org"}


def test_what_the_page_names_is_there() -> None:
    for target in re.findall(r'(?:href|src)="/static/([^"]+)"', text(STATIC / "index.html")):
        assert (STATIC / target).is_file()
    assert "<script>" not in text(STATIC / "index.html") and "style=" not in text(STATIC / "index.html")


def test_what_comes_from_npm_is_told_of() -> None:
    notice = text(ROOT / "NOTICE")
    for licence in STATIC.glob("vendor/LICENSE-*"):
        assert f"plugins/xmaker_panel/static/vendor/{licence.name}" in notice
    build = text(STATIC.parent / "build_static.py")
    for path in (STATIC / "vendor").iterdir():
        assert f'"{path.name}"' in build, "every file there can be made again"
