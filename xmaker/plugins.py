"""Finds plugins and keeps what they offer: installed ones by their entry point, a project's own ones in its `plugins/` folder.

A plugin that fails is a state, shown by `xmaker plugins`, never a crash.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from traceback import extract_tb
from typing import Any, Literal

import msgspec
import pluggy

from xmaker import hookspecs
from xmaker.cards import ModelCard, card_beside, card_inside, is_file_name
from xmaker.discovery import Memory, NodeTypes
from xmaker.drivers import Board, Driver
from xmaker.engines import Engine
from xmaker.errors import PluginError, Problem, ProjectError, XMakerError, nearest
from xmaker.nodes import Node
from xmaker.offers import check_hooks, is_offer, why_no_node

OWN = "plugins/"
"""How the names of a project's own plugins begin."""

ONE = ("xmaker_board", "xmaker_read_card")
"""Hooks that give one thing, or None."""


class PluginState(msgspec.Struct):
    """What became of one plugin: `on`, `off` (switched off by the user) or `failed`, with its error."""

    name: str
    module: str
    state: Literal["on", "off", "failed"] = "on"
    error: XMakerError | None = None
    nodes: list[str] = []


class Manager(pluggy.PluginManager):
    """Looks for hooks only where their name says that one may be: a module has a hundred other names."""

    def parse_hookimpl_opts(self, plugin: Any, name: str) -> Any:
        return super().parse_hookimpl_opts(plugin, name) if name.startswith("xmaker_") else None


