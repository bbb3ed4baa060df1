"""Names for expressions, and what they stand for."""

from __future__ import annotations

from xmaker.detections import Detection, Detections
from xmaker.nodes import Fields
from xmaker.rules.scope import Scope
from xmaker.values import Key, Label, LabelName, Reading

SCOPE = Scope(
    nodes={
        "pet": Fields(Label.fields, Label.main),
        "knob": Fields({"value": "number"}, "value", reading=True),
        "air": Fields({"temperature": "number", "humidity": "number"}, reading=True),
        "keyboard": Fields(Key.fields, Key.main, momentary=True),
        "people": Fields(Detections.fields, methods=Detections.methods),
        "odd": Fields({"value": "any"}, "value", reading=True),
    },
    vars={"count": "number", "word": "text", "on": "flag"},
    labels={"pet": (LabelName("cat", "猫"), LabelName("dog", "狗"))},
    outputs=frozenset({"light"}),
)
STATE = {
    "pet": Label(LabelName("cat", "猫"), 0.75),
    "knob": Reading(0.5),
    "air": Reading(temperature=21.5, humidity=40),
    "keyboard": Key("space"),
    "people": Detections([Detection("person", 0.9, (0, 0, 1, 1))], 2, 4),
    "odd": Reading("text"),
    "count": 3,
    "word": "hello",
    "on": True,
}
