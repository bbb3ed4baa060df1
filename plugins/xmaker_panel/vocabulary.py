"""What may be written in a project file: its schema, and what rules may say of each node type. The editor completes with it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from xmaker import Output, Plugins, XMakerError
from xmaker.nodes import Node, Parameter, actions_of, fields_of
from xmaker.project import KINDS
from xmaker.rules.functions import FUNCTIONS
from xmaker.schema import project_schema
from xmaker.words import node_doc


def vocabulary(plugins: Plugins) -> dict[str, Any]:
    """Return it, with its explanations in the language that is spoken."""
    return {
        "schema": project_schema(plugins),
        "types": {use: _type(node_type) for use, node_type in sorted(plugins.nodes.items())},
        "functions": {name: _call(name, entry[0]) for name, entry in FUNCTIONS.items()},
        "models": sorted(card.name for card in plugins.models()),
        "boards": sorted(plugins.boards()),
    }


def _type(node_type: type[Node]) -> dict[str, Any]:
    fields = fields_of(getattr(node_type, "gives", None))
    section = next(word for word, base in KINDS.items() if issubclass(node_type, base))
    actions = actions_of(node_type).values() if issubclass(node_type, Output) else ()
    return {
        "section": section,
        "doc": node_doc(node_type).split("\n\n")[0],
        "fields": dict(fields.kinds),
        "actions": [
            {"name": one.name, "doc": one.doc.split("\n")[0], "needs": [_parameter(given) for given in one.parameters]}
            for one in actions
        ],
    }


def _parameter(given: Parameter) -> dict[str, Any]:
    return {"name": given.name, "kind": given.kind, "required": given.required, "known": _known(given)}


def _known(given: Parameter) -> list[str]:
    """Return what a parameter takes where only some words will do: what its check tells whoever gives it another."""
    if given.check is None or given.kind != "text":
        return []
    try:
        given.check("?")
    except XMakerError as error:
        known = error.problems[0].details.get("known", "") if error.problems else ""
        return [word for word in str(known).split(", ") if word]
    return []


def _call(name: str, function: Callable[..., Any]) -> str:
    """Return how a function is called: `clamp(value, low, high)`."""
    try:
        return f"{name}({', '.join(inspect.signature(function).parameters)})"
    except ValueError:  # min and max do not tell
        return f"{name}(a, b, …)"
