"""What the editor offers while somebody writes, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.panel.conftest import says
from tests.plugins.panel.test_editor_browser import TEXT, film, text_of

pytestmark = pytest.mark.slow


@pytest.fixture
def panel(start: Callable[..., Any], tmp_path: Path) -> Any:
    film(tmp_path)
    return start(TEXT)


def write(page: Any, after: str, typed: str) -> None:
    """Type at the end of a line; what begins with a comma goes within its brackets."""
    line = next(line for line in page.locator(".cm-line").all() if line.inner_text().rstrip() == after)
    line.click()
    page.keyboard.press("End")
    if typed.startswith(","):
        page.keyboard.press("ArrowLeft")
    page.keyboard.type(typed)


@pytest.mark.parametrize(
    ("after", "typed", "offered"),
    [
        ("  shine: {use: rgb_led}", "\nbell: bu", "buzzer"),
        ("  room: {use: light}", "\ndoor: {use: button, ho", "hold"),
        ("    else: [lamp.off]", "\ncoo", "cooldown"),
        ("    then: [lamp.on]", "\nfor: ", "0.5 s"),
        ("  - when: room < 30", " and cla", "clamp"),
    ],
)
def test_what_may_be_written_is_offered(editor: Any, panel: Any, after: str, typed: str, offered: str) -> None:
    page = editor(panel)
    write(page, after, typed)
    page.keyboard.press("Control+Space")
    says(page, ".cm-tooltip-autocomplete", offered)
    page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("after", "typed", "explained"),
    [
        ("  shine: {use: rgb_led}", "\nbell: buzz", "蜂鸣器"),
        ("  room: {use: light}", "\ndoor: {use: button, ho", "按多久算长按。"),
        ("    else: [lamp.off]", "\ncoo", "触发以后休息多久。"),
        ("  - when: room < 30", " and cla", "限制在 low 和 high 之间。"),
        ("    else: [lamp.off]", ", lamp.bl", "一亮一灭"),
    ],
)
def test_on_the_chinese_page_what_is_offered_is_explained_in_chinese(
    editor: Any, panel: Any, after: str, typed: str, explained: str
) -> None:
    page = editor(panel, locale="zh-CN")
    write(page, after, typed)
    page.keyboard.press("Control+Space")
    says(page, ".cm-completionInfo", explained)
    page.keyboard.press("Escape")


def test_actions_and_colours_are_offered_and_taken_with_enter(editor: Any, panel: Any) -> None:
    page = editor(panel)
    write(page, "    then: [lamp.on]", ", shine.col")
    says(page, ".cm-tooltip-autocomplete", "colour")
    page.wait_for_timeout(150)  # CodeMirror lets nobody take what has only just come
    page.keyboard.press("Enter")
    page.keyboard.type('"re')
    says(page, ".cm-tooltip-autocomplete", "red")
    page.wait_for_timeout(150)
    page.keyboard.press("Enter")
    page.keyboard.type('")')
    assert 'then: [lamp.on, shine.colour("red")]' in text_of(page)
    says(page, ".beside", "No mistakes.")
