"""Plugins with a mistake: nodes that hang, and nodes that raise on every event."""

from __future__ import annotations

from typing import Any

import pytest

LAMP = "outputs: {lamp: {use: led, pin: 1, driver: files}}\n"


@pytest.mark.slow
def test_read_hangs(run: Any, row: Any) -> None:
    """A node's `read` hangs"""
    child = run("inputs: {sensor: hangs}\n" + LAMP + "rules: [{when: sensor > 0, then: [lamp.on], else: [lamp.off]}]")
    child.wait("lamp", "on")
    child.now()
    dark = child.wait("lamp", "off")
    told = child.wait("sensor has not answered for 10 seconds")
    row.recovers = f"when it answers; its value is unknown after {dark:.1f} s, told after {told:.1f} s"
    row.outputs = "`else` puts the lamp out"
    child.end()
    assert child.is_safe()
    assert len(child.said("has not answered")) == 1


@pytest.mark.parametrize(
    ("nodes", "rule", "words"),
    [
        pytest.param(
            "inputs: {odd: raises, room: {use: analog}}\n" + LAMP, "", "ZeroDivisionError: division by zero", id="input"
        ),
        pytest.param(
            "inputs: {room: {use: analog}}\nmodels: {odd: {use: raising_model, from: room}}\n" + LAMP,
            "",
            "KeyError: 'cat'",
            id="model",
        ),
        pytest.param(
            "inputs: {room: {use: analog}}\n" + LAMP.replace("}}", "}, odd: raising_output}"),
            ", {each: room, then: [odd.go]}",
            "ValueError: no",
            id="output",
        ),
    ],
)
def test_raises_on_every_event(run: Any, row: Any, nodes: str, rule: str, words: str, request: Any) -> None:
    """A node raises on every event"""
    row.fault += f" ({request.node.callspec.id})"
    child = run(nodes + f"rules: [{{when: room >= 0, then: [lamp.on], else: [lamp.off]}}{rule}]")
    child.now()
    child.wait(f"error XM501: odd failed: {words}")
    child.wait("lamp", "on")
    row.recovers = "the other nodes go on; said once, then only counted"
    child.end()
    assert child.is_safe()
    assert len(child.said("error")) == 1
