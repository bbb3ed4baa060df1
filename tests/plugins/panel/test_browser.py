"""The panel in a real browser: what a pupil does with it, and what is seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.plugins.panel.conftest import says

pytestmark = pytest.mark.slow

ALL = """
name: Everything
simulate: true
inputs: {door: {use: button}, room: {use: light}, hall: {use: motion}, keyboard: {}}
outputs: {green: {use: led}, arm: {use: servo}, horn: {use: buzzer}, screen: {from: room}}
rules:
  - {when: door.pressed, then: [green.on, 'screen.write("Hello")'], else: [green.off]}
  - {when: door.held, then: [horn.tone(440)], else: [horn.off]}
  - {when: room < 30, for: 300 ms, then: [arm.angle(120)]}
  - {when: keyboard == "space", then: ['screen.write("Space")']}
"""


@pytest.fixture
def panel(start: Callable[..., Any]) -> Any:
    return start(ALL)


def test_a_pressed_button_lights_the_lamp_and_fires_the_rule(look: Any, panel: Any) -> None:
    page = look(panel)
    place = page.locator("[data-node=door] .push").bounding_box()
    page.mouse.move(place["x"] + 30, place["y"] + 30)
    page.mouse.down()
    says(page, "[data-node=green]", "green: on")
    page.wait_for_selector("[data-rule='1'][data-state=true]")
    says(page, "[data-rule='1']", "fired just now")
    says(page, ".screen", "Hello")
    says(page, "[data-node=horn]", "440 Hz")  # held for a second
    page.mouse.up()
    says(page, "[data-node=green]", "green: off")
    says(page, "[data-rule='1']", "door.pressed ✗")


def test_a_wire_lights_up_when_its_rule_fires_for_the_first_time(look: Any, panel: Any) -> None:
    page = look(panel)
    page.wait_for_selector("path.link")
    page.evaluate(
        "() => { window.lit = 0; new MutationObserver(() => document.querySelector('path.link.lit') && (window.lit += 1))"
        ".observe(document.querySelector('.wires'), { subtree: true, attributes: true }) }"
    )
    page.locator("[data-node=door] .push").click()
    says(page, "[data-rule='1']", "fired")
    page.wait_for_function("() => window.lit > 0")


def test_a_tone_that_sounds_already_is_heard_when_the_loudspeaker_is_switched_on(look: Any, panel: Any) -> None:
    page = look(panel)
    page.evaluate(
        "() => { window.gains = []; const set = AudioParam.prototype.setTargetAtTime;"
        "AudioParam.prototype.setTargetAtTime = function (to, ...more) { gains.push(to); return set.call(this, to, ...more) } }"
    )
    panel.runtime.do("horn.tone(440)")
    says(page, "[data-node=horn]", "440 Hz")
    page.locator(".top button.icon[aria-pressed=false]").first.click()
    page.wait_for_function("() => window.gains.some((to) => to > 0)")


def test_a_moved_slider_is_shown_and_its_rule_says_how_far_it_is(look: Any, panel: Any) -> None:
    page = look(panel)
    slider = page.locator("[data-node=room] input[type=range]")
    slider.fill("55")
    says(page, "[data-rule='3']", "room < 30 ✗ (55)")
    slider.fill("12")
    says(page, "[data-node=arm]", "120°")
    says(page, "[data-node=room]", "12")
    assert panel.runtime.rules.values["room"].values == {"value": 12}


def test_everything_can_be_done_with_the_keyboard(look: Any, panel: Any) -> None:
    page = look(panel)
    page.locator("[data-node=door] .push").focus()
    page.keyboard.down("Space")
    says(page, "[data-node=green]", "green: on")
    page.keyboard.up("Space")
    says(page, "[data-node=green]", "green: off")
    page.locator("[data-node=room] input").focus()
    page.keyboard.press("Home")
    says(page, "[data-node=arm]", "120°")
    page.locator("[data-node=hall] .toggle").focus()
    before = page.locator("[data-node=hall] .toggle").get_attribute("aria-checked")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"[data-node=hall] .toggle[aria-checked={'false' if before == 'true' else 'true'}]")
    page.locator(".typing").focus()
    page.keyboard.press("Space")
    says(page, ".screen", "Space")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") != "typing", "Tab leads on"


def test_an_action_is_tried_and_what_cannot_be_is_refused_in_words(look: Any, panel: Any) -> None:
    page = look(panel)
    page.locator("[data-node=arm] summary").click()
    page.get_by_label("arm.angle degrees").fill("45")
    page.get_by_label("arm.angle", exact=True).click()
    says(page, "[data-node=arm]", "45°")
    page.locator(".screen summary").click()
    page.get_by_label("screen.gauge name").fill("x")
    page.get_by_label("screen.gauge value").fill("7")
    page.get_by_label("screen.gauge", exact=True).click()
    says(page, ".screen", "x 7")


def test_two_browsers_see_the_same_each_in_its_language(look: Any, panel: Any) -> None:
    one, other = look(panel), look(panel, locale="zh-CN")
    one.locator("[data-node=door] .push").focus()
    one.keyboard.down("Enter")
    says(one, "[data-node=green]", "green: on")
    says(other, "[data-node=green]", "green: 开")
    says(other, ".rules", "成立")
    one.context.close()  # with the finger still on the button
    says(other, "[data-node=green]", "green: 关")


def test_a_browser_that_stops_reading_costs_the_other_nothing(look: Any, panel: Any) -> None:
    stuck, page = look(panel), look(panel)
    says(stuck, ".rules", "door.pressed")
    stuck.evaluate("setTimeout(() => { const end = Date.now() + 2500; while (Date.now() < end); }, 0)")
    began = time.monotonic()
    for value in (70, 40, 60, 20):
        page.locator("[data-node=room] input").fill(str(value))
        says(page, "[data-node=room]", str(value))
    assert time.monotonic() - began < 2.5
    says(stuck, "[data-node=room]", "20")


def test_the_page_goes_on_when_the_run_comes_back(look: Any, start: Callable[..., Any], panel: Any) -> None:
    page = look(panel)
    says(page, "h1", "Everything")
    page.evaluate("window.same = 1")
    with panel.page() as line:
        line.until(lambda: line.state)
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('x'))")
    page.context.set_offline(False)
    panel.runtime.set("room.value", 33)
    says(page, "[data-node=room]", "33")
    assert page.evaluate("window.same") == 1


def test_numbers_are_drawn_and_events_can_be_filtered_and_held_still(look: Any, panel: Any) -> None:
    page = look(panel)
    says(page, "h1", "Everything")
    page.goto(f"http://{panel.address}/#data")
    page.wait_for_selector("[data-plot='room.value'] canvas")
    panel.runtime.set("door.pressed", True)
    says(page, ".lines", "pressed")
    says(page, ".lines", "on")
    page.get_by_role("combobox").select_option("action")
    page.wait_for_function("() => [...document.querySelectorAll('.lines li')].every(line => line.className === 'action')")
    page.get_by_role("searchbox").fill("screen")
    assert page.locator(".lines li").all_inner_texts()[0].split()[1:] == ["screen", "write", "Hello"]
    page.get_by_text("Pause").click()
    panel.runtime.do('screen.write("Again")')
    panel.runtime.do('screen.write("And again")')
    page.wait_for_timeout(300)
    assert page.locator(".lines li").count() == 1
    page.get_by_text("Go on").click()
    says(page, ".lines", "And again")
    says(page, ".lines", "× ")  # one line for what is done in quick succession


def test_who_comes_from_elsewhere_gives_the_pin(look: Any, start: Callable[..., Any]) -> None:
    panel = start(ALL, host="0.0.0.0")
    panel.address = f"127.0.0.1:{panel.address.rpartition(':')[2]}"
    page = look(panel)
    page.get_by_label("PIN").fill("wrong1")
    page.keyboard.press("Enter")
    says(page, ".trouble", "not the PIN")
    page.get_by_label("PIN").fill(panel.pin)
    page.keyboard.press("Enter")
    says(page, "h1", "Everything")
    says(page, ".rules", "room < 30")
    page.reload()
    says(page, "h1", "Everything")
    look.complaints[:] = [said for said in look.complaints if not any(code in said for code in ("401", "403"))]


def test_a_mistake_in_the_file_is_shown_and_the_run_goes_on(look: Any, panel: Any) -> None:
    page = look(panel)
    says(page, "h1", "Everything")
    panel.file.path.write_text(ALL.replace("green.on", "green.glow"), encoding="utf-8")
    panel.file.apply(panel.runtime)
    says(page, ".banner", "green has no action “glow”.")
    says(page, ".banner", "the last good one goes on running")
    panel.file.path.write_text(ALL.replace("name: Everything", "name: Mended"), encoding="utf-8")
    panel.file.apply(panel.runtime)
    says(page, "h1", "Mended")
    page.wait_for_function("() => !document.querySelector('.banner.bad')")


def test_the_banner_of_a_mistake_goes_when_it_is_mended(look: Any, panel: Any) -> None:
    page = look(panel)
    says(page, "h1", "Everything")
    for wrong in ("green.glow", "green.shine"):
        panel.file.path.write_text(ALL.replace("green.on", wrong), encoding="utf-8")
        panel.file.apply(panel.runtime)
        says(page, ".banner", wrong.partition(".")[2])
    panel.file.path.write_text(ALL, encoding="utf-8")
    panel.file.apply(panel.runtime)
    page.wait_for_function("() => !document.querySelector('.banner')")
    page.goto(f"http://{panel.address}/#data")
    says(page, ".lines .error", "glow")


TONES = """
const target = AudioParam.prototype.setTargetAtTime;
AudioParam.prototype.setTargetAtTime = function (value, ...rest) {
  window.loud = value > 0;
  return target.call(this, value, ...rest);
};
"""


def test_a_tone_ends_with_the_run(look: Any, panel: Any) -> None:
    page = look(panel)
    page.add_init_script(TONES)
    page.reload()
    says(page, "h1", "Everything")
    page.get_by_title("Hear buzzers").click()
    panel.runtime.do("horn.tone(440)")
    page.wait_for_function("() => window.loud === true")
    panel.end()
    page.wait_for_function("() => window.loud === false")
    look.complaints[:] = [said for said in look.complaints if "ERR_" not in said]


def test_what_is_held_still_can_be_cleared(look: Any, panel: Any) -> None:
    page = look(panel)
    says(page, "h1", "Everything")
    page.goto(f"http://{panel.address}/#data")
    panel.runtime.do("green.on")
    says(page, ".lines", "on")
    page.get_by_text("Pause").click()
    page.get_by_text("Clear").click()
    page.wait_for_function("() => !document.querySelector('.lines li')")
