"""What `check` finds in a project that can be read: wires, circles, pins, rules that fight, labels that never come."""

from __future__ import annotations

from pathlib import Path

import pytest
import xmaker_gpiozero

from xmaker.errors import ProjectError
from xmaker.plugins import Plugins
from xmaker.project import Project
from xmaker.testing import as_project

LAMPS = """
inputs:
  knob: {use: analog}
  room: {use: light}
outputs:
  lamp: {use: led, pin: %s}
  other: {use: led, pin: %s}
"""


def codes(text: str) -> list[str]:
    """The codes of what is wrong, warnings included."""
    try:
        return [problem.code for problem in as_project(text).warnings]
    except ProjectError as error:
        return [problem.code for problem in error.problems]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("17", "17", ["XM215"]),
        ("17", "GPIO17", ["XM215"]),
        ("p25", "P25", ["XM215"]),
        ("17", "18", []),
        ("{pi: 17, unihiker: P25}", "{pi: 18, unihiker: P25}", ["XM215"]),
        ("{pi: 17, unihiker: P25}", "{pi: 18, unihiker: P26}", []),
        ("{pi: 17}", "17", []),
    ],
)
def test_a_pin_is_used_once(one: str, other: str, expected: list[str]) -> None:
    assert codes(LAMPS % (one, other)) == expected


def test_two_rules_that_fight_are_warned_of() -> None:
    rules = "rules:\n  - {when: room < 30, then: [lamp.on], else: [lamp.off]}\n"
    assert codes(LAMPS % (1, 2) + rules) == []
    assert codes(LAMPS % (1, 2) + rules + "  - {when: knob > 0.5, then: [lamp.on]}\n") == ["XM309"]
    assert codes(LAMPS % (1, 2) + rules + "  - {when: knob > 0.5, then: [other.on], else: [other.off]}\n") == []
    assert codes(LAMPS % (1, 2) + rules + "  - {when: knob > 0.5, then: [lamp.toggle]}\n") == []


def test_a_label_that_the_model_never_gives_is_warned_of_wherever_it_stands() -> None:
    text = """
    inputs: {camera: {}}
    models:
      pet: {use: classifier, model: cat-dog, from: camera}
    outputs: {screen: {}}
    rules:
      - when: pet in ["cat", "bird"]
        then: ['screen.write("A fox" if pet == "fox" else "Hello")']
    """
    assert codes(text) == ["XM413", "XM413"]
    assert codes(text.replace("bird", "狗").replace('"fox"', '"dog"')) == []


def test_a_circle_is_one_problem() -> None:
    text = """
    inputs: {camera: {}}
    models:
      a: {use: classifier, model: cat-dog, from: [camera, c]}
      b: {use: classifier, model: cat-dog, from: a}
      c: {use: classifier, model: cat-dog, from: b}
    """
    assert codes(text) == ["XM212"]


def test_a_long_chain_is_no_problem() -> None:
    nodes = "".join(f"  s{number}: {{use: screen, from: camera}}\n" for number in range(500))
    assert codes("inputs: {camera: {}}\noutputs:\n" + nodes) == []


def test_nothing_is_no_project() -> None:
    with pytest.raises(ProjectError) as caught:
        Project("empty").check()
    assert caught.value.code == "XM219"


def test_what_a_node_says_of_itself_points_at_its_option() -> None:
    text = "inputs: {camera: {}}\nmodels:\n  pet: {use: classifier, from: camera, model: cats}\n"
    with pytest.raises(ProjectError) as caught:
        as_project(text)
    (problem,) = caught.value.problems
    assert problem.code == "XM607" and problem.mark and (problem.mark.line, problem.mark.column) == (3, 47)


PI = """
outputs:
  thing: {use: %s}
"""


