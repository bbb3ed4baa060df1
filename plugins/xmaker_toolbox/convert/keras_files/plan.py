"""What a Keras file says of its layers: whether it may be built at all, and what Keras 3 wants said otherwise.

Keras's own `safe_mode` was got round more than once, so what a file may name is decided here, before Keras sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

RUN_CODE = {"Lambda", "__lambda__", "TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer"}
READ_FILES = {"StringLookup", "IntegerLookup", "TextVectorization"}
"""Layers for text: their words may be those of any file of this computer."""
CLASSES = {"keras", "keras.layers", "keras.models", "keras.initializers", "keras.regularizers", "keras.constraints"}
CLASSES |= {"keras.dtype_policies", "keras.activations"}
INSIDE = ("keras.src.layers.", "keras.src.models.", "keras.src.ops.", "keras.src.engine.", "keras.engine.")
"""Where Keras keeps those that have no public name; in Keras 2 the last two."""
FUNCTIONS = ("builtins", "keras.activations", "keras.initializers", "keras.regularizers", "keras.constraints")
NETWORKS = {"Functional": "keras.src.models.functional", "Model": "keras.src.models.functional", "Sequential": "keras"}
"""Networks in networks, as files call them → where Keras 3 has them."""
DROPPED = ("compile_config", "build_config")


def objects(plan: Any) -> Iterator[dict[str, Any]]:
    """Yield everything in a plan that Keras would make."""
    if isinstance(plan, dict):
        if "class_name" in plan:
            yield plan
        plan = [value for name, value in plan.items() if name != "compile_config"]
    if isinstance(plan, list):
        for one in plan:
            yield from objects(one)


def code(plan: Any) -> list[str]:
    """Return what in a plan would run the file's own code, call what is no layer, or read other files."""
    found = dict[str, None]()
    for one in objects(plan):
        name, module = str(one["class_name"]), one.get("module")
        if name == "function":
            name = str(one.get("config"))
            if module not in FUNCTIONS and _of_keras(module):
                found[f"{module}.{name}"] = None
        elif name in RUN_CODE | READ_FILES:
            found[name] = None
        elif _of_keras(module) and module not in CLASSES and not str(module).startswith(INSIDE):
            found[f"{module}.{name}"] = None
    return [*found]


def strange(plan: Any, library: Any) -> list[str]:
    """Return the layers of a plan that are not Keras's own: somebody wrote them, and they are not in the file."""
    found = dict[str, None]()
    for one in objects(plan):
        name, module = str(one["class_name"]), one.get("module")
        if name.startswith("__") or name in RUN_CODE | set(NETWORKS):
            continue
        if module is None:  # Keras 2
            known = any(hasattr(part, name) for part in _parts(library))
        elif name == "function":
            name, known = str(one.get("config")), _of_keras(module) or module == "builtins"
        else:
            known = _of_keras(module)
        if not known:
            found[name] = None
    return [*found]


def _of_keras(module: Any) -> bool:
    return str(module).partition(".")[0] == "keras"


def _parts(library: Any) -> list[Any]:
    return [library.layers, library.initializers, library.regularizers, library.constraints, library.dtype_policies]


def mended(plan: Any, old: bool) -> Any:
    """Return a plan in the words of Keras 3: `old` is one of Keras 2, in an .h5 file."""
    if isinstance(plan, list):
        return [mended(one, old) for one in plan]
    if not isinstance(plan, dict):
        return plan
    plan = {name: mended(value, old) for name, value in plan.items() if name not in DROPPED[: 2 if old else 1]}
    name, options = plan.get("class_name"), plan.get("config")
    if not isinstance(options, dict):
        return plan
    if name in NETWORKS:
        _mend_network(plan, options)
    elif name == "DepthwiseConv2D":
        options.pop("groups", None)  # always 1, and unknown to Keras 3
    elif name == "BatchNormalization" and isinstance(axis := options.get("axis"), list) and len(axis) == 1:
        options["axis"] = axis[0]
    if not old and name != "InputLayer":
        options.pop("batch_input_shape", None)  # of Keras 2, which says it of the network's input, too
    if old:
        plan.pop("module", None)
        plan.pop("registered_name", None)
    return plan


def _mend_network(plan: dict[str, Any], options: dict[str, Any]) -> None:
    """Keras 2 has lists of one input and one output: a network in another one would get a list from it."""
    for ends in ("input_layers", "output_layers"):
        if isinstance(given := options.get(ends), list) and len(given) == 1 and isinstance(given[0], list):
            options[ends] = given[0]
    if "module" in plan and ".engine" in str(plan["module"]):
        plan["module"] = NETWORKS[plan["class_name"]]
