"""Whether what a plugin offers is what its hooks ask for."""

from __future__ import annotations

from typing import Any

from xmaker import hookspecs
from xmaker.cards import ModelCard
from xmaker.drivers import Board, Driver
from xmaker.engines import Engine
from xmaker.errors import PluginError, nearest
from xmaker.nodes import Input, Model, Output
from xmaker.options import option_types


def check_hooks(name: str, plugin: Any) -> None:
    """Refuse what pluggy would never call: a misspelt hook, or one without its mark."""
    known = {hook for hook in vars(hookspecs) if hook.startswith("xmaker_")}
    for hook in dir(plugin):
        if hook.startswith("xmaker_") and hook != "xmaker_wants_media":
            if hook not in known:
                raise PluginError.of("XM603", plugin=name, reason=f"{hook}? {nearest(hook, known)}")
            if not hasattr(getattr(plugin, hook), "xmaker_impl"):
                raise PluginError.of("XM603", plugin=name, reason=f"{hook} lacks @hookimpl")


def is_offer(hook: str, thing: object) -> bool:
    """Return whether a plugin may offer this under a hook."""
    if hook in ("xmaker_drivers", "xmaker_engines"):
        base = Driver if hook == "xmaker_drivers" else Engine
        return isinstance(thing, type) and issubclass(thing, base) and isinstance(getattr(thing, "name", None), str)
    if hook == "xmaker_model_facts":
        return isinstance(thing, tuple) and len(thing) == 2
    return isinstance(thing, Board if hook == "xmaker_board" else ModelCard)


def why_no_node(node_type: Any) -> str:
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