@pytest.mark.parametrize(
    ("node", "code"),
    [
        ("led, pin: GND", "XM626"),
        ("led, pin: 5V", "XM626"),
        ("led, pin: 28", "XM621"),
        ("led, pin: {pi: P25, unihiker: P25}", "XM621"),
        ("led", "XM624"),
        ("neopixel, pin: 17", "XM627"),
        ("rgb_led, red: 5, green: 6, blue: GPIO5", "XM215"),
        ("motor, forwards: 5, backwards: {pi: 5}", "XM215"),
    ],
)
def test_a_pin_that_cannot_do_it_is_found_before_anything_is_plugged_in(
    node: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").write_text("Raspberry Pi 5")
    monkeypatch.setattr(xmaker_gpiozero, "MODEL_FILE", tmp_path / "model")
    (tmp_path / "project.yaml").write_text(PI % node)
    with pytest.raises(ProjectError) as raised:
        Project.load(tmp_path)
    assert [problem.code for problem in raised.value.problems] == [code]
    assert str(raised.value.problems[0].mark).startswith(f"{tmp_path / 'project.yaml'}:3:")


def test_a_simulated_node_needs_no_part_of_the_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").write_text("Raspberry Pi 5")
    monkeypatch.setattr(xmaker_gpiozero, "MODEL_FILE", tmp_path / "model")
    (tmp_path / "project.yaml").write_text("inputs: {bell: {use: button}}")
    with pytest.raises(ProjectError):
        Project.load(tmp_path)
    Project.load(tmp_path, simulate=True)
    (tmp_path / "project.yaml").write_text("inputs: {bell: {use: button, simulate: true}}")
    Project.load(tmp_path)


def test_the_pins_of_another_board_are_checked_here_too(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(PI % "led, pin: {pi: 99}")
    with pytest.raises(ProjectError) as raised:
        Project.load(tmp_path)
    assert raised.value.code == "XM621"


def test_a_pin_for_a_board_that_nobody_knows_is_warned_of() -> None:
    """Its driver may be a plugin that is missing here, so the project is right all the same."""
    project = as_project("name: A\noutputs: {lamp: {use: led, pin: {pi: 17, unihikr: P25}}}")
    assert [problem.code for problem in project.warnings] == ["XM750"]
    assert "unihiker" in project.warnings[0].show("en")


def test_a_pin_that_is_not_given_for_the_projects_board_is_found_before_the_run() -> None:
    assert codes("board: uno\noutputs: {arm: {use: servo, pin: {pi: 18, unihiker: P22}}}") == ["XM610"]
    assert codes("board: uno\noutputs: {arm: {use: servo, pin: {pi: 18, uno: D9}}}") == []
    assert codes("name: A\noutputs: {arm: {use: servo, pin: {pi: 18}}}") == []


@pytest.mark.parametrize("board", ["nonsense", "unihikr", "raspberry pi"])
def test_a_board_that_no_driver_knows_is_found_before_the_run(board: str, tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(f"name: A\nboard: {board}\noutputs: {{console: {{}}}}")
    with pytest.raises(ProjectError) as raised:
        Project.load(tmp_path)
    (problem,) = raised.value.problems
    assert (problem.code, problem.mark and problem.mark.line) == ("XM750", 2)
    assert ("board: unihiker" in problem.corrected) is (board == "unihikr")
    assert "pi, simulator, unihiker" in str(problem.details["known"]).replace("microbit, ", "").replace("mega2560, ", "")


@pytest.mark.parametrize("board", ["pi", "unihiker", "simulator", Plugins.load().board().name])
def test_known_boards_are_right_everywhere(board: str) -> None:
    assert codes(f"board: {board}\noutputs: {{console: {{}}}}") == []


@pytest.mark.parametrize("pin", ["P99", "GPIO99", "3V3", "-1"])
def test_a_pin_that_no_board_has_is_found_without_a_board_too(pin: str) -> None:
    assert codes(f"outputs: {{lamp: {{use: led, pin: {pin}}}}}\n") == ["XM768"]


@pytest.mark.parametrize("pin", ["17", "GPIO17", "P25", "D13"])
def test_without_a_board_a_pin_of_any_board_will_do(pin: str) -> None:
    assert codes(f"outputs: {{lamp: {{use: led, pin: {pin}}}}}\n") == []


def test_a_wire_of_the_wrong_kind_says_what_would_take_it() -> None:
    with pytest.raises(ProjectError) as raised:
        as_project("inputs:\n  microphone: {}\nmodels:\n  sound: {use: classifier, from: microphone}\n")
    (problem,) = raised.value.problems
    assert problem.code == "XM214"
    assert problem.show().endswith("What takes Sound: keywords, sound_level, speech.")
