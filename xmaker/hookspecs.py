"""The hooks: everything that a plugin can offer or watch. This file is also the reference (docs/hooks.md is made from it)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from xmaker.cards import ModelCard
    from xmaker.drivers import Board, Driver
    from xmaker.engines import Engine
    from xmaker.errors import XMakerError
    from xmaker.nodes import Node
    from xmaker.project import Project
    from xmaker.runtime import Runtime
    from xmaker.runtime.live_file import LiveFile
    from xmaker.values import Event

hookspec = pluggy.HookspecMarker("xmaker")
hookimpl = pluggy.HookimplMarker("xmaker")
"""Marks a plugin's function as the implementation of the hook of the same name."""


@hookspec
def xmaker_nodes() -> Iterable[type[Node]]:  # type: ignore[empty-body]
    """Offer node types. Called once, when plugins are loaded."""


@hookspec
def xmaker_drivers() -> Iterable[type[Driver]]:  # type: ignore[empty-body]
    """Offer drivers, which move pins. The runtime opens one of each that a project needs, shares it, closes it last."""


@hookspec
def xmaker_engines() -> Iterable[type[Engine]]:  # type: ignore[empty-body]
    """Offer engines, which run networks. Asked when a model is loaded; the first that knows the file's ending runs it."""


@hookspec
def xmaker_models() -> Iterable[ModelCard]:  # type: ignore[empty-body]
    """Offer models by name, so that a project can say `model: cat-dog`. Asked when a model is looked for."""


@hookspec(firstresult=True)
def xmaker_read_card(path: Path) -> ModelCard | None:
    """Make the card of a model file that has none of XMaker's own, or return None when it is not of your kind.

    Asked when a project names a file; the first answer counts, so that who only guesses is marked `hookimpl(trylast=True)`.
    Raises XMakerError when it is of your kind and damaged.
    """


@hookspec
def xmaker_model_facts(card: ModelCard) -> Iterable[tuple[str, str]]:  # type: ignore[empty-body]
    """Tell more of a model than its card does, as pairs of a word and what it is. Asked by `xmaker model info`."""


@hookspec(firstresult=True)
def xmaker_board() -> Board | None:
    """Say which computer this is, or None when you do not know it. The first answer counts; the simulator answers last."""


@hookspec
def xmaker_commands(cli: Any) -> None:
    """Add commands to `xmaker`: `cli` is a click group, `cli.get_command(None, "model")` the group `xmaker model`.

    Called when the command that was typed may be a plugin's, and for `--help`.
    """


@hookspec(firstresult=True)
def xmaker_panel(file: LiveFile, runtime: Runtime, host: str, port: int) -> AbstractContextManager[str] | None:
    """Show a run somewhere else than in the terminal. `xmaker run --panel` enters what the first plugin returns before the
    run begins, prints the words that it gives (where the panel is), and leaves it when the run is over. An empty `host`
    means this computer alone; `port` 0 is for the panel to choose. Raises XMakerError.
    """


@hookspec
def xmaker_start(project: Project) -> None:
    """Called when a project has been started, before its first event."""


@hookspec
def xmaker_event(event: Event) -> None:
    """Called on the event loop for every event, actions included: be quick. Frames and sounds come only to plugins that have a
    module variable (or attribute) `xmaker_wants_media = True`. An observer that raises is unplugged for the rest of the run.
    """


@hookspec
def xmaker_error(error: XMakerError) -> None:
    """Called on the event loop when a node or a rule has failed; once for each kind of error, with its count so far."""


@hookspec
def xmaker_stop(project: Project) -> None:
    """Called when the run has ended and every output has been left safe."""
