"""What a screen shows of the values that it gets, and where in a window. (On a display: test_screen_window.py.)"""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from xmaker_screen.scene import Place, Plan, Showing, lines_of, plan

from xmaker import Detection, Detections, Event, Frame, Label, LabelName, Quantity, Reading, Text
from xmaker.looks import Line, Scene

AIR = {"temperature": Quantity("°C", -10, 40), "wet": Quantity(kind="flag"), "name": Quantity(kind="text")}
PICTURES: tuple[Frame | None, ...] = (
    None,
    *(Frame(np.zeros((*size, 3), np.uint8)) for size in ((480, 640), (640, 480), (9, 900))),
)


@pytest.mark.parametrize(
    ("value", "gives", "expected"),
    [
        (Reading(21.5), {"value": Quantity("°C", 0, 50)}, [Line("node", "21.5 °C", 0.43)]),
        (Reading(-3), {"value": Quantity("cm", 0, 50)}, [Line("node", "-3 cm", 0.0)]),
        (Reading(123.456), {"value": Quantity("cm", 0, 50)}, [Line("node", "123.5 cm", 1.0)]),
        (Reading(float("nan")), {"value": Quantity("cm", 0, 50)}, [Line("node", "nan cm", 0.0)]),
        (Reading(float("inf")), {"value": Quantity("cm", 0, 50)}, [Line("node", "inf cm", 1.0)]),
        (Reading(5), {"value": Quantity("", 5, 5)}, [Line("node", "5", 0.0)]),
        (Reading(5), None, [Line("node", "5")]),
        (
            Reading(temperature=15, wet=True, name="hall"),
            AIR,
            [Line("node.temperature", "15 °C", 0.5), Line("node.wet", "true"), Line("node.name", "hall")],
        ),
        (Label("cat", 0.5), Label, [Line("cat", "50%", 0.5, True)]),
        (
            Label("a", 0.5, lambda: (("a", 0.5), ("b", 0.25), ("c", 0.15), ("d", 0.1))),
            Label,
            [Line("a", "50%", 0.5, True), Line("b", "25%", 0.25, True), Line("c", "15%", 0.15, True)],
        ),
        (Text("hello"), Text, [Line("node", "hello")]),
        (Detections([Detection("cat", 1.0, (0, 0, 1, 1))]), Detections, [Line("node", "1 cat")]),
    ],
)
def test_values_become_lines(value: Any, gives: Any, expected: list[Line]) -> None:
    assert lines_of("node", value, gives) == expected


def test_a_label_is_in_the_users_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert lines_of("pet", Label(LabelName("cat", "猫")), Label)[0].name == "猫"


def test_labels_come_before_sensors() -> None:
    showing = Showing()
    showing.take(Event("room", Reading(5), 0.0), {"value": Quantity("%", 0, 100)})
    showing.take(Event("pet", Label("cat"), 0.0), Label)
    showing.gauge("speed", 3, 0, 10, "m/s")
    assert [line.name for line in showing.scene([]).lines] == ["cat", "room", "speed"]


def test_what_was_found_stays_on_its_own_frame() -> None:
    old, new = (Event("camera", Frame(np.zeros((4, 4, 3), np.uint8)), time) for time in (1.0, 1.5))
    found = Detections([Detection("cat", 1.0, (0, 0, 1, 1))])
    showing = Showing()
    showing.take(new, Frame)
    assert (showing.scene([]).frame, showing.scene([]).boxes) == (new.value, ())
    showing.take(Event("finder", found, 1.0, 0, Event("tracker", Text(""), 1.0, 0, old)), Detections)
    assert (showing.scene([]).frame, showing.scene([]).boxes) == (old.value, (*found.items,))
    showing.take(new, Frame)  # nobody has looked for cats in this one
    assert showing.scene([]).frame is old.value
    later = Event("camera", new.value, 2.5)
    showing.take(later, Frame)
    assert (showing.scene([]).frame, showing.scene([]).boxes) == (new.value, ())
    assert showing.scene([]).lines == ()


def places(where: Plan) -> list[Place]:
    return [place for place in (where.picture, where.words, where.rule, *where.buttons) if place.width and place.height]


def overlap(one: Place, other: Place) -> bool:
    apart_x = one.left + one.width <= other.left + 0.01 or other.left + other.width <= one.left + 0.01
    apart_y = one.top + one.height <= other.top + 0.01 or other.top + other.height <= one.top + 0.01
    return not (apart_x or apart_y)


@pytest.mark.parametrize("size", [(240, 320), (320, 240), (480, 320), (480, 640), (800, 480), (1920, 1080), (160, 160)])
def test_nothing_in_a_window_overlaps_or_leaves_it(size: tuple[int, int]) -> None:
    for frame, texts, lines, rule, buttons in product(PICTURES, (0, 1, 3, 9), (0, 1, 8, 40), (False, True), range(10)):
        scene = Scene(("text",) * texts, frame, (), (Line("a", "b"),) * lines)
        where = plan(*size, scene, rule, buttons)
        assert len(where.buttons) == buttons
        for place in places(where):
            assert place.left >= 0 and place.top >= 0
            assert place.left + place.width <= size[0] and place.top + place.height <= size[1] + 0.01
        assert not any(overlap(*pair) for pair in combinations(places(where), 2))
        if frame is not None:
            assert abs(where.picture.width * frame.height - where.picture.height * frame.width) < 1
        if buttons:
            assert min(place.height for place in where.buttons) > 10
