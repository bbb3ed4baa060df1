"""An action that a person asks for while a project runs."""

from __future__ import annotations

from typing import Any

import pytest

from xmaker import XMakerError

HOUSE = """
inputs: {knob: {use: analog}}
outputs: {lamp: {use: led}, mood: {use: rgb_led}, horn: {use: buzzer}}
vars: {count: 0}
rules: [{when: knob > 2, then: [lamp.on]}]
"""


@pytest.fixture
def run(xmaker_run: Any) -> Any:
    return xmaker_run(HOUSE)


@pytest.mark.parametrize(
    ("step", "done"),
    [
        ("lamp.on", "lamp.on"),
        ("lamp.brightness(0.25)", "lamp.brightness(0.25)"),
        ("lamp.brightness(knob / 2)", "lamp.brightness(0.2)"),
        ('mood.colour("红")', 'mood.colour("红")'),
        ("knob.pause", "knob.pause"),
    ],
)
def test_it_is_done_as_a_rule_would(run: Any, step: str, done: str) -> None:
    run.send("knob", 0.4)
    run.runtime.do(step)
    run.advance(0.1)
    assert run.actions == [done]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("lamp.glow", "XM305"),
        ("lamb.on", "XM310"),
        ("lamp.brightness", "XM306"),
        ('lamp.brightness("much")', "XM317"),
        ('mood.colour("gren")', "XM853"),
        ("lamp.brightness(1 / 0)", "XM950"),
        ("lamp.brightness(1 / (count - 0))", "XM950"),
        ("horn.tone(knob)", "XM950"),
        ("count = 3", "XM304"),
        ("lamp", "XM304"),
        ("", "XM304"),
        ("lamp.__class__", "XM305"),
        ("x" * 5000, "XM405"),
    ],
)
def test_what_cannot_be_done_is_refused(run: Any, step: str, code: str) -> None:
    with pytest.raises(XMakerError) as refused:
        run.runtime.do(step)
    assert refused.value.code == code
    run.advance(0.1)
    assert run.actions == []
