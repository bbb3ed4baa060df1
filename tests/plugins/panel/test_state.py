"""What has changed since a browser last looked, and which lines it has not read."""

from __future__ import annotations

import msgspec
from xmaker_panel.log import KEPT, Log, lines
from xmaker_panel.state import State

from xmaker import Action, Event, Frame, Label, Notice, Project, Reading, Text


def plain(state: State, version: int) -> dict[str, object]:
    return {key: msgspec.json.decode(data) for key, data in state.since(version).items()}


def test_only_what_has_changed_is_new() -> None:
    state = State()
    state.update("value", {"room": 1, "door": True})
    first = state.version
    assert plain(state, 0) == {"value.room": 1, "value.door": True}
    state.update("value", {"room": 2, "door": True})
    assert plain(state, first) == {"value.room": 2}
    second = state.version
    state.update("value", {"room": 2, "door": True})
    assert state.version == second


def test_what_is_gone_is_null_for_everybody() -> None:
    state = State()
    state.update("value", {"room": 1})
    state.update("node", {"room": 5})
    state.update("value", {})
    assert plain(state, 0) == {"value.room": None, "node.room": 5}


def test_not_a_number_is_null() -> None:
    state = State()
    state.update("value", {"room": float("nan")})
    assert plain(state, 0) == {"value.room": None}


def events(*values: object) -> Log:
    log = Log()
    for number, value in enumerate(values):
        log.take(Event("node", value, float(number)))
    return log


def said(log: Log, after: int = 0) -> list[str]:
    return [line["words"] for line in lines(log.after(after), Project())]


def test_a_label_is_told_when_it_changes() -> None:
    assert said(events(Label("cat", 0.5), Label("cat", 0.7), Label("dog", 0.6), Label("cat", 0.9))) == [
        "cat 50%",
        "dog 60%",
        "cat 90%",
    ]


def test_numbers_are_for_the_plots_and_flags_for_the_log() -> None:
    log = events(Reading(1.0), Reading(2.0), Reading(pressed=True), Reading(pressed=True), Reading(pressed=False))
    assert said(log) == ["pressed true", "pressed false"]


def test_what_passes_is_told_each_time() -> None:
    assert said(events(Text("hello"), Text("hello"), Action("on"), Action("on"), Notice("mind the step"))) == [
        "hello",
        "hello",
        "on",
        "on",
        "mind the step",
    ]


def test_frames_are_not_kept() -> None:
    assert events(Frame(None)).after(0) == []


def test_a_reader_gets_what_it_has_not_read_and_a_flood_loses_its_beginning() -> None:
    log = events(*(Text(str(number)) for number in range(KEPT + 10)))
    assert said(log, log.count) == []
    assert said(log, log.count - 2) == [f"{KEPT + 8}", f"{KEPT + 9}"]
    assert len(log.after(0)) == KEPT
