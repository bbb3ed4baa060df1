"""What nodes say about themselves: the fields that rules may ask of them, and their actions."""

from dataclasses import dataclass
from typing import ClassVar

from xmaker import Detections, Frame, Input, Key, Label, Output, Quantity, Text, action
from xmaker.nodes import Parameter, actions_of, fields_of


def test_a_sensors_one_field_is_its_main_field() -> None:
    assert fields_of({"value": Quantity("cm", 2, 400)}).main == "value"
    assert fields_of({"count": Quantity()}).main == "count"
    assert fields_of({"temperature": Quantity(), "humidity": Quantity()}).main == ""


def test_the_fields_of_values() -> None:
    assert fields_of(Label).kinds == {"label": "text", "score": "number"}
    assert fields_of(Label).main == "label"
    assert fields_of(Detections).methods == {"count": "number", "total": "number", "entered": "flag", "left": "flag"}
    assert fields_of(Detections).kinds["nearest.x"] == "number" and fields_of(Detections).kinds["nearest.label"] == "text"
    assert (fields_of(Text).momentary, fields_of(Key).momentary, fields_of(Frame).momentary) == (True, True, False)
    assert fields_of(None).kinds == {}


@dataclass
class Robot(Output):
    use: ClassVar[str] = "robot"

    @action(level=True)
    def go(self, speed: float, direction: str = "forward") -> None:
        """Drive."""

    @action
    def say(self, *words: str) -> None: ...

    @action
    def beep(self, loud: bool, anything) -> None: ...  # type: ignore[no-untyped-def]

    def secret(self) -> None: ...


def test_actions_are_the_marked_methods_and_pause_and_resume() -> None:
    actions = actions_of(Robot)
    assert set(actions) == {"go", "say", "beep", "pause", "resume"}
    assert (actions["go"].level, actions["say"].level) == (True, False)
    assert actions["go"].doc == "Drive."


def test_parameters_have_kinds() -> None:
    actions = actions_of(Robot)
    assert actions["go"].parameters == (Parameter("speed", "number", True), Parameter("direction", "text", False))
    assert actions["say"].parameters == (Parameter("words", "text", False, many=True),)
    assert [parameter.kind for parameter in actions["beep"].parameters] == ["flag", "any"]


def test_an_inherited_action_is_an_action_too() -> None:
    class Tank(Robot):
        use = "tank"

    assert "go" in actions_of(Tank)


def test_an_input_is_live_endless_and_without_a_period_unless_it_says_otherwise() -> None:
    @dataclass
    class Sensor(Input):
        use: ClassVar[str] = "sensor"
        gives: ClassVar = {"value": Quantity()}
        every: float = 2.0

    assert (Sensor().period, Input().period) == (2.0, None)
    assert (Input().paced, Input().finite, Input().progress()) == (True, False, None)
