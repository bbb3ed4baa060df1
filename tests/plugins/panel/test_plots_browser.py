"""The plots in a real browser: each has the unit and the range that its sensor declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from xmaker import Input, Plugins

pytestmark = pytest.mark.slow

DRAWN = """
window.drawn = [];
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
  window.drawn.push([this.canvas.closest("[data-plot]")?.dataset.plot, text]);
  return fillText.call(this, text, ...place);
};
"""
"""Keeps what is written on a canvas: no page can read that."""


def sensors() -> dict[str, Any]:
    """Return all inputs of XMaker that give numbers."""
    nodes = Plugins.load().nodes.items()
    return {use: node for use, node in nodes if issubclass(node, Input) and isinstance(getattr(node, "gives", None), Mapping)}


@pytest.fixture
def panel(start: Callable[..., Any]) -> Any:
    inputs = "".join(f"  my_{use}: {{use: {use}{', every: 0.2 s' if use == 'timer' else ''}}}\n" for use in sensors())
    return start(f"simulate: true\ninputs:\n{inputs}outputs: {{lamp: {{use: led}}}}\n")


@pytest.mark.parametrize(("locale", "to", "on", "off"), [("en-US", "to", "on", "off"), ("zh-CN", "到", "开", "关")])
def test_each_sensor_is_drawn_with_its_unit_and_its_range(
    look: Any, panel: Any, locale: str, to: str, on: str, off: str
) -> None:
    page = look(panel, locale=locale)
    page.add_init_script(DRAWN)
    page.goto(f"http://{panel.address}/?#data")
    for use, node in sensors().items():
        for field, quantity in node.gives.items():
            if quantity.kind == "text":
                continue
            plot = page.locator(f"[data-plot~='my_{use}.{field}']")
            plot.wait_for()
            caption, label = plot.locator("figcaption").inner_text(), plot.locator("[role=img]").get_attribute("aria-label")
            name = plot.get_attribute("data-plot")
            page.wait_for_function("name => window.drawn.some(([plot]) => plot === name)", arg=name)
            drawn = {text for plot, text in page.evaluate("window.drawn") if plot == name}
            if quantity.kind == "flag":
                assert f"{off} / {on}" in caption and f"{off} / {on}" in label
                assert {on, off} <= drawn, f"{name}: {drawn}"
            else:
                assert f"{quantity.low:g}…{quantity.high:g} {quantity.unit}".strip() in caption
                assert f"{quantity.low:g} {to} {quantity.high:g} {quantity.unit}".strip() in label
                assert {f"{quantity.low:g}", f"{quantity.high:g}"} <= drawn, f"{name}: {drawn}"


def test_the_axis_goes_on_to_what_a_sensor_gives_beyond_its_range(look: Any, start: Callable[..., Any]) -> None:
    panel = start("simulate: true\ninputs: {far: {use: distance}}\noutputs: {lamp: {use: led}}\n")
    page = look(panel)
    page.add_init_script(DRAWN)
    page.goto(f"http://{panel.address}/?#data")
    page.wait_for_selector("[data-plot='far.value'] canvas")
    panel.runtime.set("far.value", 512)
    page.wait_for_function("() => window.drawn.some(([, text]) => text === '512')")
    assert "512 cm" in page.locator("[data-plot='far.value'] output").inner_text()
