"""The list of projects in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.plugins.panel.conftest import says

pytestmark = pytest.mark.slow

TEXT = "name: My lamp\nsimulate: true\ninputs: {door: {use: button}}\noutputs: {lamp: {use: led}}\n"


@pytest.fixture
def shelf(tmp_path: Path, english: None) -> Iterator[Any]:
    from xmaker_panel.projects import listing

    (tmp_path / "lamp.yaml").write_text(TEXT, encoding="utf-8")
    with listing(tmp_path, "", 0) as words:
        yield SimpleNamespace(address=words.split("/")[2], folder=tmp_path)


def test_a_project_is_copied_started_opened_and_stopped(shelf: Any, look: Any) -> None:
    page = look(shelf)
    page.get_by_label("Copy here: Night light").click()
    page.wait_for_selector("[data-project='here/night_light']")
    page.get_by_label("Start My lamp").click()
    says(page, "[data-project='here/lamp.yaml'] .tag", "running")
    page.locator("[data-project='here/lamp.yaml']").get_by_text("Open").click()
    says(page, "h1", "My lamp")
    page.locator("[data-node=door] .push").wait_for()
    page.get_by_role("link", name="Projects").click()
    page.get_by_label("Stop My lamp").click()
    page.get_by_label("Start My lamp").wait_for()
    assert sorted(path.name for path in shelf.folder.iterdir()) == ["lamp.yaml", "night_light"]


def test_a_project_whose_pictures_end_stays_to_be_looked_at(shelf: Any, look: Any) -> None:
    from xmaker.cli.gallery import gallery

    media = gallery() / "cat_dog" / "media"
    text = f"name: Once\ninputs: {{camera: {{source: {media}}}}}\noutputs: {{screen: {{from: camera}}}}\n"
    (shelf.folder / "once.yaml").write_text(text, encoding="utf-8")
    page = look(shelf)
    page.get_by_label("Start Once").click()
    says(page, "[data-project='here/once.yaml'] .tag", "running")
    page.locator("[data-project='here/once.yaml']").get_by_text("Open").click()
    says(page, ".banner", "played to their end")
    says(page, ".banner", "“Stop” in the list of projects")
    page.wait_for_function("() => document.querySelector('.picture canvas')?.width > 100")
    page.get_by_role("link", name="Projects").click()
    says(page, "[data-project='here/once.yaml'] .tag", "running")


def test_what_has_become_of_a_folder_is_said(shelf: Any, look: Any) -> None:
    page = look(shelf)
    page.get_by_label("Start My lamp").click()
    says(page, "[data-project='here/lamp.yaml'] .tag", "running")
    (shelf.folder / "lamp.yaml").unlink()
    says(page, "[data-project='here/lamp.yaml']", "renamed or deleted")
    page.get_by_label("Stop lamp").click()
    page.wait_for_selector("[data-project='here/lamp.yaml']", state="detached")
    shelf.folder.rename(shelf.folder.with_name("elsewhere"))
    says(page, ".banner.bad", "No such file or directory")
    shelf.folder.with_name("elsewhere").rename(shelf.folder)
    page.wait_for_selector(".banner.bad", state="detached")
    look.complaints[:] = [said for said in look.complaints if "409" not in said]


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_sticks_out_at_any_width(shelf: Any, look: Any, width: int) -> None:
    page = look(shelf, viewport={"width": width, "height": 800}, locale="zh-CN")
    says(page, "h2", "XMaker 自带")
    assert page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)") <= width


def test_it_can_be_used_with_the_keyboard_alone(shelf: Any, look: Any) -> None:
    page = look(shelf)
    page.get_by_label("Start My lamp").focus()
    page.keyboard.press("Enter")
    says(page, "[data-project='here/lamp.yaml'] .tag", "running")


def test_the_pin_of_a_run_is_given_at_the_list_which_leads_back(tmp_path: Path, english: None, look: Any) -> None:
    from xmaker_panel.projects import listing

    (tmp_path / "lamp.yaml").write_text(TEXT, encoding="utf-8")
    with listing(tmp_path, "0.0.0.0", 0) as words:
        shelf = SimpleNamespace(address=f"127.0.0.1:{words.split('/')[2].rpartition(':')[2]}")
        pin = words.split()[-1]
        first = look(shelf)
        first.get_by_label("PIN").fill(pin)
        first.keyboard.press("Enter")
        first.get_by_label("Start My lamp").click()
        first.locator("[data-project='here/lamp.yaml']").get_by_text("Open").click()
        says(first, "h1", "My lamp")
        run = SimpleNamespace(address=first.url.split("/")[2])
        other = look(run)
        other.get_by_label("PIN").fill(pin)
        other.keyboard.press("Enter")
        says(other, "h1", "My lamp")
        assert other.url.split("/")[2] == run.address != shelf.address
    look.complaints[:] = [said for said in look.complaints if "401" not in said]
