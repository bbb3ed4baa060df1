"""Reads a project file into a Project; everything that is wrong with the file is reported at once."""

from __future__ import annotations

import dataclasses
import keyword
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from xmaker.errors import Problem, ProjectError, message, nearest
from xmaker.nodes import Node
from xmaker.options import DURATION, convert, option_fields
from xmaker.project import KINDS, NodeSpec, Project
from xmaker.rules.functions import RESERVED
from xmaker.yaml_reader import Item, read_file

FILE = "project.yaml"
PROJECT_KEYS = ("name", "inputs", "models", "outputs", "vars", "rules", "board", "simulate")
NODE_KEYS = ("use", "from", "fresh", "driver", "simulate")
"""What every node may have beside its own options."""
_MEANT = {"input": "inputs", "model": "models", "output": "outputs", "rule": "rules", "variables": "vars", "nodes": "inputs"}
_MEANT |= {"type": "use", "名称": "name", "输入": "inputs", "模型": "models", "输出": "outputs", "规则": "rules"}


def read_project(path: Path, options: Mapping[str, Mapping[str, Any]]) -> Project:
    """Read a project file or folder; `options` (node → option → value) replace what the file says. Raises ProjectError."""
    if path.is_dir():
        if not (path / FILE).is_file():
            raise ProjectError.of("XM118", folder=path)
        path = path / FILE
    item, problems = read_file(path)
    reader = _ProjectReader(Project(path.parent.name or path.stem, folder=path.parent.resolve()), problems)
    reader.read(item, options)
    errors = [problem for problem in reader.problems if not problem.warning]
    try:
        reader.project.warnings += [problem for problem in reader.problems if problem.warning]
        reader.project.check()
    except ProjectError as error:
        errors += [problem for problem in error.problems if problem not in errors and not _follows_from(problem, reader)]
    if errors:
        raise ProjectError(problems=sorted(errors, key=lambda problem: problem.mark.line if problem.mark else 0))
    return reader.project


def _follows_from(problem: Problem, reader: _ProjectReader) -> bool:
    """Whether a problem is only the echo of a node that could not be read."""
    return problem.details.get("wire") in reader.broken or (problem.code == "XM219" and bool(reader.problems))


