"""Plugins are found, and whatever is wrong with one is a state that `xmaker plugins` shows, never a crash."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from xmaker import Board, ModelCard, ModelInput, PluginError, Plugins, Project, ProjectError, hookimpl
from xmaker.discovery import Memory
from xmaker.testing import check_plugin

BUILT_IN = {"camera", "classifier", "console", "gpiozero", "keyboard", "led", "onnxruntime", "screen", "simulator", "timer"}

SENSOR = '''
from dataclasses import dataclass
from typing import ClassVar
from xmaker import Input, Quantity, Reading, hookimpl

@dataclass
class {name}(Input):
    """A sensor."""
    use: ClassVar[str] = "{use}"
    gives: ClassVar = {{"value": Quantity()}}
    def read(self) -> Reading:
        return Reading({value})

@hookimpl
def xmaker_nodes():
    return [{name}]
'''

GOOD = SENSOR.format(name="A", use="a", value=1)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's folder with an empty folder for its own plugins."""
    (tmp_path / "plugins").mkdir()
    return tmp_path


def write(project: Path, file: str, text: str) -> None:
    (project / "plugins" / file).write_text(text, encoding="utf-8")


def state_of(project: Path, text: str) -> Any:
    """Return what becomes of a plugin with this text."""
    write(project, "mine.py", text)
    return Plugins.load(project).states[-1]


def test_the_built_in_plugins_are_found_and_on() -> None:
    plugins = Plugins.load()
    assert {state.name for state in plugins.states if state.state == "on"} >= BUILT_IN
    assert plugins.nodes["led"].__name__ == "Led"
    assert plugins.failed() == []


@pytest.mark.parametrize("module", sorted(module for _, module in Memory.load().found))
def test_every_installed_plugin_keeps_the_rules(module: str) -> None:
    check_plugin(importlib.import_module(module))


def test_a_projects_own_plugins_are_loaded(project: Path) -> None:
    write(project, "dice.py", SENSOR.format(name="Dice", use="dice", value=6))
    plugins = Plugins.load(project)
    assert plugins.nodes["dice"]().read().values == {"value": 6}  # type: ignore[attr-defined]
    assert (plugins.states[-1].name, plugins.states[-1].nodes) == ("plugins/dice.py", ["dice"])


def test_an_own_plugin_may_have_the_file_name_of_a_built_in_one(project: Path) -> None:
    write(project, "led.py", SENSOR.format(name="Dice", use="dice", value=6))
    plugins = Plugins.load(project)
    assert plugins.failed() == []
    assert {"dice", "led"} <= set(plugins.nodes)


def test_own_plugins_of_two_projects_do_not_meet_though_their_names_are_the_same(tmp_path: Path) -> None:
    found = []
    for value, folder in enumerate(("a/home", "b/home")):
        (tmp_path / folder / "plugins").mkdir(parents=True)
        write(tmp_path / folder, "mine.py", SENSOR.format(name="Mine", use="mine", value=value))
        found.append(Plugins.load(tmp_path / folder).nodes["mine"])
    assert [node().read().values["value"] for node in found] == [0, 1]  # type: ignore[attr-defined]
    assert found[0].__module__ != found[1].__module__


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import no_such_library", "No module named 'no_such_library' (mine.py:1)"),
        ("def (", "SyntaxError"),
        ("import sys\nsys.exit('bye')", "SystemExit: bye (mine.py:2)"),
        ("raise BaseException('no')", "BaseException: no"),
        (GOOD.replace("@dataclass\n", ""), "A lacks @dataclass"),
        (GOOD.replace("use: ClassVar", "usage: ClassVar"), "A lacks a name"),
        (SENSOR.format(name="A", use="my sensor", value=1), "A lacks a name"),
        (GOOD.replace("gives:", "given:"), "A lacks `gives`"),
        (GOOD.replace("xmaker_nodes", "xmaker_node"), "xmaker_node? xmaker_nodes"),
        (GOOD.replace("@hookimpl", ""), "xmaker_nodes lacks @hookimpl"),
        (GOOD.replace("xmaker_nodes()", "xmaker_nodes(project)"), "xmaker_nodes"),
        (GOOD.replace("return [A]", "return A"), "TypeError"),
        (GOOD.replace("return [A]", "return [A()]"), "is no Input, Model or Output"),
        (GOOD.replace("return [A]", "return [3]"), "3 is no Input, Model or Output"),
        (GOOD.replace("return [A]", "return [A, dict]"), "dict is no Input"),
        (GOOD.replace("return [A]", "raise ValueError('x')"), "ValueError: x"),
        (SENSOR.format(name="A", use="led", value=1), "which xmaker_led offers already"),
        (
            GOOD.replace("    def read", "    pin: NoSuchType = 1\n    def read"),
            "NoSuchType",
        ),
    ],
    ids=lambda text: text.strip().splitlines()[-1][:40],
)
def test_what_is_wrong_with_a_plugin_is_a_state(project: Path, text: str, words: str) -> None:
    state = state_of(project, text)
    assert state.state == "failed"
    assert isinstance(state.error, PluginError)
    assert words in str(state.error)
    plugins = Plugins.load(project)
    assert "a" not in plugins.nodes  # a failed plugin offers nothing, not even its good half
    assert plugins.nodes["led"].__module__ == "xmaker_led"


