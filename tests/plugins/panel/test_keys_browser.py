"""The keys that rules ask for, as buttons, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.plugins.panel.conftest import says

pytestmark = pytest.mark.slow

TYPED = f"""
name: Typed
simulate: true
inputs: {{keyboard: {{}}}}
outputs: {{lamp: {{use: led}}, horn: {{use: buzzer}}}}
rules:
  - {{when: 'keyboard in ["b", "c", ")"]', then: [lamp.on], else: [lamp.off]}}
  - {{when: 'keyboard == "{"long" * 20}"', then: [horn.tone(440)]}}
"""


def test_keys_of_a_list_are_buttons_and_a_long_one_stays_in_its_place(look: Any, start: Callable[..., Any]) -> None:
    page = look(start(TYPED), viewport={"width": 390, "height": 800})
    page.wait_for_selector(".keys button")
    assert page.locator(".keys button").all_inner_texts() == ["b", "c", ")", "long" * 20]
    page.locator(".keys button").get_by_text("c", exact=True).click()
    says(page, "[data-rule='1']", "fired just now")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    inside = "[...document.querySelectorAll('.keys button')].every(one => one.getBoundingClientRect().right <= innerWidth - 20)"
    assert page.evaluate(inside)
