"""Teaching and models in a real browser: what a pupil does there, and what is seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.panel.conftest import says
from tests.plugins.panel.test_teaching import FILMING, shapes, show
from tests.plugins.toolbox.quantizing.networks import write_network
from xmaker.testing import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def panel(start: Callable[..., Any], tmp_path: Path) -> Any:
    show(tmp_path, "ring")
    return start(FILMING)


@pytest.fixture
def page(look: Any, panel: Any) -> Any:
    return opened(look, panel, "teach")


def opened(look: Any, panel: Any, place: str, **options: Any) -> Any:
    page = look(panel, **options)
    says(page, "h1", panel.file.project.name)
    page.goto(f"http://{panel.address}/#{place}")
    return page


def count(page: Any, label: str, most: int) -> None:
    page.wait_for_function(
        "([label, most]) => document.querySelectorAll(`[data-label='${label}'] .thumbs img`).length >= most", arg=[label, most]
    )


def test_a_pupil_teaches_and_the_project_uses_it(look: Any, panel: Any, page: Any, tmp_path: Path) -> None:
    for label in ("ring", "stripes"):
        page.get_by_label("New label").fill(label)
        page.keyboard.press("Enter")
        page.wait_for_selector(f"[data-label={label}]")
    button = page.get_by_label("Hold to take pictures of ring").bounding_box()
    page.mouse.move(button["x"] + 20, button["y"] + 20)
    page.mouse.down()
    count(page, "ring", 6)
    page.mouse.up()
    show(tmp_path, "stripes")  # another thing is held before the camera
    panel.file.path.write_text(FILMING.replace("fps: 20", "fps: 21"), encoding="utf-8")
    panel.file.apply(panel.runtime)
    page.wait_for_timeout(500)
    page.locator("h1").click()
    page.keyboard.down("2")
    count(page, "stripes", 6)
    page.keyboard.up("2")
    page.wait_for_timeout(600)
    taken = len([*(tmp_path / "pictures" / "stripes").iterdir()])
    page.wait_for_timeout(400)
    assert len([*(tmp_path / "pictures" / "stripes").iterdir()]) == taken, "let go is let go"

    page.get_by_role("button", name="Teach", exact=True).click()
    page.wait_for_selector(".figure", timeout=60_000)
    says(page, ".figure", "right, of")
    assert page.locator(".matrix tbody tr").count() == 2
    page.get_by_text("Try it on the live picture").click()
    page.wait_for_function("() => document.querySelector('.ranking li span')?.innerText === 'stripes'", timeout=30_000)
    page.get_by_text("End the try").click()
    page.get_by_role("button", name="Use it").click()
    says(page, ".used", "shape uses taught_1.json now")
    says(page, ".doubt", "shape never gives the label “umbrella”.")
    says(page, ".picture .labels", "stripes")
    assert "model: taught_1.json" in panel.file.path.read_text(encoding="utf-8")
    wait_until(lambda: "shape" in panel.runtime.rules.values and panel.runtime.rules.values["shape"].label == "stripes")


def test_a_name_that_is_being_typed_stays_when_the_page_is_drawn_anew(panel: Any, page: Any, tmp_path: Path) -> None:
    page.get_by_label("New label").fill("pear")
    page.keyboard.press("Enter")
    page.get_by_label("Name of the label pear").fill("apple")
    panel.file.path.write_text(FILMING.replace("Shapes", "Another title"), encoding="utf-8")
    panel.file.apply(panel.runtime)
    says(page, "h1", "Another title")
    page.keyboard.press("Tab")
    page.wait_for_selector("[data-label=apple]")
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["apple"]


def test_labels_and_pictures_are_changed_with_the_keyboard_alone(page: Any, tmp_path: Path) -> None:
    page.get_by_label("New label").fill("苹果")
    page.keyboard.press("Enter")
    page.get_by_label("Hold to take pictures of 苹果").focus()
    page.keyboard.down("Space")
    count(page, "苹果", 2)
    page.keyboard.up("Space")
    page.wait_for_timeout(500)
    page.get_by_label("Name of the label 苹果").fill("apple")
    page.keyboard.press("Tab")
    page.wait_for_selector("[data-label=apple]")
    before = len([*(tmp_path / "pictures" / "apple").iterdir()])
    page.locator("[data-label=apple] .thumbs button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('.thumbs img').length === n", arg=before - 1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("Remove apple").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('.kind')")
    assert not (tmp_path / "pictures" / "apple").exists()


def test_a_finger_takes_pictures_for_as_long_as_it_is_there(look: Any, panel: Any, tmp_path: Path) -> None:
    page = opened(look, panel, "teach", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.get_by_label("New label").fill("ring")
    page.keyboard.press("Enter")
    button = page.get_by_label("Hold to take pictures of ring")
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    finger = page.context.new_cdp_session(page)
    there = [{"x": place["x"] + 40, "y": place["y"] + 20}]
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": there})
    count(page, "ring", 3)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_selector(".hold:not(.down)")
    page.wait_for_timeout(500)
    taken = len([*(tmp_path / "pictures" / "ring").iterdir()])
    page.wait_for_timeout(500)
    assert len([*(tmp_path / "pictures" / "ring").iterdir()]) == taken


def test_a_name_that_is_taken_is_refused_and_put_back(look: Any, page: Any, tmp_path: Path) -> None:
    shapes(tmp_path, 1)
    page.reload()
    page.get_by_label("Name of the label ring").fill("stripes")
    page.keyboard.press("Tab")
    says(page, ".banner", "There is a label “stripes” already.")
    page.wait_for_function("() => document.querySelector('[data-label=ring] .name').value === 'ring'")
    look.complaints.clear()


def test_too_few_pictures_are_refused_in_words(look: Any, page: Any, tmp_path: Path) -> None:
    shapes(tmp_path, 3)
    page.reload()
    says(page, "[data-label=ring]", "3 pictures / 5")
    page.get_by_role("button", name="Teach", exact=True).click()
    says(page, ".banner", "The class “ring” has 3 pictures that can be read; it needs 5.")
    look.complaints.clear()  # the browser tells of the 409


def test_a_lesson_is_cancelled(page: Any, tmp_path: Path) -> None:
    shapes(tmp_path, 120)
    page.reload()
    page.wait_for_selector("[data-label=ring]")
    page.get_by_role("button", name="Teach", exact=True).click()
    page.wait_for_function("() => document.querySelector('.work progress')?.value > 0.03", timeout=30_000)
    page.get_by_role("button", name="Cancel").click()
    says(page, ".banner", "cancelled, nothing is kept")
    page.get_by_role("button", name="Dismiss").click()
    page.wait_for_function("() => !document.querySelector('.work, .lesson .banner')")


def test_a_model_is_uploaded_quantized_tried_and_used(look: Any, colours: Any, tmp_path: Path) -> None:
    page = opened(look, colours, "model")
    write_network(tmp_path / "mine.onnx")
    (tmp_path / "mine.onnx").rename(tmp_path / "upload.bin")
    page.get_by_label("Model file").set_input_files(
        {"name": "mine.onnx", "mimeType": "application/octet-stream", "buffer": (tmp_path / "upload.bin").read_bytes()}
    )
    page.get_by_role("button", name="Upload").click()
    says(page, ".model-card h2", "models/mine.onnx")
    says(page, ".facts", "classify")
    says(page, ".facts", "red 红, green 绿, blue 蓝")
    page.get_by_role("button", name="Make it smaller and faster").click()
    page.wait_for_selector(".outcome table", timeout=90_000)
    page.reload()
    page.wait_for_selector(".model-card[aria-label='models/mine.onnx'] .outcome table")  # not at the first model of the list
    page.get_by_role("button", name="Show models/mine_int8.onnx").click()
    says(page, ".model-card h2", "models/mine_int8.onnx")
    page.get_by_label("Picture", exact=True).set_input_files(str(tmp_path / "pictures" / "blue" / "3.png"))
    says(page, ".ranking li", "blue")
    page.get_by_role("button", name="What the camera sees now").click()
    says(page, ".ranking li", "green")
    page.get_by_role("button", name="Measure how often it is right").click()
    says(page, ".outcome .figure", "100.0 %")
    page.get_by_role("button", name="Use it").click()
    says(page, ".used", "colour uses models/mine_int8.onnx now")
    assert "model: models/mine_int8.onnx" in colours.file.path.read_text(encoding="utf-8")
    with page.expect_download() as got:
        page.get_by_role("link", name="Download").click()
    assert Path(got.value.path()).read_bytes() == (tmp_path / "models" / "mine_int8.onnx").read_bytes()


def test_what_is_no_model_or_far_too_large_is_refused_in_words(look: Any, colours: Any, tmp_path: Path) -> None:
    page = opened(look, colours, "model")
    page.get_by_label("Model file").set_input_files({"name": "cat.onnx", "mimeType": "image/png", "buffer": b"not a network"})
    page.get_by_role("button", name="Upload").click()
    says(page, ".banner", "cat.onnx is no ONNX model, or it is damaged.")
    with (tmp_path / "large.onnx").open("wb") as file:
        file.truncate(200_000_000)
    page.get_by_label("Model file").set_input_files(str(tmp_path / "large.onnx"))
    page.get_by_role("button", name="Upload").click()
    says(page, ".banner", "large.onnx is larger than 100 MB.")
    look.complaints.clear()


def test_both_pages_are_in_chinese_and_dark_too(look: Any, colours: Any) -> None:
    page = opened(look, colours, "teach", locale="zh-CN", color_scheme="dark")
    says(page, ".lesson h2", "上课")
    says(page, "[data-label=red]", "10 张")
    page.goto(f"http://{colours.address}/#model")
    says(page, ".model-card", "用图片试一试")
    english = page.evaluate("() => document.querySelector('main').innerText.match(/\\b(Upload|Remove|Try|Teach|Labels)\\b/)")
    assert english is None


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("place", ["teach", "model"])
def test_nothing_sticks_out_at_any_width(look: Any, colours: Any, width: int, place: str) -> None:
    page = opened(look, colours, place, viewport={"width": width, "height": 800})
    page.wait_for_selector(".kind, .facts")
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