def test_a_plugin_that_offers_nothing_is_fine(project: Path) -> None:
    assert state_of(project, "answer = 42").state == "on"
    assert state_of(project, GOOD.replace("return [A]", "return None")).state == "on"


def test_a_project_that_needs_a_failed_plugin_says_why(project: Path) -> None:
    from xmaker import Input

    write(project, "dht.py", "import no_such_library")
    problem = Plugins.load(project).unknown_node("dht", Input)
    assert problem.code == "XM217"
    assert "no_such_library" in problem.what("en")


def test_plugins_can_be_switched_off(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, "dice.py", SENSOR.format(name="Dice", use="dice", value=6))
    monkeypatch.setenv("XMAKER_PLUGINS_OFF", "led, plugins/dice.py")
    plugins = Plugins.load(project)
    assert {state.name for state in plugins.states if state.state == "off"} == {"led", "plugins/dice.py"}
    assert not {"led", "dice"} & set(plugins.nodes)


def test_all_plugins_but_some_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XMAKER_PLUGINS_ONLY", "led,simulator")
    assert {state.name for state in Plugins.load().states if state.state == "on"} == {"led", "simulator"}


def test_a_name_that_no_plugin_has_is_warned_of(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XMAKER_PLUGINS_OFF", "servo, leed, plugins/of_another_project.py")
    monkeypatch.setenv("XMAKER_PLUGINS_ONLY", "nonsense")
    off, only = Plugins.load(project).warnings
    assert "leed" in off.what("en") and "“led”" in off.mend("en") and off.warning
    assert "XMAKER_PLUGINS_ONLY" in only.what("en") and "servo" in only.mend("en")


def test_two_nodes_with_equal_options_are_two_nodes() -> None:
    led: Any = Plugins.load().nodes["led"]
    first, second = led(), led()
    assert first != second
    assert len({first, second}) == 2


CARD = ModelCard(name="mine", task="classify", input=ModelInput(8, 8))


class Good:
    """A plugin that offers one of each."""

    @hookimpl
    def xmaker_models(self) -> list[ModelCard]:
        return [CARD]

    @hookimpl
    def xmaker_board(self) -> Board:
        return Board("toaster", "A toaster", "simulator")


class Bad:
    """A plugin whose hooks all fail."""

    @hookimpl(tryfirst=True)
    def xmaker_models(self) -> list[ModelCard]:
        raise ValueError("no models")

    @hookimpl(tryfirst=True)
    def xmaker_drivers(self) -> None:
        raise ValueError("no drivers")

    @hookimpl(tryfirst=True)
    def xmaker_engines(self) -> None:
        return None

    @hookimpl(tryfirst=True)
    def xmaker_board(self) -> None:
        raise ValueError("no board")


def test_a_hook_that_fails_leaves_the_others_theirs() -> None:
    plugins = Plugins.load()
    plugins.add("bad", Bad())
    plugins.add("good", Good())
    assert plugins.board().name == "toaster"
    assert plugins.model("mine", Path()) is CARD
    assert plugins.driver("simulator").name == "simulator"
    assert plugins.engine(ModelCard(name="x", task="y", input=CARD.input, path=Path("x.onnx"))).name == "onnxruntime"
    assert [(state.name, state.state) for state in plugins.states][-2:] == [("bad", "failed"), ("good", "on")]


def test_what_nobody_offers_is_said_with_what_there_is() -> None:
    plugins = Plugins.load()
    with pytest.raises(ProjectError, match="no driver “gpiozer”") as raised:
        plugins.driver("gpiozer")
    assert "gpiozero" in raised.value.hint
    with pytest.raises(ProjectError, match="no model “imagnet”") as raised:
        plugins.model("imagnet", Path())
    assert "imagenet" in raised.value.hint
    with pytest.raises(ProjectError, match=r"can run model\.xyz"):
        plugins.engine(ModelCard(name="x", task="y", input=CARD.input, path=Path("model.xyz")))
    with pytest.raises(ProjectError, match="no engine “ncn”") as raised:
        plugins.engine(CARD, "ncn")
    assert "ncnn" in raised.value.hint


def test_the_same_plugin_twice_is_refused_and_the_first_stays() -> None:
    plugins = Plugins()
    assert plugins.add("good", Good()).state == "on"
    assert plugins.add("good", Good()).state == "failed"
    assert plugins.models() == [CARD]


def test_a_projects_own_plugin_that_is_broken_is_a_warning_and_the_reason_of_an_unknown_node(project: Path) -> None:
    write(project, "helper.py", "def (")
    (project / "project.yaml").write_text("inputs: {clock: {}}")
    (warning,) = Project.load(project).warnings
    assert (warning.code, "helper.py, line 1" in warning.what("en")) == ("XM602", True)
    (project / "project.yaml").write_text("inputs: {clock: {}, mine: {use: something}}")
    with pytest.raises(ProjectError) as raised:
        Project.load(project)
    assert raised.value.code == "XM217"
