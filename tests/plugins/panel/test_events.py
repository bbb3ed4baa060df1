"""What a page is told, and what it may ask: everything over a real socket, against a project that runs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from xmaker.testing import wait_until


def test_a_page_is_told_what_the_project_is(panel: Any) -> None:
    with panel.page() as page:
        project = page.until(lambda: page.state.get("about.project"))
    assert (project["name"], project["simulated"]) == ("Test board", True)
    nodes = {node["name"]: node for node in project["nodes"]}
    assert nodes["room"]["fields"] == {"value": {"unit": "%", "low": 0.0, "high": 100.0, "kind": "number"}}
    assert nodes["screen"]["wires"] == ["room"]
    assert [action["name"] for action in nodes["arm"]["actions"]] == ["angle", "release", "sweep"]
    assert project["rules"][0] | {"number": 1} == {
        "number": 1,
        "when": "door.pressed",
        "each": "",
        "for": "",
        "then": ["green.on", 'screen.write("Hello")'],
        "else": ["green.off"],
        "reads": ["door"],
        "acts": ["green", "screen"],
    }


def test_a_pressed_button_lights_the_lamp_and_fires_the_rule(panel: Any) -> None:
    with panel.page() as page:
        page.send(type="set", name="door.pressed", value=True)
        page.until(lambda: page.state.get("look.green") == {"type": "lamp", "level": 1.0, "colour": ""})
        page.until(lambda: page.state["rule.1"]["state"] == "true")
        assert page.state["rule.1"]["fired"] >= 0
        assert page.until(lambda: page.state["look.screen"]["text"]) == ["Hello"]
        page.send(type="set", name="door.pressed", value=False)
        page.until(lambda: page.state["look.green"]["level"] == 0)
        page.until(lambda: page.state["rule.1"]["words"] == "door.pressed ✗")
        assert ("green", "on") in {(line["node"], line["words"]) for line in page.log}


def test_a_button_is_let_go_when_its_browser_is_gone(panel: Any) -> None:
    with panel.page() as page:
        page.send(type="set", name="door.pressed", value=True, held=True)
        page.until(lambda: page.state.get("look.green", {}).get("level") == 1)
    wait_until(lambda: panel.runtime.workers["green"].node.looks().level == 0)


def test_a_slider_says_why_the_rule_waits(panel: Any) -> None:
    with panel.page() as page:
        page.send(type="set", name="room.value", value=55)
        page.until(lambda: page.state.get("rule.2", {}).get("words") == "room < 30 ✗ (55)")
        page.send(type="set", name="room.value", value=20)
        page.until(lambda: page.state["look.arm"]["degrees"] == 20)
        assert page.state["value.room"]["words"] == "20 %"


def test_keys_go_to_the_keyboard_though_there_is_no_terminal(panel: Any) -> None:
    with panel.page() as page:
        page.send(type="press", key="space")
        page.until(lambda: page.state.get("look.horn", {}).get("frequency") == 440)
        assert ("keyboard", "space") in {(line["node"], line["words"]) for line in page.log}


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("green.glow", "green has no action “glow”."),
        ("arm.angle(1/0)", "“arm.angle(1/0)” cannot be worked out: division by zero."),
        ("__import__('os').system('true')", ""),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(panel: Any, step: str, words: str) -> None:
    with panel.page() as page:
        page.send(type="do", step=step)
        refused = page.until(lambda: page.refused)[0]
        assert words in refused["words"] and refused["code"]
        assert refused["hint"]


def test_an_action_can_be_tried(panel: Any) -> None:
    with panel.page() as page:
        page.send(type="do", step="arm.angle(90)")
        page.until(lambda: page.state.get("look.arm", {}).get("degrees") == 90)


def test_a_notice_is_no_value(panel: Any) -> None:
    with panel.page() as page:
        page.send(type="do", step="green.on")
        page.until(lambda: page.state.get("value.green", {}).get("words") == "on")
        panel.runtime.workers["green"].notice("mind the step")
        panel.runtime.do("green.pause")
        page.until(lambda: {"mind the step", "pause"} <= {line["words"] for line in page.log})
        page.until(lambda: page.state["node.green"]["state"] == "paused")
        assert page.state["value.green"]["words"] == "on"


def test_each_browser_reads_its_own_language(panel: Any) -> None:
    with panel.page("events?lang=en") as english, panel.page("events?lang=zh") as chinese:
        for page in (english, chinese):
            page.send(type="set", name="room.value", value=55)
            page.send(type="do", step="green.glow")
        assert "no action" in english.until(lambda: english.refused)[0]["words"]
        assert "没有" in chinese.until(lambda: chinese.refused)[0]["words"]
        docs = [page.until(lambda page=page: page.state.get("about.project"))["nodes"][0]["doc"] for page in (english, chinese)]
    assert docs[0].startswith("A button") and docs[1].startswith("接在引脚")


def test_a_browser_that_does_not_read_gets_the_newest_and_not_a_queue(panel: Any) -> None:
    with panel.page() as page:
        page.until(lambda: "value.room" in page.state)
        for value in range(30, 60):
            panel.runtime.set("room.value", value)
            time.sleep(0.03)
        page.look()  # the one that was on its way
        page.look()
        assert page.state["value.room"]["words"] == "59 %"


def test_no_more_than_twenty_messages_a_second(panel: Any) -> None:
    with panel.page() as page:
        page.until(lambda: "value.room" in page.state)
        before, end = page.messages, time.monotonic() + 1.0
        while time.monotonic() < end:
            panel.runtime.set("room.value", time.monotonic() % 1)
            page.look()
        assert 1 < page.messages - before <= 21


def test_without_a_browser_nobody_watches_the_events(panel: Any) -> None:
    def watchers() -> int:
        return len(panel.runtime.observers.of_all)

    assert watchers() == 0
    with panel.page() as page:
        page.until(lambda: page.state)
        assert watchers() == 1
        with panel.page() as other:
            other.until(lambda: other.state)
            assert watchers() == 1
    wait_until(lambda: watchers() == 0)


@pytest.mark.parametrize("message", ["no JSON", "[]", '{"type": "boom"}', '{"type": "set", "name": "room.value"}', b"\x00\x01"])
def test_nonsense_ends_the_line(panel: Any, message: Any) -> None:
    with panel.page() as page, pytest.raises(ConnectionClosed) as ended:
        page.socket.send(message)
        while True:
            page.socket.recv(2)
    assert ended.value.rcvd.code == 1008


def test_a_flood_of_messages_ends_the_line_and_the_run_goes_on(panel: Any) -> None:
    with panel.page() as page, pytest.raises(ConnectionClosed) as ended:
        for _ in range(5000):
            page.socket.send(json.dumps({"type": "ack"}))
        while True:
            page.socket.recv(2)
    assert ended.value.rcvd is None or ended.value.rcvd.code == 1008
    with panel.page() as page:
        page.send(type="set", name="door.pressed", value=True)
        page.until(lambda: page.state.get("look.green", {}).get("level") == 1)


def test_a_message_without_end_ends_the_line(panel: Any) -> None:
    with panel.page() as page, pytest.raises(ConnectionClosed) as ended:
        page.socket.send(json.dumps({"type": "press", "key": "x" * 100_000}))
        while True:
            page.socket.recv(2)
    assert ended.value.rcvd is None or ended.value.rcvd.code == 1009


def test_errors_are_told_with_their_hint_also_to_who_comes_later(start: Callable[..., Any]) -> None:
    panel = start(
        "inputs: {room: {use: light}}\noutputs: {lamp: {use: led}}\n"
        "rules: [{each: room, then: [lamp.brightness(1 / (room - room))]}]"
    )
    panel.runtime.set("room.value", 5)
    with panel.page() as page:
        errors = page.until(lambda: [line for line in page.log if line["kind"] == "error"])
    assert errors[0]["code"] == "XM508"
    assert "division" in errors[0]["words"] and errors[0]["hint"]


def test_a_stranger_who_breaks_what_is_shown_does_not_take_the_panel_away(start: Callable[..., Any], tmp_path: Any) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "odd.py").write_text(ODD, encoding="utf-8")
    panel = start("inputs: {odd: {}, room: {use: light}}\noutputs: {bad: {}}")
    with panel.page() as page:
        page.until(lambda: "value.room" in page.state)
        assert page.until(lambda: page.state.get("value.odd"))["words"] == "Strange: broken"
        assert "look.bad" not in page.state
        page.until(lambda: [line for line in page.log if line.get("code") == "XM958"])
        panel.runtime.set("room.value", 77)  # looks are taken meanwhile, and each goes wrong in other words
        page.until(lambda: page.state["value.room"]["words"] == "77 %")
        told = [line["words"] for line in page.log if line.get("code") == "XM958"]
        assert told == ["The panel cannot show everything: bad: ValueError: broken 1."]


def test_a_node_that_cannot_be_asked_is_told_of_once_and_the_rest_is_shown(panel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise KeyError("odd")

    with panel.page() as page:
        page.until(lambda: "value.room" in page.state)
        monkeypatch.setattr(panel.runtime, "explain", broken)
        page.until(lambda: [line for line in page.log if line.get("code") == "XM958"])
        panel.runtime.set("room.value", 77)
        page.until(lambda: page.state["value.room"]["words"] == "77 %")
        assert len([line for line in page.log if line.get("code") == "XM958"]) == 1


ODD = '''
from dataclasses import dataclass
from itertools import count
from typing import ClassVar
from xmaker import Input, Output, Value, hookimpl

class Strange(Value):
    def to_json(self):
        raise ValueError("broken")

@dataclass
class Odd(Input):
    """Odd."""
    use: ClassVar[str] = "odd"
    gives: ClassVar = Strange
    every: float = 0.05
    def read(self):
        return Strange()

@dataclass
class Bad(Output):
    """Bad."""
    use: ClassVar[str] = "bad"
    times: ClassVar = count(1)
    def looks(self):
        raise ValueError(f"broken {next(self.times)}")

@hookimpl
def xmaker_nodes():
    return [Odd, Bad]
'''
