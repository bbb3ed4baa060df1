"""The editor in a real browser: a file is broken and mended, a rule is changed while pictures go on, two write one file."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.panel.conftest import HALL, says

pytestmark = pytest.mark.slow

TEXT = """\
name: Film
simulate: true

inputs:
  camera: {source: pictures, fps: 20, loop: true}
  room: {use: light}

outputs:
  lamp: {use: led}
  shine: {use: rgb_led}

rules:
  - when: room < 30
    then: [lamp.on]
    else: [lamp.off]
"""


def film(folder: Path) -> None:
    """Write the pictures that the project's camera sees."""
    import cv2
    import numpy as np

    (folder / "pictures").mkdir()
    for number in range(3):
        cv2.imwrite(str(folder / "pictures" / f"{number}.png"), np.full((60, 80, 3), 80 * number, np.uint8))


@pytest.fixture
def panel(start: Callable[..., Any], tmp_path: Any) -> Any:
    film(tmp_path)
    return start(TEXT)


def text_of(page: Any) -> str:
    return "\n".join(page.locator(".cm-line").all_inner_texts()).replace("\u200b", "")


def change(page: Any, old: str, new: str) -> None:
    """Change a word in the text, with mouse and keyboard."""
    line = next(line for line in page.locator(".cm-line").all() if old in line.inner_text())
    line.click()
    page.keyboard.press("End")
    page.keyboard.press("Shift+Home")
    page.keyboard.insert_text(line.inner_text().strip("\n").strip(" ").replace(old, new))


def test_a_mistake_is_told_in_place_mended_with_a_click_and_saved(editor: Any, panel: Any) -> None:
    page = editor(panel)
    change(page, "led}", "ledd}")
    says(page, ".mistakes", "There is no node type “ledd”.")
    page.wait_for_selector(".cm-lintRange-error")
    page.get_by_role("button", name="Save").click()
    says(page, ".banner", "the last good one goes on running")
    assert panel.runtime.project.nodes["lamp"].type.use == "led"
    page.locator(".mended button").click()
    says(page, ".beside", "No mistakes.")
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !document.querySelector('.banner.bad')")
    assert "lamp: {use: led}" in panel.file.path.read_text(encoding="utf-8")


def test_very_many_brackets_do_not_break_the_editor(editor: Any, hall: Any) -> None:
    page = editor(hall)
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    for count in (
        1500,
        2000,
        3000,
        5000,
        8000,
        10_000,
    ):  # at some of them the parser used to fail, as fast as it happened to be
        page.keyboard.insert_text("[" * count)
        page.wait_for_timeout(400)
        page.keyboard.press("Control+z")
        page.wait_for_timeout(100)
    page.keyboard.insert_text("[" * 2000)
    says(page, ".mistakes", "nested more than 64 deep")
    page.keyboard.press("Control+z")
    says(page, ".beside", "No mistakes.")


def test_a_changed_rule_starts_no_node_and_the_camera_goes_on(editor: Any, panel: Any) -> None:
    page = editor(panel)
    before, camera = dict(panel.runtime.workers), panel.runtime.workers["camera"]
    began, frames = time.monotonic(), camera.events
    change(page, "room < 30", "room < 60")
    page.keyboard.press("Control+s")
    says(page, ".change", "no node had to be started anew")
    took, seen = time.monotonic() - began, camera.events - frames
    assert panel.runtime.workers == before
    assert seen >= took / 0.05 * 0.7, f"{seen} pictures in {took:.2f} s"
    panel.runtime.set("room.value", 45)
    page.goto(f"http://{panel.address}/#live")
    page.wait_for_selector("[data-rule='1'][data-state=true]")
    says(page, ".rules", "room < 60")


def test_only_the_node_that_has_changed_is_named(editor: Any, panel: Any) -> None:
    page, camera = editor(panel), panel.runtime.workers["camera"]
    change(page, "{use: light}", "{use: light, every: 200 ms}")
    page.get_by_role("button", name="Save").click()
    says(page, ".change", "Started anew: room.")
    assert panel.runtime.workers["camera"] is camera


def test_two_browsers_with_the_same_file_lose_nothing(editor: Any, panel: Any) -> None:
    one, other = editor(panel), editor(panel, locale="zh-CN")
    change(one, "room < 30", "room < 31")
    change(other, "name: Film", "name: Mine")
    one.keyboard.press("Control+s")
    says(other, ".banner", "文件在别处被改了")
    assert "Mine" in text_of(other)
    other.get_by_role("button", name=re.compile("保留我的")).click()
    other.keyboard.press("Control+s")
    other.get_by_role("button", name="保存", exact=True).click()
    one.wait_for_function("() => document.querySelector('.cm-content').innerText.includes('name: Mine')")
    other.get_by_role("tab", name="以前的版本").click()
    other.get_by_label("取回 2").click()
    other.wait_for_function("() => document.querySelector('.cm-content').innerText.includes('room < 31')")


def test_a_change_elsewhere_is_shown_and_undo_brings_mine_back(editor: Any, panel: Any) -> None:
    page = editor(panel)
    panel.file.path.write_text(TEXT.replace("name: Film", "name: Outside"), encoding="utf-8")
    page.wait_for_function("() => document.querySelector('.cm-content').innerText.includes('name: Outside')")
    change(page, "room < 30", "room < 77")
    panel.file.path.write_text(TEXT.replace("name: Film", "name: Again"), encoding="utf-8")
    says(page, ".banner", "changed elsewhere")
    page.get_by_role("button", name=re.compile("Show the file")).click()
    page.wait_for_function("() => document.querySelector('.cm-content').innerText.includes('name: Again')")
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+z")
    page.wait_for_function("() => document.querySelector('.cm-content').innerText.includes('room < 77')")