class _ProjectReader:
    def __init__(self, project: Project, problems: list[Problem]) -> None:
        self.project, self.problems = project, problems
        self.broken: set[str] = set()
        """Names of nodes that could not be read: rules about them are not checked."""

    def problem(self, code: str, item: Item, **details: object) -> None:
        self.problems.append(Problem(code, details, item.mark))

    def check_keys(self, item: Item, known: Iterable[str], where: str) -> None:
        for key in item.value:
            if key not in known:
                near = _MEANT.get(key) or nearest(key, known)
                details = {"key": key, "where": where, "near": near, "known": ", ".join(known)}
                self.problems.append(Problem("XM201", details, item.keys.get(key)))

    def mapping(self, item: Item | None, where: str) -> dict[str, Item]:
        """Return a mapping's items; an empty or absent one has none, anything else is a problem."""
        if item is None or item.value is None:
            return {}
        if isinstance(item.value, dict):
            return item.value
        self.problem("XM202", item, where=where, expected=message("XM225", "what"))
        return {}

    def read(self, item: Item, options: Mapping[str, Mapping[str, Any]]) -> None:
        parts = self.mapping(item, FILE)
        if parts:
            self.check_keys(item, PROJECT_KEYS, FILE)
        project = self.project
        if "name" in parts:
            project.name = str(parts["name"].value)
        if "board" in parts:
            project.board = str(parts["board"].value)
        if "simulate" in parts:
            project.simulate = self.simulate(parts["simulate"])
        project.vars = self.vars(parts.get("vars"))
        for section, kind in KINDS.items():
            if section not in parts:
                continue
            for name, node in self.mapping(parts[section], section).items():
                self.node(name, node, parts[section], kind, options)
        for name in set(options) - set(project.nodes) - self.broken:
            details = {"name": name, "near": nearest(name, project.nodes), "known": ", ".join(project.nodes) or "-"}
            self.problems.append(Problem("XM702", details))
        self.rules(parts.get("rules"))

    def simulate(self, item: Item) -> bool | str:
        if item.value not in (True, False, "never"):
            self.problem("XM208", item, option="simulate", node=FILE, expected="true, false, never", value=item.plain())
        return item.value if isinstance(item.value, bool) else "never"

    def vars(self, item: Item | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in self.mapping(item, "vars").items():
            assert item is not None  # it had a name in it
            if not isinstance(value.value, bool | int | float | str):
                self.problem("XM202", value, where=f"vars.{name}", expected='3, "…", true')
            elif folded := self.name(name, item):
                found[folded] = value.value
        return found

    def name(self, name: str, section: Item) -> str:
        """Return a name in its one spelling (NFKC), or "" when it cannot be one."""
        folded = unicodedata.normalize("NFKC", name)
        mark = section.keys.get(name)
        if not folded.isidentifier() or folded.startswith("_"):
            better = "".join(character if character.isalnum() else "_" for character in folded).strip("_")
            better = f"n{better}" if better[:1].isdigit() else better
            fixed = mark.text.replace(name, better, 1) if mark and better else ""
            self.problems.append(Problem("XM205", {"name": name, "better": better or "lamp"}, mark, fixed))
        elif folded in RESERVED or keyword.iskeyword(folded):
            self.problems.append(Problem("XM216", {"name": name}, mark))
        elif folded in self.project.nodes or folded in self.project.vars:
            self.problems.append(Problem("XM206", {"name": name}, mark))
        else:
            return folded
        self.broken.add(folded)
        return ""

    def node(self, name: str, item: Item, section: Item, kind: type[Node], options: Mapping[str, Mapping[str, Any]]) -> None:
        folded = self.name(name, section)
        mark = section.keys.get(name, item.mark)
        if not folded:
            return
        if isinstance(item.value, str):  # `light: led` is short for `light: {use: led}`
            item = Item({"use": item}, item.mark)
        given = dict(self.mapping(item, name))
        preset = {option: Item.of(value) for option, value in options.get(folded, {}).items()}
        given |= preset
        use = str(given["use"].value) if "use" in given else folded
        node_type = self.project.plugins.nodes.get(use)
        if node_type is None or not issubclass(node_type, kind):
            self.broken.add(folded)
            self.problems.append(self._wrong_type(use, node_type, kind, given.get("use", Item(None, mark))))
            return
        spec = NodeSpec(folded, node_type, mark=mark, wires=self.wires(given.get("from")))
        if "fresh" in given and (fresh := DURATION.parse(given["fresh"].value)):
            spec.fresh = fresh
        elif "fresh" in given:
            self.problem("XM307", given["fresh"], key="fresh", value=given["fresh"].plain())
        if "driver" in given:
            spec.driver = str(given["driver"].value)
        if "simulate" in given:
            spec.simulate = self.simulate(given["simulate"]) is True
        gives = getattr(node_type, "gives", None)
        if isinstance(gives, Mapping):  # --set room.value=3 is what a simulated sensor shows
            shown = {field for field in preset if field in gives and field not in option_fields(node_type)}
            spec.preset = {field: given.pop(field).value for field in shown}
            spec.simulate = True if shown else spec.simulate
        own = {option: value for option, value in given.items() if option not in NODE_KEYS}
        spec.options, problems = convert(node_type, own, folded)
        # what --set gave has no place in the file: it is shown at its node
        self.problems += [dataclasses.replace(problem, mark=problem.mark or mark) for problem in problems]
        if problems:
            self.broken.add(folded)
        else:
            self.project.nodes[folded] = spec

    def _wrong_type(self, use: str, node_type: type[Node] | None, kind: type[Node], item: Item) -> Problem:
        if node_type is None:
            return dataclasses.replace(self.project.plugins.unknown_node(use, kind), mark=item.mark)
        right = next(section for section, base in KINDS.items() if issubclass(node_type, base))
        return Problem("XM204", {"use": use, "right": right}, item.mark)

    def wires(self, item: Item | None) -> tuple[str, ...]:
        if item is None:
            return ()
        items = item.value if isinstance(item.value, list) else [item]
        if not all(isinstance(wire.value, str) for wire in items):
            self.problem("XM202", item, where="from", expected="from: camera, from: [camera, pet]")
            return ()
        return tuple(unicodedata.normalize("NFKC", wire.value) for wire in items)

    def rules(self, item: Item | None) -> None:
        if item is None or item.value is None:
            return
        if not isinstance(item.value, list):
            self.problem("XM202", item, where="rules", expected="- when: …")
            return
        found: list[Problem] = []
        reader = self.project.rule_reader(found)
        for number, rule in enumerate(item.value, 1):
            if made := reader.read(rule, number):
                self.project.rules.append(made)
        # a rule about a node that could not be read would only repeat that node's problem
        self.problems += [problem for problem in found if problem.details.get("name") not in self.broken]
