"""Prints a project as Python that does the same: the way from a project file to a program."""

from __future__ import annotations

import dataclasses
from typing import Any

from xmaker.drivers import I2CAddress, Pin
from xmaker.nodes import Node
from xmaker.options import option_fields
from xmaker.project import NodeSpec, Project
from xmaker.rules.rule import Rule

WIDTH = 110
LOCAL = "xmaker_project_plugins."
"""How the modules of a project's own plugins begin; they cannot be imported by name."""


def export_python(project: Project) -> str:
    """Return a program that wires the same nodes and rules, with only the options that differ from their defaults."""
    types = dict.fromkeys(spec.type for spec in project.nodes.values())
    title = project.name.replace("\\", "/").replace('"', "'")
    lines = [f'"""{title}, made by `xmaker export python`."""', "", *_imports(project, list(types))]
    lines += ["", "# Relative paths in options start in this folder."]
    lines.append(f"project = Project({_value(project.name)}, folder={_value(str(project.folder))})")
    local = [node_type for node_type in types if node_type.__module__.startswith(LOCAL)]
    lines += [f"{one.__name__} = project.plugins.nodes[{_value(one.use)}]  # the project's own plugin" for one in local]
    given = (("board", project.board), ("simulate", project.simulate))
    lines += [f"project.{name} = {_value(value)}" for name, value in given if value]
    lines += ["", *(line for spec in project.nodes.values() for line in _node(spec))]
    if project.vars:
        lines += ["", *(f"project.var({_value(name)}, {_value(value)})" for name, value in project.vars.items())]
    if project.rules:
        lines += ["", *map(_rule, project.rules)]
    return "\n".join([*lines, "", 'if __name__ == "__main__":', "    project.run()", ""])


def _imports(project: Project, types: list[type[Node]]) -> list[str]:
    kinds = {type(value) for spec in project.nodes.values() for value in _given(spec).values()}
    names = {"xmaker": {"Project", *(kind.__name__ for kind in kinds & {I2CAddress, Pin})}}
    for node_type in types:
        if not node_type.__module__.startswith(LOCAL):
            names.setdefault(node_type.__module__, set()).add(node_type.__name__)
    return [f"from {module} import {', '.join(sorted(found))}" for module, found in sorted(names.items())]


def _given(spec: NodeSpec) -> dict[str, Any]:
    """Return a node's options without those that are as by default."""
    given = {}
    for name, field in option_fields(spec.type).items():
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        if name in spec.options and spec.options[name] != default:
            given[name] = spec.options[name]
    return given


def _node(spec: NodeSpec) -> list[str]:
    wires: Any = spec.wires[0] if len(spec.wires) == 1 else list(spec.wires)
    more = {"name": spec.name, "from_": wires, "fresh": spec.fresh, "driver": spec.driver, "board": spec.board}
    parts = [f"{name}={_value(value)}" for name, value in more.items() if value not in (None, "", [])]
    made = f"{spec.type.__name__}({', '.join(f'{name}={_value(value)}' for name, value in _given(spec).items())})"
    rest = (("simulate", spec.simulate), ("preset", spec.preset))  # `add` has no parameters for these two
    lines = [f"project.nodes[{_value(spec.name)}].{name} = {_value(value)}" for name, value in rest if value not in (None, {})]
    return [f"project.add({made}, {', '.join(parts)})", *lines]


def _rule(rule: Rule) -> str:
    parts = [f"{name + '_' * (name in ('for', 'else'))}={_value(value)}" for name, value in rule.source.items()]
    line = f"project.rule({', '.join(parts)})"
    return line if len(line) <= WIDTH else "\n".join(["project.rule(", *(f"    {part}," for part in parts), ")"])


def _value(value: Any) -> str:
    if isinstance(value, Pin):
        return f"Pin({_value(value.names)})"
    if isinstance(value, I2CAddress):
        return f"I2CAddress(0x{value:02X})"
    if isinstance(value, str) and value.isprintable() and not set('"\\') & set(value):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_value(key)}: {_value(inner)}" for key, inner in value.items()) + "}"
    return repr(value)
