"""The page says when what it shows is not what runs, and has a button that makes it so. In a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.panel.conftest import HALL, says
from tests.plugins.toolbox.quantizing.networks import write_network
from xmaker.testing import wait_until

pytestmark = pytest.mark.slow

FILM = """
name: Film
simulate: true
inputs: {camera: {source: seen, loop: true}}
outputs: {lamp: {use: led}}
"""


def write_picture(folder: Path) -> None:
    import cv2
    import numpy as np

    cv2.imwrite(str(folder / "0.png"), np.zeros((60, 80, 3), np.uint8))


def is_grey(page: Any, word: str) -> None:
    page.wait_for_selector(f".bar button[disabled]:has-text('{word}')")


def test_a_file_that_is_changed_elsewhere_is_applied_with_a_click(editor: Any, hall: Any) -> None:
    page = editor(hall)
    says(page, ".writing", "saved")
    is_grey(page, "Save")
    hall.file.path.write_text(HALL.replace("door: {use: button}", "gate: {use: button}"), encoding="utf-8")
    says(page, ".cm-content", "gate")
    says(page, ".writing", "not running yet")
    assert "gate" not in hall.runtime.workers
    page.get_by_role("link", name="Live").click()
    says(page, ".banner", "not running yet")
    page.get_by_role("link", name="Editor").click()
    page.get_by_role("button", name="Apply").click()
    says(page, ".change", "Started anew: gate.")
    assert "gate" in hall.runtime.workers
    is_grey(page, "Save")
    says(page, ".writing", "saved")
    assert page.locator(".banner").count() == 0


def test_a_file_that_is_broken_elsewhere_does_not_run_either(editor: Any, hall: Any) -> None:
    page = editor(hall, locale="zh-CN")
    hall.file.path.write_text(HALL.replace("lamp.on", "lamp.glow"), encoding="utf-8")
    says(page, ".writing", "还没有运行")
    page.get_by_role("button", name="运行这一版").click()
    says(page, ".banner", "上一个正确的版本继续运行")
    says(page, ".writing", "还没有运行")
    hall.file.path.write_text(HALL, encoding="utf-8")
    says(page, ".beside", "没有错误。")
    page.get_by_role("button", name="再试一次").click()
    page.wait_for_function("() => !document.querySelector('.banner')")
    is_grey(page, "保存")


def test_a_file_that_is_followed_needs_no_click(editor: Any, hall: Any) -> None:
    page = editor(hall)
    with hall.file.followed(hall.runtime):
        hall.file.path.write_text(HALL.replace("name: Hall", "name: Followed"), encoding="utf-8")
        says(page, ".cm-content", "Followed")
        is_grey(page, "Save")
        says(page, "h1", "Followed")


def test_what_is_mended_beside_the_file_is_tried_again_with_a_click(
    editor: Any, start: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "seen").mkdir()
    panel = start(FILM)
    page = editor(panel, viewport={"width": 390, "height": 800}, has_touch=True)
    says(page, ".beside", "There are no pictures in")
    says(page, ".banner", "The project starts when they are mended.")
    page.get_by_role("button", name="Try again").tap()
    says(page, ".beside", "There are no pictures in")
    write_picture(tmp_path / "seen")
    page.reload()
    says(page, ".beside", "No mistakes.")
    says(page, ".banner", "No mistakes any more. Press “Try again”.")
    page.get_by_role("button", name="Try again").tap()
    page.wait_for_function("() => !document.querySelector('.banner')")
    wait_until(lambda: panel.runtime.workers["camera"].events > 2)
    is_grey(page, "Save")


def test_a_model_that_is_missing_is_brought_before_the_project_has_begun(
    look: Any, start: Callable[..., Any], tmp_path: Path
) -> None:
    write_network(tmp_path / "brought.onnx")
    (tmp_path / "seen").mkdir()
    write_picture(tmp_path / "seen")
    panel = start(
        FILM.replace("outputs", "models: {colour: {use: classifier, model: models/colours.onnx, from: camera}}\noutputs")
    )
    page = look(panel)
    says(page, ".beside", "models/colours.onnx")
    for name in ("Live", "Data", "Teach"):
        assert page.locator("nav a", has_text=name).get_attribute("title") == "Mend the project file first."
        page.locator("nav a", has_text=name).click(force=True)
        page.wait_for_selector(".editor")
    page.get_by_role("link", name="Models").click()
    says(page, ".banner", "models/colours.onnx")
    data = (tmp_path / "brought.onnx").read_bytes()
    page.get_by_label("Model file").set_input_files(
        {"name": "colours.onnx", "mimeType": "application/octet-stream", "buffer": data}
    )
    page.get_by_role("button", name="Upload").click()
    says(page, ".model-card h2", "models/colours.onnx")
    page.get_by_role("link", name="Editor").click()
    says(page, ".banner", "No mistakes any more.")
    page.get_by_role("button", name="Try again").click()
    wait_until(lambda: "colour" in panel.runtime.workers and panel.runtime.workers["colour"].events > 0)
    page.get_by_role("link", name="Live").click()
    page.wait_for_selector(".picture")
