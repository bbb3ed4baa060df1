"""XMaker: wires inputs to models and outputs with one small file, on a laptop, a Raspberry Pi or a UNIHIKER.

Everything public can be imported from here; what is not used is not loaded.
"""
# ruff: noqa: F403  # type checkers alone see the stars; what is public says the table

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_WHERE = {
    "cards": "ModelCard ModelInput card_beside",
    "detections": "Detection Detections",
    "drivers": "Board Driver Handle I2C I2CAddress Pin",
    "engines": "Engine Session",
    "errors": "DeviceError MissingDependency NodeError PluginError ProjectError XMakerError",
    "hookspecs": "hookimpl",
    "nodes": "Finished Input Model Output Quantity Stamped action",
    "onnx_file": "OnnxFile Tensor read_onnx",
    "options": "Count Rate Seconds",
    "plugins": "Plugins",
    "project": "Project",
    "runtime": "Runtime",
    "terminal": "View",
    "values": "Action Event Frame Key Label LabelName Notice Reading Sound Text Value",
}
_MODULES = {name: module for module, names in _WHERE.items() for name in names.split()}

if TYPE_CHECKING:
    from xmaker.cards import *
    from xmaker.detections import *
    from xmaker.drivers import *
    from xmaker.engines import *
    from xmaker.errors import *
    from xmaker.hookspecs import *
    from xmaker.nodes import *
    from xmaker.onnx_file import *
    from xmaker.options import *
    from xmaker.plugins import *
    from xmaker.project import *
    from xmaker.runtime import *
    from xmaker.terminal import *
    from xmaker.values import *
else:

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module 'xmaker' has no attribute '{name}'")
        value = globals()[name] = getattr(importlib.import_module(f"xmaker.{_MODULES[name]}"), name)
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
