"""How the panel looks in a real browser: light and dark, two languages, every width, long names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.plugins.panel.conftest import says
from tests.plugins.panel.test_browser import ALL

pytestmark = pytest.mark.slow


@pytest.fixture
def panel(start: Callable[..., Any]) -> Any:
    return start(ALL)


def test_light_and_dark_and_two_languages_are_chosen_and_kept(look: Any, panel: Any) -> None:
    page = look(panel, color_scheme="light")
    says(page, "h1", "Everything")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_title("Light or dark").click()
    page.wait_for_function("before => getComputedStyle(document.body).backgroundColor !== before", arg=light)
    page.get_by_text("中文", exact=True).click()
    says(page, ".rules h2", "规则")
    page.reload()
    says(page, ".rules h2", "规则")
    assert page.evaluate("document.documentElement.lang") == "zh"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
@pytest.mark.parametrize("place", ["live", "data"])
def test_nothing_sticks_out_at_any_width(look: Any, panel: Any, width: int, place: str) -> None:
    page = look(panel, viewport={"width": width, "height": 800})
    says(page, "h1", "Everything")
    page.goto(f"http://{panel.address}/#{place}")
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


LONG = "W" * 60


NAMES = f"""
name: {LONG}
simulate: true
inputs: {{button_{LONG}: {{use: button}}, room_{LONG}: {{use: light}}, air_{LONG}: {{use: bme280}}}}
outputs: {{lamp_{LONG}: {{use: led}}, arm_{LONG}: {{use: servo}}}}
rules:
  - {{when: room_{LONG} < 30, then: [lamp_{LONG}.on]}}
  - {{when: button_{LONG}.pressed, then: [arm_{LONG}.angle(90)]}}
"""


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("place", ["live", "data", "editor", "teach", "model"])
def test_no_part_of_a_page_sticks_out_with_long_names(start: Callable[..., Any], look: Any, width: int, place: str) -> None:
    long = start(NAMES)
    page = look(long, viewport={"width": width, "height": 800})
    says(page, "h1", LONG)
    page.goto(f"http://{long.address}/#{place}")
    page.wait_for_timeout(700)
    assert page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)") <= width
    too_wide = (
        "width => [...document.querySelectorAll('main *, header *')]"
        ".filter(one => one.getBoundingClientRect().right > width + 1"
        " && !one.closest('.cm-editor, pre, svg')).map(one => one.className || one.tagName)"
    )
    assert page.evaluate(too_wide, width) == []