def project(folder: Any, name: str) -> Any:
    folder.mkdir()
    (folder / "project.yaml").write_text(f"name: {name}\nsimulate: true\ninputs: {{room: {{use: light}}}}\n", encoding="utf-8")
    return folder


def test_another_project_at_the_same_address_is_not_written_over(editor: Any, start: Callable[..., Any], tmp_path: Any) -> None:
    first = start(project(tmp_path / "first", "First"))
    page, idle = editor(first), editor(first)
    change(page, "name: First", "name: Mine")
    says(page, ".writing", "not saved yet")
    first.end()
    start(project(tmp_path / "second", "Second"), port=int(first.address.rpartition(":")[2]))
    says(idle, "h1", "Second")
    idle.wait_for_function("() => document.querySelector('.cm-content')?.innerText.includes('name: Second')")
    says(page, ".banner", "Another project runs here now: Second.")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(300)
    assert "name: Second" in (tmp_path / "second" / "project.yaml").read_text(encoding="utf-8")
    assert "name: Mine" in text_of(page), "nothing is lost"
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Show Second").click()
    page.wait_for_function("() => document.querySelector('.cm-content')?.innerText.includes('name: Second')")
    editor.complaints[:] = [said for said in editor.complaints if "ERR_CONNECTION_REFUSED" not in said]


def test_what_is_not_saved_outlives_a_look_at_another_page_and_another_language(editor: Any, panel: Any) -> None:
    page = editor(panel)
    change(page, "room < 30", "room < 55")
    page.get_by_role("link", name="Live").click()
    page.wait_for_selector(".rules")
    page.get_by_role("link", name="Editor").click()
    page.wait_for_selector(".cm-content")
    assert "room < 55" in text_of(page)
    page.get_by_text("中文", exact=True).click()
    says(page, ".writing", "还没保存")
    says(page, ".cm-content", "room < 55")  # the editor is made anew in the other language
    assert panel.file.path.read_text(encoding="utf-8") == TEXT


def test_a_broken_project_opens_at_its_mistake_and_starts_when_mended(
    editor: Any, start: Callable[..., Any], panel: Any
) -> None:
    broken = start(
        TEXT.replace("lamp.on]", "lamp.glow]").replace("camera: {source: pictures, fps: 20, loop: true}", "door: {use: button}")
    )
    page = editor(broken)
    says(page, ".banner", "The project starts when they are mended.")
    page.wait_for_selector(".cm-activeLine:has-text('lamp.glow')")
    page.keyboard.press("End")
    page.keyboard.press("Shift+Home")
    page.keyboard.insert_text("then: [lamp.on]")
    says(page, ".beside", "No mistakes.")
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !document.querySelector('.banner.bad')")
    page.get_by_role("link", name="Live").click()
    broken.runtime.set("room.value", 3)
    says(page, "[data-node=lamp]", "lamp: on")


def test_the_same_as_python(editor: Any, panel: Any) -> None:
    page = editor(panel)
    page.get_by_role("tab", name="As Python").click()
    says(page, ".python", "project.rule(")
    change(page, "room < 30", "room < 12")
    says(page, ".python", "room < 12")


def test_everything_can_be_done_with_the_keyboard(editor: Any, panel: Any) -> None:
    page = editor(panel)
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("cm-content"), "Tab indents"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.className").startswith("cm-content"), "after Esc it leads on"


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("view", ["Mistakes", "As Python", "Earlier versions"])
def test_nothing_sticks_out_at_any_width(editor: Any, panel: Any, width: int, view: str) -> None:
    page = editor(panel, viewport={"width": width, "height": 800})
    change(page, "room < 30", "room < 30 and nothing_that_is_known_to_anybody_in_this_long_long_file > 3")
    says(page, ".beside", "XM")
    page.get_by_role("tab", name=view).click()
    wide = page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
    assert wide <= width


def test_dark_is_dark_in_the_text_too(editor: Any, panel: Any) -> None:
    page = editor(panel, color_scheme="dark")
    back = page.evaluate("getComputedStyle(document.querySelector('.cm-editor')).backgroundColor")
    assert back == "rgb(13, 17, 23)"


def test_a_file_that_is_gone_is_said_and_saving_writes_it_again(start: Any, editor: Any, tmp_path: Path) -> None:
    page = editor(start(HALL))
    (tmp_path / "project.yaml").unlink()
    says(page, ".banner.bad", "project.yaml is not there any more")
    page.locator(".bar .strong").click()
    page.wait_for_selector(".banner.bad", state="detached")
    assert "room < 30" in (tmp_path / "project.yaml").read_text(encoding="utf-8")
    (tmp_path / "project.yaml").unlink()
    says(page, ".banner.bad", "project.yaml is not there any more")
    change(page, "room < 30", "room < 40")
    page.keyboard.press("Control+s")
    page.wait_for_selector(".banner.bad", state="detached")
    assert "room < 40" in (tmp_path / "project.yaml").read_text(encoding="utf-8")
