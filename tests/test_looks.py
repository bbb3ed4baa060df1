"""What outputs look like, for who draws them."""

from __future__ import annotations

from typing import Any

import pytest

from xmaker.looks import Arm, Lamp, Lamps, Line, Rotor, Scene, Switch, Tone

OUTPUTS = """
inputs: {knob: {use: analog}}
outputs: {lamp: {use: led}, mood: {use: rgb_led}, strip: {use: neopixel, count: 4}, arm: {use: servo, low: 10, high: 170},
  horn: {use: buzzer}, fan: {use: motor}, pump: {use: relay, active_low: true}, screen: {from: knob}, voice: {use: console}}
rules: [{when: knob > 2, then: [lamp.on]}]
"""


@pytest.mark.parametrize(
    ("step", "node", "before", "after"),
    [
        ("lamp.brightness(0.5)", "lamp", Lamp(0.0), Lamp(0.5)),
        ('mood.colour("orange")', "mood", Lamp(0.0, "#000000"), Lamp(1.0, "#ff6400")),
        ('strip.bar(0.5, "blue")', "strip", Lamps(("#000000",) * 4), Lamps(("#0000ff",) * 2 + ("#000000",) * 2)),
        ("arm.angle(200)", "arm", Arm(None, 10.0, 170.0), Arm(170.0, 10.0, 170.0)),
        ("horn.tone(440)", "horn", Tone(0.0), Tone(440.0)),
        ("fan.speed(-2)", "fan", Rotor(0.0), Rotor(-1.0)),
        ("pump.on", "pump", Switch(False), Switch(True)),
        ('screen.write("Hi")', "screen", Scene(), Scene(("Hi",))),
        ('voice.print("Hi")', "voice", None, None),
    ],
)
def test_each_says_what_it_looks_like(xmaker_run: Any, step: str, node: str, before: Any, after: Any) -> None:
    run = xmaker_run(OUTPUTS)
    run.advance(0.1)
    assert run.runtime.workers[node].node.looks() == before
    run.runtime.do(step)
    run.advance(0.1)
    assert run.runtime.workers[node].node.looks() == after


def test_a_lamp_that_blinks_is_seen_blinking(xmaker_run: Any) -> None:
    run = xmaker_run(OUTPUTS)
    run.runtime.do("lamp.blink(0.2)")
    seen = []
    for _ in range(6):
        run.advance(0.1)
        seen.append(run.runtime.workers["lamp"].node.looks().level)
    assert set(seen) == {0.0, 1.0}


def test_a_screen_has_bars(xmaker_run: Any) -> None:
    run = xmaker_run(OUTPUTS)
    run.send("knob", 0.25)
    assert run.runtime.workers["screen"].node.looks().lines == (Line("knob", "0.25", 0.25),)


def test_what_was_never_opened_has_a_look_too() -> None:
    from xmaker import Plugins

    nodes = Plugins.load().nodes
    for use in ("led", "rgb_led", "neopixel", "servo", "buzzer", "motor", "relay", "screen"):
        assert nodes[use]().looks() is not None
