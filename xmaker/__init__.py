"""XMaker: wires inputs to models and outputs with one small file, on a laptop, a Raspberry Pi or a UNIHIKER.

Everything public can be imported from here; what is not used is not loaded.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xmaker.drivers import I2C as I2C
    from xmaker.drivers import Board as Board
    from xmaker.drivers import Driver as Driver
    from xmaker.drivers import Handle as Handle
    from xmaker.drivers import I2CAddress as I2CAddress
    from xmaker.drivers import Pin as Pin
    from xmaker.engines import Engine as Engine
    from xmaker.engines import ModelCard as ModelCard
    from xmaker.engines import ModelInput as ModelInput
    from xmaker.engines import Session as Session
    from xmaker.engines import card_beside as card_beside
    from xmaker.errors import DeviceError as DeviceError
    from xmaker.errors import MissingDependency as MissingDependency
    from xmaker.errors import NodeError as NodeError
    from xmaker.errors import PluginError as PluginError
    from xmaker.errors import ProjectError as ProjectError
    from xmaker.errors import XMakerError as XMakerError
    from xmaker.hookspecs import hookimpl as hookimpl
    from xmaker.nodes import Finished as Finished
    from xmaker.nodes import Input as Input
    from xmaker.nodes import Model as Model
    from xmaker.nodes import Output as Output
    from xmaker.nodes import Quantity as Quantity
    from xmaker.nodes import Stamped as Stamped
    from xmaker.nodes import action as action
    from xmaker.options import Count as Count
    from xmaker.options import Rate as Rate
    from xmaker.options import Seconds as Seconds
    from xmaker.plugins import Plugins as Plugins
    from xmaker.project import Project as Project
    from xmaker.runtime import Runtime as Runtime
    from xmaker.terminal import View as View
    from xmaker.values import Action as Action
    from xmaker.values import Detection as Detection
    from xmaker.values import Detections as Detections
    from xmaker.values import Event as Event
    from xmaker.values import Frame as Frame
    from xmaker.values import Key as Key
    from xmaker.values import Label as Label
    from xmaker.values import LabelName as LabelName
    from xmaker.values import Notice as Notice
    from xmaker.values import Reading as Reading
    from xmaker.values import Sound as Sound
    from xmaker.values import Text as Text
    from xmaker.values import Value as Value

__version__ = "0.1.0"

_WHERE = {
    "drivers": ("Board", "Driver", "Handle", "I2C", "I2CAddress", "Pin"),
    "engines": ("Engine", "ModelCard", "ModelInput", "Session", "card_beside"),
    "errors": ("DeviceError", "MissingDependency", "NodeError", "PluginError", "ProjectError", "XMakerError"),
    "hookspecs": ("hookimpl",),
    "nodes": ("Finished", "Input", "Model", "Output", "Quantity", "Stamped", "action"),
    "options": ("Count", "Rate", "Seconds"),
    "plugins": ("Plugins",),
    "project": ("Project",),
    "runtime": ("Runtime",),
    "terminal": ("View",),
    "values": (
        *("Action", "Detection", "Detections", "Event", "Frame", "Key", "Label", "LabelName", "Notice", "Reading", "Sound"),
        *("Text", "Value"),
    ),
}
_MODULES = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = getattr(importlib.import_module(f"xmaker.{_MODULES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'xmaker' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
