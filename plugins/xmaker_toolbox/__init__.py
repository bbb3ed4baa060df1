"""The road of a model to a device: teach, convert, quantize, evaluate, benchmark. Every step is a function, and a command.

Each function takes `progress`, which is told how far it is, and may raise `Cancelled` to end it; nothing half-written stays.
"""

from __future__ import annotations

import importlib
from typing import Any

_WHERE: dict[str, str] = {
    "Speed": "speed.results",
    "bench": "speed.bench",
    "convert": "convert.run",
    "edit_card": "editing.card",
    "evaluate": "evaluation.run",
    "export": "exporting.run",
    "fold": "editing.fold",
    "quantize": "quantizing.run",
    "simplify": "editing.simplify",
    "teach": "teach.lesson",
}
"""Public function → module: what is not used is not imported, for torch alone takes seconds."""


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'xmaker.toolbox' has no attribute '{name}'")
    return getattr(importlib.import_module(f"xmaker_toolbox.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_WHERE)
