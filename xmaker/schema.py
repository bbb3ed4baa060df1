"""The JSON Schema (draft 2020-12) of project files, made from the loaded plugins: editors complete and check with it."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from xmaker.drivers import I2CAddress, Pin
from xmaker.nodes import Input, Node
from xmaker.options import DURATION, Unit, option_fields, option_types
from xmaker.plugins import Plugins
from xmaker.project import KINDS
from xmaker.words import columns, node_doc, option_docs

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NAMES: Schema = {"type": "object", "minProperties": 1, "additionalProperties": {"type": ["string", "integer"]}}
_PIN: Schema = {"anyOf": [{"type": ["string", "integer", "null"]}, _NAMES]}


def project_schema(plugins: Plugins) -> Schema:
    """Return the schema of project files that use these plugins."""
    defs: dict[str, Schema] = {}
    properties: Schema = {
        "name": {"type": ["string", "number"]},
        "board": _TEXT,
        "driver": _TEXT,
        "simulate": {"enum": [True, False, "never"]},
    }
    properties |= {section: _section(plugins, kind, section, defs) for section, kind in KINDS.items()}
    constants = {"type": "object", "additionalProperties": {"type": ["number", "string", "boolean"]}}
    properties |= {"vars": _or_nothing(constants), "rules": _or_nothing({"type": "array", "items": _rule()})}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "XMaker project"}
    return {**head, **_object(_described(properties, "XM991")), "$defs": defs}


def _object(properties: Mapping[str, Schema], **more: Any) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}


def _described(properties: Schema, code: str) -> Schema:
    """Return properties with what they are for, which stands in the catalog in their order."""
    docs = zip(properties.items(), columns(code), strict=False)  # an input has no wires
    return {name: {**schema, "description": doc} for (name, schema), doc in docs}


def _or_nothing(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _section(plugins: Plugins, kind: type[Node], section: str, defs: dict[str, Schema]) -> Schema:
    """Return the schema of `inputs`, `models` or `outputs`: what a node may have depends on its `use`, else on its name."""
    uses = sorted(use for use, node_type in plugins.nodes.items() if issubclass(node_type, kind))
    for use in uses:
        defs[use] = _node(plugins.nodes[use], defs)
    by_use = [{"if": {"properties": {"use": {"const": use}}}, "then": {"$ref": f"#/$defs/{use}"}} for use in uses]
    with_use: Schema = {"type": "object", "required": ["use"]}
    short = {"enum": uses}  # `light: led` for `light: {use: led}`
    defs[section] = {"anyOf": [short, {**with_use, "properties": {"use": {"enum": uses}}, "allOf": by_use}]}
    named: Schema = {}
    for use in uses:
        without = {"anyOf": [{"$ref": f"#/$defs/{use}"}, short, {"type": "null"}]}
        named[use] = {"if": with_use, "then": {"$ref": f"#/$defs/{section}"}, "else": without}
    return _or_nothing({"type": "object", "properties": named, "additionalProperties": {"$ref": f"#/$defs/{section}"}})


def _node(node_type: type[Node], defs: dict[str, Schema]) -> Schema:
    """Return the schema of one node: its own options, and the keys that every node may have."""
    kinds, docs, needed = option_types(node_type), option_docs(node_type), []
    properties: Schema = {"use": {"const": node_type.use}, "fresh": _quantity(DURATION)}
    properties |= {"driver": _TEXT, "board": _TEXT, "simulate": {"type": "boolean"}}
    if not issubclass(node_type, Input):
        properties["from"] = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
    properties = _described(properties, "XM992")
    for name, field in option_fields(node_type).items():
        properties[name] = dict(_option(kinds[name], defs)) | ({"description": docs[name]} if name in docs else {})
        if field.default is dataclasses.MISSING:
            needed += [name] if field.default_factory is dataclasses.MISSING else []
        elif not isinstance(field.default, Pin):
            properties[name]["default"] = msgspec.to_builtins(field.default, enc_hook=int)
    return _object(properties, required=needed, description=node_doc(node_type))


def _option(annotation: Any, defs: dict[str, Schema]) -> Schema:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if unit := next((mark for mark in arguments if isinstance(mark, Unit)), None) if origin is Annotated else None:
        return _quantity(unit)
    if origin in (Union, types.UnionType):
        return {"anyOf": [{"type": "null"} if member is types.NoneType else _option(member, defs) for member in arguments]}
    if annotation is Pin:
        return _PIN
    if annotation is I2CAddress:
        return {"type": "integer", "minimum": 0x08, "maximum": 0x77}
    (schema,), components = msgspec.json.schema_components([annotation], ref_template="#/$defs/{name}")
    defs.update(components)
    return schema


def _quantity(unit: Unit) -> Schema:
    names = "|".join(sorted(unit.factors, key=len, reverse=True))
    pattern = rf"^\s*(\d+\.?\d*|\.\d+)\s*({names})?\s*$"
    return {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": pattern}], "examples": [unit.example]}


def _rule() -> Schema:
    duration, waits = _quantity(DURATION), columns("XM993")[-1]
    step = {"anyOf": [_TEXT, _object({"wait": {**duration, "description": waits}}, required=["wait"])]}
    steps = {"anyOf": [step, {"type": "array", "items": step}]}
    events = {"type": "string", "pattern": r"^\s*[1-9]\d*\s*(events?|次)\s*$"}
    properties: Schema = {"when": {"type": ["string", "boolean"]}, "each": _TEXT, "for": {"anyOf": [duration, events]}}
    properties |= {"then": steps, "else": steps, "cooldown": duration, "repeat": duration}
    properties = _described(properties, "XM993")
    return _object(properties, required=["then"], oneOf=[{"required": ["when"]}, {"required": ["each"]}])
