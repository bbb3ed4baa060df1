"""The page's line to the run in a real browser: one, whatever happens to the page, for a server has lines for so many only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.panel.conftest import HALL, says
from tests.plugins.toolbox.quantizing.networks import write_pictures

pytestmark = pytest.mark.slow

LONGER = 2500
"""Milliseconds: more than a page waits before it tries once more to have a line."""
TURN = """turns => turns.forEach((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
})"""

SLEEPY = """
window.sockets = []; window.due = []; window.slow = false; window.unpacked = 0;
const [Line, frame, make] = [WebSocket, requestAnimationFrame, createImageBitmap];
window.WebSocket = class extends Line { constructor(...all) { super(...all); sockets.push(this); } };
window.requestAnimationFrame = (draw) => window.slow ? due.push(draw) : frame(draw);
window.createImageBitmap = (jpeg) => {
    const made = make(jpeg).finally(() => (window.unpacked += window.slow));
    if (window.slow && sockets.at(-1) !== window.before) { window.again = true; due.forEach((draw) => draw()); }
    return made;
};
"""
"""A page whose drawings wait until a picture of another line is being unpacked, as in a computer that has slept."""


@pytest.fixture
def panel(start: Callable[..., Any]) -> Any:
    return start(HALL)


def lines_of(page: Any) -> list[Any]:
    """Load the page anew; return its open lines to `/events`, now and later."""
    found: list[Any] = []

    def take(line: Any) -> None:
        if "/events" in line.url:
            found.append(line)
            line.on("close", lambda closed: found.remove(closed))

    page.wait_for_selector(".rules")  # the line before is not counted
    page.on("websocket", take)
    page.reload()
    page.wait_for_selector(".rules")
    return found


def test_a_page_has_one_line_however_often_its_language_is_changed(look: Any, panel: Any) -> None:
    page = look(panel)
    lines = lines_of(page)
    for word in ("中文", "EN", "中文"):
        page.locator(".tools .word").get_by_text(word).click()
        page.wait_for_timeout(LONGER)
        assert len(lines) == 1
    for _ in range(3):
        page.locator(".tools .word").click()  # without a pause
    page.wait_for_timeout(LONGER)
    assert len(lines) == 1 and "lang=en" in lines[0].url


def test_a_page_that_nobody_sees_has_no_line_and_one_again_when_it_is_seen(look: Any, panel: Any) -> None:
    page = look(panel)
    lines = lines_of(page)
    page.evaluate(TURN, [True])
    page.wait_for_timeout(5000 + LONGER)
    assert lines == []
    page.evaluate(TURN, [False, True, False])
    page.wait_for_timeout(LONGER)
    assert len(lines) == 1
    panel.runtime.set("room.value", 44)
    says(page, "[data-node=room]", "44")


def test_a_pin_that_is_half_written_is_still_there_after_a_look_elsewhere(look: Any, start: Callable[..., Any]) -> None:
    panel = start(HALL, host="0.0.0.0")
    panel.address = f"127.0.0.1:{panel.address.rpartition(':')[2]}"
    page = look(panel)
    page.get_by_label("PIN").fill("123")
    page.evaluate(TURN, [True])
    page.wait_for_timeout(5000 + LONGER)
    page.evaluate(TURN, [False])
    page.wait_for_timeout(300)
    assert page.get_by_label("PIN").input_value() == "123"
    look.complaints[:] = [said for said in look.complaints if "401" not in said]


def test_a_drawing_that_is_late_still_has_its_picture(look: Any, start: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "seen").mkdir()
    write_pictures(tmp_path / "pictures")
    for number, colour in enumerate(("red", "green", "blue")):
        (tmp_path / "pictures" / colour / "0.png").rename(tmp_path / "seen" / f"{number}.png")
    page = look(start("name: Film\ninputs: {camera: {source: seen, fps: 10, loop: true}}"))
    page.add_init_script(SLEEPY)
    page.reload()
    page.wait_for_selector(".picture small:has-text('a second')")
    page.evaluate("() => { window.slow = true; window.before = sockets.at(-1); }")
    page.wait_for_function("() => unpacked > 0", polling=50)
    page.wait_for_timeout(200)  # until its drawing is due
    page.evaluate("() => before.close()")
    page.wait_for_function("() => window.again", polling=50)
    page.wait_for_timeout(300)  # whatever the page complains about fails the test
