"""Finds plugins and keeps what they offer: installed ones by their entry point, a project's own ones in its `plugins/` folder.

A plugin that fails is a state, shown by `xmaker plugins`, never a crash.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import pluggy

from xmaker import hookspecs
from xmaker.drivers import Board, Driver
from xmaker.engines import Engine, ModelCard, card_inside
from xmaker.errors import PluginError, Problem, ProjectError, XMakerError, nearest
from xmaker.nodes import Input, Model, Node, Output
from xmaker.options import option_types

GROUP = "xmaker"


@dataclasses.dataclass
class PluginState:
    """What became of one plugin: `on`, `off` (switched off by the user) or `failed`, with its error."""

    name: str
    module: str
    state: Literal["on", "off", "failed"] = "on"
    error: XMakerError | None = None
    nodes: list[str] = dataclasses.field(default_factory=list)


class Plugins:
    """The plugins of one run. `XMAKER_PLUGINS_OFF=a,b` switches some off, `XMAKER_PLUGINS_ONLY=a,b` all others."""

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager("xmaker")
        self.manager.add_hookspecs(hookspecs)
        self.states: list[PluginState] = []
        self.nodes: dict[str, type[Node]] = {}

    @classmethod
    def load(cls, folder: Path | None = None) -> Plugins:
        """Load every installed plugin, then the modules in `folder/plugins`."""
        plugins = cls()
        off, only = _names("XMAKER_PLUGINS_OFF"), _names("XMAKER_PLUGINS_ONLY")
        for name, module in entry_points():
            if name in off or (only and name not in only):
                plugins.states.append(PluginState(name, module, "off"))
            else:
                plugins.add(name, module)
        if folder is not None:
            for path in sorted((folder / "plugins").glob("*.py")):
                plugins.add(path.stem, path)
        return plugins

    def add(self, name: str, source: str | Path | object) -> PluginState:
        """Load one plugin from a module name or a file, or take an object that has hooks, and register what it offers."""
        state = PluginState(name, str(source) if isinstance(source, str | Path) else type(source).__name__)
        self.states.append(state)
        try:
            plugin = _import(name, source) if isinstance(source, str | Path) else source
            self.manager.register(plugin, name=name)
            self._check_hooks(name)
            if hook := getattr(plugin, "xmaker_nodes", None):
                for node_type in hook() or ():
                    self._add_node(node_type, state)
        except XMakerError as error:
            state.state, state.error = "failed", error
        except BaseException as error:  # a stranger's module may raise anything, SystemExit included
            if isinstance(error, KeyboardInterrupt):
                raise
            state.state, state.error = "failed", PluginError.of("XM602", plugin=name, error=_in_words(error))
        if state.state == "failed" and self.manager.has_plugin(name):
            self.manager.unregister(name=name)
        return state

    def _check_hooks(self, name: str) -> None:
        """Refuse a misspelt hook, which pluggy would never call."""
        known = {hook for hook in vars(hookspecs) if hook.startswith("xmaker_")}
        for hook in vars(self.manager.get_plugin(name)) if hasattr(self.manager.get_plugin(name), "__dict__") else ():
            if hook.startswith("xmaker_") and hook not in known and hook != "xmaker_wants_media":
                raise PluginError.of("XM603", plugin=name, reason=f"{hook}? {nearest(hook, known)}")

    def _add_node(self, node_type: Any, state: PluginState) -> None:
        if reason := _why_no_node(node_type):
            raise PluginError.of("XM603", plugin=state.name, reason=reason)
        if (other := self.nodes.get(node_type.use)) is not None and other is not node_type:
            raise PluginError.of("XM615", plugin=state.name, node=node_type.use, other=other.__module__)
        # Two lamps with the same options are still two lamps, whatever @dataclass thinks.
        node_type.__eq__, node_type.__hash__ = object.__eq__, object.__hash__
        self.nodes[node_type.use] = node_type
        state.nodes.append(node_type.use)

    def failed(self) -> list[PluginState]:
        return [state for state in self.states if state.state == "failed"]

    def board(self) -> Board:
        """Return the computer that this is."""
        board = self.manager.hook.xmaker_board()
        return board if isinstance(board, Board) else Board("simulator", "simulator", "simulator", simulated=True)

    def driver(self, name: str) -> type[Driver]:
        """Return a driver by its name. Raises ProjectError when no plugin offers it."""
        drivers = {driver.name: driver for offered in self.manager.hook.xmaker_drivers() for driver in offered}
        if name not in drivers:
            raise ProjectError.of("XM609", driver=name, known=", ".join(sorted(drivers)), near=nearest(name, drivers))
        found: type[Driver] = drivers[name]
        return found

    def engine(self, card: ModelCard) -> Engine:
        """Return the engine that runs a model's file. Raises ProjectError when there is none."""
        suffix = card.path.suffix if card.path else ""
        for offered in self.manager.hook.xmaker_engines():
            for engine in offered:
                if suffix in engine.suffixes:
                    return engine()  # type: ignore[no-any-return]
        raise ProjectError.of("XM608", file=card.path)

    def models(self) -> list[ModelCard]:
        """Return the catalog: every model that a name can stand for."""
        return [card for offered in self.manager.hook.xmaker_models() for card in offered]

    def model(self, name: str, folder: Path) -> ModelCard:
        """Find a model by its catalog name, or by its file, relative to a folder. Raises ProjectError when there is none."""
        if name.lower().endswith((".onnx", ".tflite", ".pt", ".pth")) or "/" in name:
            return card_inside(folder / Path(name).expanduser())
        cards = {card.name: card for card in self.models()}
        if name not in cards:
            raise ProjectError.of("XM607", model=name, known=", ".join(sorted(cards)), near=nearest(name, cards))
        return cards[name]

    def unknown_node(self, use: str, kind: type[Node]) -> Problem:
        """Return the problem of a node type that nobody offers; a failed plugin may be the reason."""
        of_kind = sorted(name for name, node_type in self.nodes.items() if issubclass(node_type, kind))
        near = nearest(use, of_kind) or nearest(use, self.nodes)
        for state in self.failed():
            if use in (state.name, state.module.removeprefix("xmaker_")) and state.error:
                return Problem("XM217", {"use": use, "plugin": state.name, "error": state.error})
        return Problem("XM203", {"use": use, "near": near, "known": ", ".join(of_kind)})


