"""Writes docs/hooks.md from xmaker/hookspecs.py, and docs/nodes.md from the plugins that come with XMaker.

Run it after a change of either: `python docs/make_hooks.py`. A test fails when a page is out of date.
"""

from __future__ import annotations

import ast
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING
from pathlib import Path
from typing import Any

from xmaker import Input, Model, Output, Pin, Plugins
from xmaker.nodes import EVERY_NODE, Node, actions_of, fields_of
from xmaker.options import Unit, option_fields, option_types
from xmaker.words import action_doc, node_doc, option_docs, type_words

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
KINDS = {"Inputs": Input, "Models": Model, "Outputs": Output}
MADE = "<!-- Made by `python docs/make_hooks.py`; change the code, not this page. -->"


def hooks_page() -> str:
    """Return docs/hooks.md."""
    lines = [
        "# Hooks",
        "",
        MADE,
        "",
        "A hook is a function with a fixed name. XMaker calls it in every plugin that has it. Hooks **register** what a plugin",
        "offers, and **observe** a run; values go along wires, never through hooks. This page is made from",
        "`xmaker/hookspecs.py`. How to write a plugin: [write a plugin](write-a-plugin.md).",
    ]
    users = hook_users()
    tree = ast.parse((ROOT / "xmaker/hookspecs.py").read_text(encoding="utf-8"))
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        returns = f" -> {ast.unparse(function.returns)}" if function.returns else ""
        uses = ", ".join(f"`{path}`" for path in users.get(function.name, ())) or "nothing yet"
        doc = ast.get_docstring(function) or ""
        lines += ["", f"## {function.name}", "", f"`{function.name}({ast.unparse(function.args)}){returns}`", ""]
        lines += [doc, "", f"Used by {uses}."]
    return "\n".join(lines) + "\n"


def hook_users() -> dict[str, list[str]]:
    """Return hook → the files of this repository that implement it."""
    found: dict[str, list[str]] = {}
    for path in sorted([*ROOT.glob("xmaker/**/*.py"), *ROOT.glob("plugins/**/*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            marks = [ast.unparse(mark) for mark in node.decorator_list] if isinstance(node, ast.FunctionDef) else []
            if isinstance(node, ast.FunctionDef) and any(mark.startswith("hookimpl") for mark in marks):
                files = found.setdefault(node.name, [])
                files += [name for name in [path.relative_to(ROOT).as_posix()] if name not in files]
    return found


def nodes_page() -> str:
    """Return docs/nodes.md."""
    lines = [
        "# Nodes",
        "",
        MADE,
        "",
        "Every node type that comes with XMaker. `xmaker nodes` lists the ones that you have, those of other plugins too.",
        "Every node also takes the [keys that all nodes share](project-file.md#keys-of-every-node), and rules may `pause` and",
        "`resume` it.",
    ]
    nodes = shipped_nodes()
    for title, kind in KINDS.items():
        lines += ["", f"## {title}"]
        for use in sorted(use for use, node_type in nodes.items() if issubclass(node_type, kind)):
            lines += ["", f"### {use}", "", *_node(nodes[use])]
    return "\n".join(lines) + "\n"


def shipped_nodes() -> Mapping[str, type[Node]]:
    """Return the node types of the plugins that pyproject.toml names."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    plugins = Plugins()
    for name, module in pyproject["project"]["entry-points"]["xmaker"].items():
        plugins.add(name, module)
    for state in plugins.failed():
        raise SystemExit(state.error.show() if state.error else state.name)
    return plugins.nodes


def _node(node_type: type[Node]) -> Iterator[str]:
    yield node_doc(node_type)
    yield from _values(node_type)
    fields, kinds = option_fields(node_type), option_types(node_type)
    if fields:
        yield from ("", "| option | what it takes | without it | what it is for |", "|---|---|---|---|")
    docs = option_docs(node_type)
    for name, field in fields.items():
        yield f"| `{name}` | {type_words(kinds[name])} | {_default(field.default, kinds[name])} | {docs.get(name, '')} |"
    actions = [action for action in actions_of(node_type).values() if action.name not in EVERY_NODE]
    if actions:
        yield from ("", "| action | what it does |", "|---|---|")
    for action in actions:
        named = (f"{'*' if given.many else ''}{given.name}" for given in action.parameters)
        words = ", ".join(name if given.required else f"[{name}]" for name, given in zip(named, action.parameters, strict=True))
        yield f"| `{action.name}{f'({words})' if words else ''}` | {action_doc(action)} |"


def _values(node_type: type[Node]) -> Iterator[str]:
    takes = [taken.__name__ for taken in getattr(node_type, "takes", ())]
    if takes:
        yield from ("", f"Takes: {', '.join('any value' if name == 'Value' else name for name in takes)}.")
    gives: Any = getattr(node_type, "gives", None)
    fields = fields_of(gives)
    if isinstance(gives, Mapping):
        words = [f"`{name}` ({quantity.low:g} to {quantity.high:g}{_unit(quantity.unit)})" for name, quantity in gives.items()]
    else:
        words = [f"`{name}` ({kind})" for name, kind in fields.kinds.items()]
        words += [f"`{name}()` ({kind})" for name, kind in fields.methods.items()]
    if gives is not None:
        value = "Reading" if isinstance(gives, Mapping) else gives.__name__
        main = f" The bare name means `{fields.main}`." if fields.main else ""
        yield from ("", f"Gives: {value} with {', '.join(words)}.{main}")


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""


def _default(default: Any, kind: Any) -> str:
    if default is MISSING:
        return "it must be given"
    if default in (None, "", (), Pin()):
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    unit = next((mark for mark in getattr(kind, "__metadata__", ()) if isinstance(mark, Unit)), None)
    return f"`{default:g} {next(iter(unit.factors))}`" if unit else f"`{default}`"


def pages() -> dict[Path, str]:
    """Return each generated page with its text, in English whatever the locale."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8"
    try:
        return {DOCS / "hooks.md": hooks_page(), DOCS / "nodes.md": nodes_page()}
    finally:
        os.environ.pop("LC_ALL")
        if before is not None:
            os.environ["LC_ALL"] = before


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
