"""Values, and the events that carry them."""

import numpy as np
import pytest

from xmaker import Action, Detection, Detections, Event, Frame, Key, Label, LabelName, Notice, Reading, Sound, Text
from xmaker.values import Absent


def test_a_frame_knows_its_size() -> None:
    frame = Frame(np.zeros((240, 320, 3), np.uint8), "cat.jpg")
    assert (frame.width, frame.height) == (320, 240)
    assert frame.to_json() == {"width": 320, "height": 240, "source": "cat.jpg"}


def test_a_sound_knows_how_long_it_is() -> None:
    assert Sound(np.zeros(8000, np.int16)).seconds == 0.5


def test_a_reading_has_one_value_or_fields_of_its_own() -> None:
    assert Reading(3.2).to_json() == {"value": 3.2}
    assert Reading(temperature=21.5, humidity=40).to_json() == {"temperature": 21.5, "humidity": 40}
    assert Reading(3.2) == Reading(value=3.2) != Reading(3.3)
    assert repr(Reading(a=1)) == "Reading(a=1)"


@pytest.mark.parametrize("name", ["cat", "猫"])
def test_a_label_equals_its_name_in_either_language(name: str) -> None:
    cat = LabelName("cat", "猫")
    assert cat == name
    assert name == cat
    assert (cat != name) is False
    assert cat != "dog"
    assert cat != ""
    assert str(cat) == "cat"


def test_a_label_without_a_second_language_equals_no_empty_text() -> None:
    assert LabelName("cat") != ""


def test_a_label_becomes_json_with_a_short_score() -> None:
    assert Label(LabelName("cat", "猫"), 0.123456).to_json() == {"label": "cat", "score": 0.1235}


def test_detections_can_be_counted() -> None:
    found = Detections([Detection(LabelName("cat", "猫"), 0.9, (0, 0, 10, 10)), Detection("dog", 0.8, (5, 5, 10, 10))])
    assert (found.count(), found.count("cat"), found.count("猫"), found.count("bird")) == (2, 1, 1, 0)
    assert found.to_json()["items"][1] == {"label": "dog", "score": 0.8, "box": [5, 5, 10, 10]}


def test_the_nearest_is_the_largest_and_nobody_is_nearest_where_nobody_is() -> None:
    small, large = Detection("cat", 0.9, (0, 0, 10, 10)), Detection("dog", 0.8, (50, 20, 100, 40), 3)
    nearest = Detections([small, large], 200, 100).nearest
    assert (nearest.label, nearest.x, nearest.y, nearest.x_px, nearest.y_px, nearest.size) == ("dog", 0.5, 0.4, 100, 40, 0.2)
    assert large.to_json()["track"] == 3
    with pytest.raises(Absent):
        _ = Detections([], 200, 100).nearest


def test_what_came_and_went_lasts_for_one_event() -> None:
    found = Detections([], came=[LabelName("cat", "猫")], went=["dog"], totals={LabelName("cat", "猫"): 2, "dog": 1})
    assert (found.entered(), found.entered("猫"), found.entered("dog"), found.left("dog"), found.left("cat")) == (
        *(True, True, False, True, False),
    )
    assert (found.total(), found.total("猫"), found.total("bird")) == (3, 2, 0)
    assert found.passing and not found.lasting().passing and not found.lasting().entered() and found.lasting().total() == 3


def test_a_mask_is_worked_out_when_somebody_looks() -> None:
    made = []
    item = Detection("cat", 0.9, (0, 0, 1, 1), shape=lambda: made.append(1) or np.ones((2, 2), bool))
    assert not made and item.mask.all() and made == [1] and Detection("cat", 0.9, (0, 0, 1, 1)).mask is None


def test_keys_and_words_are_momentary_labels_are_not() -> None:
    assert (Key.momentary, Text.momentary, Label.momentary, Reading.momentary) == (True, True, False, False)


def test_an_event_knows_the_file_that_it_came_from() -> None:
    frame = Event("camera", Frame(None, "cat.jpg"), 1.0, 7)
    label = Event("pet", Label("cat", 0.9), 1.0, 1, frame)
    act = Event("light", Action("on"), 1.2, 1, label)
    assert (frame.source, label.source, act.source) == ("cat.jpg", "cat.jpg", "cat.jpg")
    assert Event("knob", Reading(1), 0.0).source == ""


def test_events_become_lines_of_json() -> None:
    frame = Event("camera", Frame(None, "cat.jpg"), 1.0)
    label = Event("pet", Label("cat", 0.9), 1.23456, 1, frame)
    assert label.to_json() == {"time": 1.235, "node": "pet", "label": "cat", "score": 0.9, "source": "cat.jpg"}
    assert Event("light", Action("on"), 2.0, 1, label).to_json() == {"time": 2.0, "node": "light", "action": "on"}
    said = Action("say", (LabelName("cat", "猫"), 3))
    assert Event("voice", said, 2.0).to_json() == {"time": 2.0, "node": "voice", "action": "say", "args": ["cat", 3]}
    assert Event("camera", Notice("Hello"), 0.0).to_json() == {"time": 0.0, "node": "camera", "notice": "Hello"}
