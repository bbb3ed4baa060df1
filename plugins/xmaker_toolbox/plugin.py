"""The toolbox's commands under `xmaker model`. What one of them needs is imported when it is typed."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from xmaker import ModelCard, hookimpl

COMMANDS: dict[str, str] = {
    "bench": "speed.command",
    "card": "editing.command",
    "convert": "convert.command",
    "evaluate": "evaluation.command",
    "export": "exporting.command",
    "fold": "editing.command",
    "quantize": "quantizing.command",
    "simplify": "editing.command",
    "teach": "teach.command",
}
"""Command of `xmaker model` → the module that has a click command of this name."""


@hookimpl
def xmaker_commands(cli: Any) -> None:
    from xmaker_toolbox.capture.command import capture

    cli.add_command(capture)
    group = cli.get_command(None, "model")
    for name, module in COMMANDS.items():
        group.add_command(getattr(importlib.import_module(f"xmaker_toolbox.{module}"), name), name)


@hookimpl
def xmaker_read_card(path: Path) -> ModelCard | None:
    """A head that was learnt from pictures, together with the network in the box."""
    if path.suffix.lower() != ".json":
        return None
    from xmaker_toolbox.teach.head_file import completed

    return completed(path)
