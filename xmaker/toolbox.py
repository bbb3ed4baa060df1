"""`xmaker.toolbox.convert(…)`, `quantize`, `evaluate`, …: the functions of the plugin `toolbox`, where people look for them."""

from __future__ import annotations

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    return getattr(importlib.import_module("xmaker_toolbox"), name)