class Plugins:
    """The plugins of one run. `XMAKER_PLUGINS_OFF=a,b` switches some off, `XMAKER_PLUGINS_ONLY=a,b` all others."""

    def __init__(self) -> None:
        self.manager = Manager("xmaker")
        self.manager.add_hookspecs(hookspecs)
        self.states: list[PluginState] = []
        self.warnings: list[Problem] = []
        self.nodes = NodeTypes(self.add)
        self._models: list[ModelCard] = []
        self._cards: dict[tuple[Path, int], ModelCard] = {}
        """What was read of model files: a large one takes a while."""

    @classmethod
    def load(cls, folder: Path | None = None) -> Plugins:
        """Load every installed plugin, then the modules in `folder/plugins`. What only offers node types may wait."""
        plugins, memory = cls(), Memory.load()
        off, only = _names("XMAKER_PLUGINS_OFF"), _names("XMAKER_PLUGINS_ONLY")
        own = sorted((folder / "plugins").glob("*.py")) if folder else ()
        known = dict(memory.nodes)
        for name, source in [*memory.found, *((f"{OWN}{path.name}", path) for path in own)]:
            uses = memory.node_types(source) if isinstance(source, str) else []
            if name in off or (only and name not in only):
                plugins.states.append(PluginState(name, str(source), "off", nodes=uses))
            elif uses and not any(use in plugins.nodes for use in uses):
                plugins.states.append(PluginState(name, str(source), nodes=uses))
                plugins.nodes.wait(name, str(source), uses)
            else:
                state = plugins.add(name, source)
                if isinstance(source, str) and state.state == "on" and plugins._only_nodes(name):
                    memory.learn(source, [plugins.nodes[use] for use in state.nodes])
        if memory.nodes != known:
            memory.save()
        plugins.warnings = [*_misspelt("XMAKER_PLUGINS_OFF", plugins.states), *_misspelt("XMAKER_PLUGINS_ONLY", plugins.states)]
        return plugins

    def add(self, name: str, source: str | Path | object) -> PluginState:
        """Load one plugin from a module name or a file, or take an object that has hooks, and register what it offers."""
        module = str(source) if isinstance(source, str | Path) else type(source).__name__
        state = next((state for state in self.states if (state.name, state.module) == (name, module)), None)
        if state is None or self.manager.has_plugin(name):  # else it has waited
            self.states.append(state := PluginState(name, module))
        self._models = []
        try:
            plugin = _import(source) if isinstance(source, str | Path) else source
            check_hooks(name, plugin)
            node_types = list(plugin.xmaker_nodes() or ()) if hasattr(plugin, "xmaker_nodes") else []
            for node_type in node_types:
                self._check_node(node_type, state)
            self.manager.register(plugin, name=name)
        except BaseException as error:  # noqa: BLE001  # a stranger's module may raise anything, SystemExit included
            self._fail(state, error)
            return state
        state.nodes = [node_type.use for node_type in node_types]
        for node_type in node_types:
            # Two lamps with the same options are still two lamps, whatever @dataclass thinks.
            node_type.__eq__, node_type.__hash__ = object.__eq__, object.__hash__
            self.nodes.loaded[node_type.use] = node_type
        return state

    def _only_nodes(self, name: str) -> bool:
        callers = self.manager.get_hookcallers(self.manager.get_plugin(name))
        return [caller.name for caller in callers or ()] == ["xmaker_nodes"]

    def _check_node(self, node_type: Any, state: PluginState) -> None:
        if reason := why_no_node(node_type):
            raise PluginError.of("XM603", plugin=state.name, reason=reason)
        if (other := self.nodes.get(node_type.use)) is not None and other is not node_type:
            raise PluginError.of("XM615", plugin=state.name, node=node_type.use, other=other.__module__)

    def _fail(self, state: PluginState, error: BaseException) -> None:
        if isinstance(error, KeyboardInterrupt):
            raise error
        if not isinstance(error, XMakerError):
            error = PluginError.of("XM602", plugin=state.name, error=_in_words(error))
        state.state, state.error = "failed", error

    def _offers(self, hook: str, only: str = "", given: tuple[Any, ...] = ()) -> Iterator[Any]:
        """Yield what every plugin offers under a hook, in pluggy's order. One that fails is a state; the others still count.

        What is wrong with something `given` is no failure of the plugin that says so: ProjectError is raised.
        """
        for offer in reversed(getattr(self.manager.hook, hook).get_hookimpls()):
            if only not in ("", offer.plugin_name):
                continue
            try:
                offered = offer.function(*given[: len(offer.argnames)])
                things = [offered] if hook in ONE and offered is not None else list(offered or ())
                for thing in things:
                    if not is_offer(hook, thing):
                        raise PluginError.of("XM603", plugin=offer.plugin_name, reason=f"{hook}: {thing!r}")
            except BaseException as error:  # a stranger's hook may raise anything, SystemExit included
                if given and isinstance(error, ProjectError):
                    raise
                states = {state.name: state for state in self.states}
                self._fail(states.get(offer.plugin_name) or PluginState(offer.plugin_name, hook), error)
                continue
            yield from things

    def offers_of(self, name: str) -> list[str]:
        """Return what one plugin offers: drivers, engines and models by name, other hooks by theirs."""
        found: list[str] = []
        plugin = self.manager.get_plugin(name)
        for caller in self.manager.get_hookcallers(plugin) or () if plugin is not None else ():
            if caller.name in ("xmaker_drivers", "xmaker_engines", "xmaker_models"):
                found += [thing.name for thing in self._offers(caller.name, name)]
            elif caller.name != "xmaker_nodes":
                found.append(caller.name.removeprefix("xmaker_"))
        return found

    def failed(self) -> list[PluginState]:
        """Return the plugins that cannot be used; for that all of them are imported."""
        list(self.nodes)
        return [state for state in self.states if state.state == "failed"]

    def board(self) -> Board:
        """Return the computer that this is."""
        return next(self._offers("xmaker_board"), Board("simulator", "simulator", "simulator", simulated=True))

    def driver(self, name: str) -> type[Driver]:
        """Return a driver by its name. Raises ProjectError when no plugin offers it."""
        drivers = {driver.name: driver for driver in self._offers("xmaker_drivers")}
        if name not in drivers:
            raise ProjectError.of("XM609", driver=name, known=", ".join(sorted(drivers)), near=nearest(name, drivers))
        found: type[Driver] = drivers[name]
        return found

    def driver_of(self, board: str) -> type[Driver] | None:
        """Return the driver that moves the pins of a board, or None when no plugin offers one."""
        return next((driver for driver in self._offers("xmaker_drivers") if board in driver.boards), None)

    def boards(self) -> list[str]:
        """Return the names of all boards that a project may be for: those of the drivers, the simulator, and this one."""
        moved = {board for driver in self._offers("xmaker_drivers") for board in driver.boards}
        return sorted(moved | {"simulator", self.board().name})

    def engine(self, card: ModelCard, name: str = "", tell: Callable[..., None] | None = None) -> Engine:
        """Return the engine of that name, or the first that runs a model's file.

        Raises ProjectError when there is none, and MissingDependency when the one that is named is not installed.
        """
        engines = {engine.name: engine for engine in self._offers("xmaker_engines")}
        if name and name not in engines:
            raise ProjectError.of("XM657", engine=name, known=", ".join(sorted(engines)), near=nearest(name, engines))
        assert card.path is not None
        for engine in [engines[name]] if name else engines.values():
            made = engine(tell)
            if made.files(card.path) if name else card.path.name.endswith(made.suffixes):
                made.others = tuple(engines.values())
                return made  # type: ignore[no-any-return]
        if not name:
            raise ProjectError.of("XM608", file=card.path)
        if not made.there():
            made.load(card, 1)  # says what to install
        endings = " ".join(made.suffixes)
        target = card.path.with_name(f"{card.path.stem.partition('.')[0]}{made.suffixes[0]}").name
        raise ProjectError.of("XM625", file=card.path, engine=name, endings=endings, target=target)

    def models(self) -> list[ModelCard]:
        """Return the catalog: every model that a name can stand for. Read once: a card with 1,000 labels takes a while."""
        self._models = self._models or list(self._offers("xmaker_models"))
        return self._models

    def model(self, name: str, folder: Path) -> ModelCard:
        """Find a model by its catalog name, or by its file, relative to a folder. Raises ProjectError when there is none."""
        if is_file_name(name):
            return self._card_of(folder / Path(name).expanduser())
        cards = {card.name: card for card in self.models()}
        if name not in cards:
            raise ProjectError.of("XM607", model=name, known=", ".join(sorted(cards)), near=nearest(name, cards))
        return cards[name]

    def facts_of(self, card: ModelCard) -> dict[str, str]:
        """Return what plugins know of a model beside what its card says."""
        return dict(self._offers("xmaker_model_facts", given=(card,)))

    def _card_of(self, path: Path) -> ModelCard:
        """Return the card of a model file: its own, or what a plugin makes of it. Raises ProjectError when there is none."""
        if not path.is_file():
            raise ProjectError.of("XM604", file=path)
        key = (path, path.stat().st_mtime_ns)
        if key not in self._cards:
            own = {".json": card_beside, ".onnx": card_inside}.get(path.suffix.lower(), lambda _: None)(path)
            card = own
            if own is None or not own.path or own.path.is_dir():  # a card that names no file: a plugin may have it
                card = next(self._offers("xmaker_read_card", given=(path,)), own)
            if card is None:
                raise ProjectError.of("XM606", file=path, labels=path.with_suffix(".txt").name)
            if own is None:
                card.path = path
            self._cards[key] = card
        return self._cards[key]

    def unknown_node(self, use: str, kind: type[Node]) -> Problem:
        """Return the problem of a node type that nobody offers; a failed plugin may be the reason."""
        of_kind = sorted(name for name, node_type in self.nodes.items() if issubclass(node_type, kind))
        for state in self.states:
            named_so = use in (state.name, Path(state.module).stem.removeprefix("xmaker_"), *state.nodes)
            if state.state == "off" and named_so:
                return Problem("XM641", {"use": use, "plugin": state.name})
            if state.error and (named_so or state.name.startswith(OWN)):  # nobody knows what a broken one would offer
                return Problem("XM217", {"use": use, "plugin": state.name, "error": state.error})
        near = nearest(use, of_kind) or nearest(use, self.nodes)
        return Problem("XM203", {"use": use, "near": near, "known": ", ".join(of_kind) or "-"})


