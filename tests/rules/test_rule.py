"""Rules written in Python are read as those of a file, only that they have no place in one."""

from __future__ import annotations

from typing import Any

import pytest

from xmaker.errors import ProjectError
from xmaker.plugins import Plugins
from xmaker.project import Project
from xmaker.rules.steps import Assign, Do, Wait


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return Plugins.load()


@pytest.fixture
def project(plugins: Plugins) -> Project:
    """A knob, a keyboard, a lamp and a var."""
    made = Project("demo", plugins=plugins)
    for name, use in (("knob", "analog"), ("keyboard", "keyboard"), ("lamp", "led")):
        made.add(plugins.nodes[use](), name=name)
    return made.var("count", 0)


def test_a_rule_has_a_condition_steps_and_durations(project: Project) -> None:
    project.rule(
        when="knob > 0.5", for_="0.5 s", cooldown=2, then=["lamp.on", {"wait": "1 s"}, "count = count + 1"], else_="lamp.off"
    )
    (rule,) = project.rules
    assert rule.when and rule.when.source == "knob > 0.5"
    assert (rule.hold, rule.cooldown, rule.momentary) == (0.5, 2.0, False)
    assert [type(step) for step in rule.then] == [Do, Wait, Assign]
    assert [step.action for step in rule.otherwise if isinstance(step, Do)] == ["off"]
    assert rule.names() == {"knob", "count"}


def test_three_events(project: Project) -> None:
    project.rule(when="knob > 0.5", for_="3 events", then="lamp.on").rule(when="knob > 0.5", for_="2次", then="lamp.on")
    assert [rule.hold_events for rule in project.rules] == [3, 2]


def test_a_rule_about_a_key_is_momentary(project: Project) -> None:
    assert project.rule(when='keyboard == "a"', then="lamp.on").rules[0].momentary


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"when": "knbo > 1", "then": "lamp.on"}, "XM402"),
        ({"when": "knob => 1", "then": "lamp.on"}, "XM420"),
        ({"when": 3, "then": "lamp.on"}, "XM202"),
        ({"when": None, "then": "lamp.on"}, "XM301"),
        ({"each": "lamp", "then": "lamp.on"}, "XM421"),
        ({"each": "knob", "then": []}, "XM303"),
        ({"each": "knob", "then": [3]}, "XM304"),
        ({"each": "knob", "then": ["lamp on"]}, "XM304"),
        ({"each": "knob", "then": ["lamp.on, lamp.off"]}, "XM314"),
        ({"each": "knob", "then": ["wait 1 s"]}, "XM320"),
        ({"each": "knob", "then": ["count += 1"]}, "XM321"),
        ({"each": "knob", "then": [{"lamp.on": None}]}, "XM304"),
        ({"each": "knob", "then": [{"when": "knob > 1"}]}, "XM304"),
        ({"each": "knob", "then": ["lamp.brightness('x')"]}, "XM317"),
        ({"each": "knob", "then": ["lamp.brightness(1, 2)"]}, "XM306"),
        ({"each": "knob", "then": ["lamp.brightness(level=1)"]}, "XM304"),
        ({"each": "knob", "then": ["lamp.on.off"]}, "XM304"),
        ({"each": "knob", "then": ["lamp.open"]}, "XM305"),
        ({"each": "knob", "then": ["lamp.__init__"]}, "XM305"),
        ({"each": "knob", "then": ["knob.read"]}, "XM305"),
        ({"each": "knob", "then": ["pet = 3"]}, "XM315"),
        ({"each": "knob", "then": ["count = 'x'"]}, "XM316"),
        ({"each": "knob", "then": "lamp.on", "cooldown": "soon"}, "XM307"),
        ({"iff": "knob > 1", "then": "lamp.on"}, "XM201"),
    ],
)
def test_what_is_wrong_with_a_rule(project: Project, parts: dict[str, Any], code: str) -> None:
    with pytest.raises(ProjectError) as caught:
        project.rule(**parts)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert caught.value.show("en") and caught.value.show("zh")


def test_every_node_can_be_paused(project: Project) -> None:
    project.rule(each="knob", then=["knob.pause", "lamp.resume()"])


def test_the_order_of_mistakes_does_not_matter(project: Project) -> None:
    with pytest.raises(ProjectError) as caught:
        project.rule(when="knbo > 1", then=["lamp.onn", "lamp.offf"], for_="x")
    assert [problem.code for problem in caught.value.problems] == ["XM402", "XM307", "XM305", "XM305"]
