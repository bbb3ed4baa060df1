"""What a run is, and what it does now, as plain data for the page, in the words of whoever reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from xmaker import Detections, Event, Frame, Input, Model, Output, Quantity, Runtime
from xmaker.looks import Look, Scene
from xmaker.nodes import EVERY_NODE, ActionSpec, actions_of
from xmaker.options import option_fields
from xmaker.project import NodeSpec, Project
from xmaker.rules.functions import text_of
from xmaker.rules.rule import Rule
from xmaker.rules.steps import Wait
from xmaker.runtime.hardware import SimulatedSensor
from xmaker.words import action_doc, node_doc, value_words

Stumbled = Callable[[Exception, str], None]
"""Is told what error came of asking which node."""


def project(runtime: Runtime, waiting: Project | None = None) -> dict[str, Any]:
    """Return what does not change while a project stays the same: its nodes, wires and rules.

    `waiting` is the project that is still to be: its file is broken.
    """
    it = runtime.project if runtime.workers or waiting is None else waiting
    board = runtime.hardware.board if runtime.workers else None
    return {
        "name": it.name,
        "waits": not runtime.workers,
        "board": board.title if board else "",
        "simulated": bool(board and board.simulated),
        "nodes": [_node(spec, runtime) for spec in it.nodes.values()],
        "rules": [_rule(rule) for rule in it.rules],
    }


def _node(spec: NodeSpec, runtime: Runtime) -> dict[str, Any]:
    worker, gives = runtime.workers.get(spec.name), getattr(spec.type, "gives", None)
    fields = gives if isinstance(gives, Mapping) else {}
    return {
        "name": spec.name,
        "kind": "input" if issubclass(spec.type, Input) else "model" if issubclass(spec.type, Model) else "output",
        "use": spec.type.use,
        "doc": node_doc(spec.type).split("\n")[0],
        "wires": spec.wires,
        "pictures": gives is Frame or isinstance(_look(runtime, spec.name), Scene),
        "simulated": isinstance(worker.node, SimulatedSensor) if worker else False,
        "fields": {name: _quantity(field) for name, field in fields.items()},
        "options": {name: value for name, value in _options(spec).items() if isinstance(value, bool | int | float | str)},
        "actions": _actions(spec),
    }


def _options(spec: NodeSpec) -> dict[str, Any]:
    """Return what a node's options are, given or not."""
    return {name: spec.options.get(name, field.default) for name, field in option_fields(spec.type).items()}


def _quantity(field: Quantity) -> dict[str, Any]:
    return {"unit": field.unit, "low": field.low, "high": field.high, "kind": field.kind}


def _actions(spec: NodeSpec) -> list[dict[str, Any]]:
    if not issubclass(spec.type, Output):
        return []
    return [_action(one) for one in actions_of(spec.type).values() if one.name not in EVERY_NODE]


def _action(one: ActionSpec) -> dict[str, Any]:
    needs = [{"name": given.name, "kind": given.kind, "required": given.required} for given in one.parameters if not given.many]
    return {"name": one.name, "doc": action_doc(one), "parameters": needs}


def _rule(rule: Rule) -> dict[str, Any]:
    source = rule.source if isinstance(rule.source, dict) else {}
    acts = {step.node for step in (*rule.then, *rule.otherwise) if not isinstance(step, Wait) and hasattr(step, "node")}
    return {
        "number": rule.number,
        "when": rule.when.source.strip() if rule.when else "",
        "each": rule.each,
        "for": text_of(source.get("for", "")),
        "then": _steps(source.get("then")),
        "else": _steps(source.get("else")),
        "reads": sorted(rule.names()),
        "acts": sorted(acts),
    }


def _steps(written: Any) -> list[str]:
    steps = written if isinstance(written, list) else [written] if written else []
    return [f"wait: {step['wait']}" if isinstance(step, dict) and "wait" in step else str(step) for step in steps]


def nodes(runtime: Runtime) -> dict[str, Any]:
    """Return what each node has done so far."""
    return {node.name: {**msgspec.structs.asdict(node), "latency": round(node.latency * 1000)} for node in runtime.stats()}


def values(latest: Mapping[str, Event], runtime: Runtime) -> dict[str, Any]:
    """Return the latest value of each node: in words, and its numbers."""
    found = {}
    for name, event in latest.items():
        spec = runtime.project.nodes.get(name)
        if spec is not None and not isinstance(event.value, Frame):
            numbers = {field: round(number, 4) for field, number in _numbers(event.value).items()}
            found[name] = {"t": round(event.time, 3), "words": words(event.value, spec), "fields": numbers}
    return found


def words(value: Any, spec: NodeSpec | None) -> str:
    """Return a value in the user's words."""
    try:
        return value_words(value, getattr(spec and spec.type, "gives", None))
    except Exception as error:  # noqa: BLE001  # a stranger's value must not take the panel away
        return f"{type(value).__name__}: {error}"


def _numbers(value: Any) -> dict[str, Any]:
    """Return a value's fields that can be drawn: numbers and flags."""
    if isinstance(value, Detections):
        return {"count": len(value.items)}
    fields = getattr(value, "values", None) or {name: getattr(value, name, None) for name in ("score", "level")}
    return {name: field for name, field in fields.items() if isinstance(field, bool | int | float)}


def looks(runtime: Runtime, stumbled: Stumbled) -> dict[str, Any]:
    """Return what each output looks like; one that cannot say it is told of."""
    found = {name: _look(runtime, name, stumbled) for name in list(runtime.workers)}
    return {name: _plain(look) for name, look in found.items() if look is not None}


def _look(runtime: Runtime, name: str, stumbled: Stumbled = lambda error, name: None) -> Look | None:
    worker = runtime.workers.get(name)
    try:
        return worker.node.looks() if worker and isinstance(worker.node, Output) else None
    except Exception as error:  # noqa: BLE001  # a plugin's mistake must not take the panel away
        stumbled(error, name)
        return None


def _plain(look: Look) -> Any:
    if not isinstance(look, Scene):
        return look
    lines = [{"name": text_of(line.name), "words": line.words, "part": line.part, "label": line.label} for line in look.lines]
    size = [look.frame.width, look.frame.height] if look.frame is not None else None
    boxes = [item.to_json() | {"label": text_of(item.label)} for item in look.boxes]
    return {"type": "scene", "text": look.text, "lines": lines, "size": size, "boxes": boxes}


def rules(runtime: Runtime) -> dict[str, Any]:
    """Return where each rule stands, and what it waits for."""
    return {
        str(why.rule): {"state": why.state, "words": why.words, "fired": why.last_fired and round(why.last_fired, 2)}
        for why in runtime.explain()
    }


def buttons(runtime: Runtime) -> dict[str, Any]:
    """Return the buttons that nodes want to be touched."""
    return {name: list(names) for name, (names, _) in dict(runtime.terminal.buttons).items()}
