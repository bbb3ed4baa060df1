"""Every hook has words, a test here, and somebody who uses it."""

from __future__ import annotations

import inspect
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
import pytest
from xmaker_led import Led

from xmaker import Board, Driver, Engine, Event, ModelCard, ModelInput, Plugins, Project, Runtime, hookimpl, hookspecs
from xmaker.errors import NodeError, XMakerError
from xmaker.testing import wait_until

HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("xmaker_"))

WHO = {
    "xmaker_nodes": "plugins/xmaker_led.py",
    "xmaker_drivers": "plugins/xmaker_gpiozero.py",
    "xmaker_engines": "plugins/xmaker_onnxruntime/__init__.py",
    "xmaker_models": "plugins/xmaker_imagenet/__init__.py",
    "xmaker_read_card": "plugins/xmaker_cards/__init__.py",
    "xmaker_model_facts": "plugins/xmaker_detector/reading.py",
    "xmaker_board": "plugins/xmaker_simulator.py",
    "xmaker_panel": "plugins/xmaker_panel/__init__.py",
    "xmaker_event": "xmaker/cli/plain.py",
    "xmaker_error": "xmaker/cli/plain.py",
}
"""Hook → who implements it, of what comes with XMaker: a plugin, or the command line, which watches runs as a plugin does."""

FOR_STRANGERS = {"xmaker_commands", "xmaker_start", "xmaker_stop"}
"""Hooks that only other people's plugins implement so far: the command line calls the first, the runtime the other two."""

ROOT = Path(hookspecs.__file__).parents[1]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_words_a_test_and_a_user(hook: str) -> None:
    assert inspect.getdoc(getattr(hookspecs, hook))
    assert f"test_hook_{hook.removeprefix('xmaker_')}" in globals(), f"{hook} lacks a test"
    assert (hook in WHO) != (hook in FOR_STRANGERS), f"who uses {hook}?"
    if hook in WHO:
        assert f"def {hook}(" in (ROOT / WHO[hook]).read_text(encoding="utf-8")


@pytest.fixture
def plugins() -> Plugins:
    return Plugins()


def offer(plugins: Plugins, hook: str, function: Any) -> None:
    """Add a plugin with one hook."""
    assert plugins.add("mine", type("Mine", (), {hook: staticmethod(hookimpl(function))})()).error is None


CARD = ModelCard(name="mine", task="classify", input=ModelInput(8, 8), path=Path("mine.onnx"))


def test_hook_nodes(plugins: Plugins) -> None:
    offer(plugins, "xmaker_nodes", lambda: [Led])
    assert plugins.nodes == {"led": Led}


def test_hook_drivers(plugins: Plugins) -> None:
    class Mine(Driver):
        name = "mine"

    offer(plugins, "xmaker_drivers", lambda: [Mine])
    assert plugins.driver("mine") is Mine


def test_hook_engines(plugins: Plugins) -> None:
    class Mine(Engine):
        name, suffixes = "mine", (".onnx",)

    offer(plugins, "xmaker_engines", lambda: [Mine])
    assert isinstance(plugins.engine(CARD), Mine)


def test_hook_models(plugins: Plugins) -> None:
    offer(plugins, "xmaker_models", lambda: [CARD])
    assert plugins.model("mine", Path()) is CARD


def test_hook_read_card(plugins: Plugins, tmp_path: Path) -> None:
    (tmp_path / "mine.json5").touch()
    offer(plugins, "xmaker_read_card", lambda path: CARD if path.suffix == ".json5" else None)
    assert plugins.model("./mine.json5", tmp_path) is CARD
    assert CARD.path == tmp_path / "mine.json5"


def test_hook_model_facts(plugins: Plugins) -> None:
    offer(plugins, "xmaker_model_facts", lambda card: [("name twice", card.name * 2)])
    assert plugins.facts_of(CARD) == {"name twice": "minemine"}


def test_hook_board(plugins: Plugins) -> None:
    assert plugins.board().simulated
    offer(plugins, "xmaker_board", lambda: Board("mine", "My board", "gpiozero"))
    assert plugins.board().title == "My board"


def test_hook_commands(plugins: Plugins) -> None:
    def xmaker_commands(cli: Any) -> None:
        @cli.command()
        def mine() -> None: ...

    offer(plugins, "xmaker_commands", xmaker_commands)
    plugins.manager.hook.xmaker_commands(cli=(cli := click.Group()))
    assert list(cli.commands) == ["mine"]


def run(plugins: Plugins) -> Project:
    """Run a project with a lamp for a moment."""
    project = Project("test", plugins=plugins).add(Led(), name="light")
    plugins.add("simulator", "xmaker_simulator")
    runtime = Runtime(plugins)
    runtime.apply(project)
    wait_until(lambda: runtime.workers["light"].state == "on")
    runtime.workers["light"].failed(ValueError("oh"))
    runtime.workers["light"].failed(ValueError("oh"))
    runtime.loop.call(lambda: runtime.perform("light", "on", (), None))
    runtime.loop.call_and_wait(lambda: None)
    runtime.stop()
    return project


def test_hook_panel(plugins: Plugins) -> None:
    def xmaker_panel(file: Any, runtime: Any, host: str, port: int) -> Any:
        return nullcontext(f"{file} {host}:{port}")

    asked = {"file": "project.yaml", "runtime": None, "host": "", "port": 0}
    assert plugins.manager.hook.xmaker_panel(**asked) is None
    offer(plugins, "xmaker_panel", xmaker_panel)
    with plugins.manager.hook.xmaker_panel(**asked) as words:
        assert words == "project.yaml :0"


def test_hook_start(plugins: Plugins) -> None:
    told: list[Any] = []
    offer(plugins, "xmaker_start", lambda project: told.append(project))
    assert told == [run(plugins)]


def test_hook_event(plugins: Plugins) -> None:
    told: list[Event] = []
    offer(plugins, "xmaker_event", lambda event: told.append(event))
    run(plugins)
    assert [event.to_json()["node"] for event in told] == ["xmaker", "light"]  # "simulated", and the action


def test_hook_error(plugins: Plugins) -> None:
    told: list[XMakerError] = []
    offer(plugins, "xmaker_error", lambda error: told.append(error))
    run(plugins)
    (error,) = told
    assert isinstance(error, NodeError)
    assert (str(error), error.count) == ("light failed: ValueError: oh", 2)


def test_hook_stop(plugins: Plugins) -> None:
    told: list[Any] = []
    offer(plugins, "xmaker_stop", lambda project: told.append(project))
    assert told == [run(plugins)]