def _names(variable: str) -> set[str]:
    return {name.strip() for name in os.environ.get(variable, "").split(",") if name.strip()}


def _misspelt(variable: str, states: list[PluginState]) -> Iterator[Problem]:
    """Yield a warning for each name that no plugin has. Of a project's own ones, another project may have it."""
    known = [state.name for state in states]
    for name in sorted(_names(variable)):
        if name not in known and not name.startswith(OWN):
            details = {"variable": variable, "name": name, "near": nearest(name, known), "known": ", ".join(known)}
            yield Problem("XM645", details, warning=True)


def _in_words(error: BaseException) -> str:
    if isinstance(error, SyntaxError):  # its words name the line
        return f"{type(error).__name__}: {error}"
    where = [f" ({Path(frame.filename).name}:{frame.lineno})" for frame in extract_tb(error.__traceback__)]
    return f"{type(error).__name__}: {error}{where[-1]}"


def _import(source: str | Path) -> Any:
    if isinstance(source, str):
        return importlib.import_module(source)
    # The path in the name keeps the plugins of two projects apart, though both may be called `mine.py`.
    name = f"xmaker_project_plugins.{zlib.crc32(str(source.resolve()).encode()):08x}.{source.stem}"
    spec = importlib.util.spec_from_file_location(name, source)
    assert spec and spec.loader  # a .py file always has a loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up here
    spec.loader.exec_module(module)
    return module