def _names(variable: str) -> set[str]:
    return {name.strip() for name in os.environ.get(variable, "").split(",") if name.strip()}


def _in_words(error: BaseException) -> str:
    where = ""
    trace = error.__traceback__
    while trace is not None:
        where = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})"
        trace = trace.tb_next
    return f"{type(error).__name__}: {error}{where}"


def _import(name: str, source: str | Path) -> Any:
    if isinstance(source, str):
        return importlib.import_module(source)
    qualified = f"xmaker_project_plugins.{source.parent.parent.name}.{name}"
    spec = importlib.util.spec_from_file_location(qualified, source)
    assert spec and spec.loader  # a .py file always has a loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[qualified] = module  # dataclasses look their module up here
    spec.loader.exec_module(module)
    return module


def _why_no_node(node_type: Any) -> str:
    """Return why this cannot be a node type, or ""."""
    name = getattr(node_type, "__name__", repr(node_type))
    if not (isinstance(node_type, type) and issubclass(node_type, Input | Model | Output)):
        return f"{name} is no Input, Model or Output"
    if "__dataclass_fields__" not in vars(node_type):
        return f"{name} lacks @dataclass"
    if not isinstance(getattr(node_type, "use", None), str) or not node_type.use.isidentifier():
        return f'{name} lacks a name: use: ClassVar[str] = "my_sensor"'
    if not issubclass(node_type, Output) and not getattr(node_type, "gives", None):
        return f"{name} lacks `gives`"
    try:
        option_types(node_type)
    except Exception as error:  # noqa: BLE001  # an annotation may say anything
        return f"{name}: {error}"
    return ""


def entry_points() -> Sequence[tuple[str, str]]:
    """Return (name, module) of every installed plugin. The scan of all distributions takes 30 ms, so it is cached."""
    key = json.dumps([sys.version_info[:2], *_stamps(sys.path)])
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xmaker" / "plugins.json"
    try:
        cached = json.loads(cache.read_text(encoding="utf-8"))
        if cached["key"] == key:
            return [(name, module) for name, module in cached["found"]]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    from importlib.metadata import entry_points as scan

    found = sorted({(entry.name, entry.value) for entry in scan(group=GROUP)})
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps({"key": key, "found": found}), encoding="utf-8")
    except OSError:
        pass  # a read-only home only costs the 30 ms
    return found


def _stamps(folders: Iterable[str]) -> list[object]:
    """Return each folder with its time of change: installing or removing a distribution changes it."""
    stamps: list[object] = []
    for folder in folders:
        try:
            stamps.append([folder, os.stat(folder or ".").st_mtime_ns])
        except OSError:
            continue
    return stamps
