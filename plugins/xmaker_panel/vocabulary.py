"""What may be written in a project file: its schema, and what rules may say of each node type. The editor completes with it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from xmaker import Output, Plugins, XMakerError
from xmaker.nodes import Node, Parameter, actions_of, fields_of
from xmaker.project import KINDS
from xmaker.rules.functions import FUNCTIONS
from xmaker.schema import project_schema
from xmaker.words import action_doc, columns, node_doc, range_words, type_words


def vocabulary(plugins: Plugins) -> dict[str, Any]:
    """Return it, with its explanations in the language that is spoken."""
    return {
        "schema": project_schema(plugins),
        "types": {use: _type(node_type) for use, node_type in sorted(plugins.nodes.items())},
        "functions": {
            name: {"call": _call(name, entry[0]), "doc": doc}
            for (name, entry), doc in zip(FUNCTIONS.items(), columns("XM995"), strict=True)
        },
        "models": sorted(card.name for card in plugins.models()),
        "boards": sorted(plugins.boards()),
    }


def _type(node_type: type[Node]) -> dict[str, Any]:
    gives: Any = getattr(node_type, "gives", None)
    fields, ranges = fields_of(gives), gives if isinstance(gives, Mapping) else {}
    section = next(word for word, base in KINDS.items() if issubclass(node_type, base))
    actions = actions_of(node_type).values() if issubclass(node_type, Output) else ()
    return {
        "section": section,
        "doc": node_doc(node_type).split("\n\n")[0],
        "fields": {name: range_words(ranges[name]) if name in ranges else _kind(kind) for name, kind in fields.kinds.items()},
        "methods": {name: _kind(kind) for name, kind in fields.methods.items()},
        "actions": [
            {"name": one.name, "doc": action_doc(one), "needs": [_parameter(given) for given in one.parameters]}
            for one in actions
        ],
    }


def _kind(kind: str) -> str:
    return type_words({"number": float, "text": str, "flag": bool}.get(kind, kind))


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
