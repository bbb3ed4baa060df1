"""Reads a project file into a Project; everything that is wrong with the file is reported at once."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from xmaker.errors import Problem, ProjectError, message, nearest
from xmaker.nodes import Node, Quantity
from xmaker.options import convert, option_fields
from xmaker.project import KINDS, NodeSpec, Project
from xmaker.rules.functions import RESERVED
from xmaker.rules.steps import read_duration
from xmaker.yaml_reader import Item, read_file

FILE = "project.yaml"
PROJECT_KEYS = ("name", "inputs", "models", "outputs", "vars", "rules", "board", "simulate")
NODE_KEYS = ("use", "from", "fresh", "driver", "simulate")
"""What every node may have beside its own options."""
_MEANT = {"input": "inputs", "model": "models", "output": "outputs", "rule": "rules", "variables": "vars", "nodes": "inputs"}
_MEANT |= {"名称": "name", "输入": "inputs", "模型": "models", "输出": "outputs", "规则": "rules", "变量": "vars"}
_NODE_MEANT = {"type": "use", "类型": "use", "来自": "from", "输入": "from"}


Options = Mapping[str, Mapping[str, Any]]


def read_project(path: Path, options: Options) -> Project:
    """Read a project file or folder; `options` (node → option → value) replace what the file says. Raises ProjectError."""
    if path.is_dir():
        if not (path / FILE).is_file():
            raise ProjectError.of("XM118", folder=path)
        path = path / FILE
    item, problems = read_file(path)
    project = Project(path.parent.name or path.stem, folder=path.parent.resolve())
    reader = _ProjectReader(project, path.name, problems)
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


def _unlike(quantity: Quantity, field: str, node: str, value: object) -> Problem | None:
    """Return the problem of a value that a simulated sensor cannot show in this field."""
    fits = {"number": type(value) in (int, float), "flag": isinstance(value, bool)}.get(quantity.kind, isinstance(value, str))
    if fits:
        return None
    code = {"number": "XM221", "flag": "XM223"}.get(quantity.kind, "XM222")
    return Problem("XM208", {"option": field, "node": node, "expected": message(code, "what"), "value": value})


def _follows_from(problem: Problem, reader: _ProjectReader) -> bool:
    """Whether a problem is only the echo of a node that could not be read."""
    return problem.details.get("wire") in reader.broken or (problem.code == "XM219" and bool(reader.problems))


class _ProjectReader:
    def __init__(self, project: Project, file: str, problems: list[Problem]) -> None:
        self.project, self.file, self.problems = project, file, problems
        self.broken: set[str] = set()
        """Names of nodes that could not be read: what else is said of them is not judged."""

    def problem(self, code: str, item: Item, fixed: str = "", **details: object) -> None:
        self.problems.append(Problem(code, details, item.mark, fixed))

    def known_keys(self, item: Item, known: Iterable[str], meant: Mapping[str, str], where: str) -> dict[str, Item]:
        """Return a mapping's items under the keys that were meant."""
        parts: dict[str, Item] = {}
        for key, value in item.value.items():
            if key not in known:
                near = meant.get(key) or nearest(key, known)
                details = {"key": key, "where": where, "near": near, "known": ", ".join(known)}
                self.problems.append(Problem("XM201", details, item.keys.get(key)))
                key = near or key
            parts.setdefault(key, value)
        return parts

    def mapping(self, item: Item | None, where: str, value: str = "") -> dict[str, Item]:
        """Return a mapping's items; an empty or absent one has none, anything else is a problem.

        `value` is what a name that stands alone needs beside it.
        """
        if item is None or item.value is None:
            return {}
        if isinstance(item.value, dict):
            return item.value
        fixed, line = "", item.mark.text if item.mark and value else ""
        if found := re.match(r"(\s*)- (\w+)(:.*)?$", line):
            fixed = f"{found[1]}{found[2]}{found[3] or ': ' + value}"
        elif found := re.match(r"(\w+: )\[?([\w, ]+)\]?$", line):
            fixed = f"{found[1]}{{{', '.join(f'{name}: {value}' for name in re.split('[, ]+', found[2]))}}}"
        self.problem("XM202", item, fixed, where=where, expected=message("XM225", "what"))
        return {}

    def text(self, parts: Mapping[str, Item], key: str, default: str, where: str = "") -> str:
        """Return a value that must be a word."""
        item = parts.get(key)
        if item is None:
            return default
        if isinstance(item.value, str | int | float) and not isinstance(item.value, bool):
            return str(item.value)
        details = {"option": key, "node": where or self.file, "expected": message("XM222", "what"), "value": item.shown()}
        self.problem("XM208", item, **details)
        return default

    def read(self, item: Item, options: Options) -> None:
        parts: dict[str, Item] = {}
        if self.mapping(item, self.file):
            self.indent(item)
            parts = self.known_keys(item, PROJECT_KEYS, _MEANT, self.file)
        project = self.project
        project.name, project.board = self.text(parts, "name", project.name), self.text(parts, "board", "")
        if "simulate" in parts:
            project.simulate = self.simulate(parts["simulate"])
        project.vars = self.vars(parts.get("vars"))
        for section, kind in KINDS.items():
            nodes = self.mapping(parts.get(section), section, "{}")
            before = ""
            for name, node in nodes.items():
                if name in NODE_KEYS and name not in project.plugins.nodes:  # an option that is not indented under its node
                    mark = parts[section].keys[name]
                    self.problems.append(Problem("XM232", {"option": name, "node": before or "camera"}, mark, f"  {mark.text}"))
                    self.forget(before)
                else:
                    self.node(name, node, parts[section], kind, options)
                    before = name
        for name in set(options) - set(project.nodes) - self.broken:
            details = {"name": name, "near": nearest(name, project.nodes), "known": ", ".join(project.nodes) or "-"}
            self.problems.append(Problem("XM702", details))
        self.rules(parts.get("rules"))

    def indent(self, item: Item) -> None:
        """Move nodes that are not indented into the empty section above them."""
        section = ""
        for key, mark in item.keys.items():
            if key in PROJECT_KEYS:
                section = key if key in KINDS and item.value[key].value is None else ""
            elif section and key not in _MEANT and (key in self.project.plugins.nodes or not nearest(key, PROJECT_KEYS)):
                self.problems.append(Problem("XM237", {"key": key, "section": section}, mark, f"  {mark.text}"))
                nodes = item.value[section]
                nodes.value = {**(nodes.value or {}), key: item.value.pop(key)}
                nodes.keys[key] = mark

    def forget(self, name: str) -> None:
        """Leave out a node that was not meant as it stands, and what was said of it."""
        self.broken.add(name)
        if self.project.nodes.pop(name, None) is None and self.problems[-2:-1]:
            del self.problems[-2]

    def simulate(self, item: Item) -> bool | str:
        if item.value not in (True, False, "never"):
            expected = message("XM227", "what", choices="true, false, never")
            self.problem("XM208", item, option="simulate", node=self.file, expected=expected, value=item.shown())
        return item.value if isinstance(item.value, bool) else "never"

    def vars(self, item: Item | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in self.mapping(item, "vars", "0").items():
            assert item is not None  # it had a name in it
            if not isinstance(value.value, bool | int | float | str):
                self.problem("XM202", value, where=f"vars.{name}", expected=message("XM233", "what"))
            elif folded := self.name(name, item):
                found[folded] = value.value
        return found

    def name(self, name: str, section: Item) -> str:
        """Return a name in its one spelling (NFKC), or "" when it cannot be one."""
        folded = unicodedata.normalize("NFKC", name)
        mark, better, code = section.keys.get(name), "", ""
        if not folded.isidentifier() or folded.startswith("_"):
            code = "XM205"
            better = "".join(character if character.isalnum() else "_" for character in folded).strip("_")
            better = f"n{better}" if better[:1].isdigit() else better
        elif folded in RESERVED or keyword.iskeyword(folded):
            code, better = "XM216", f"my_{folded}"
        elif folded in self.project.nodes or folded in self.project.vars:
            code = "XM206"
        else:
            return folded
        fixed = mark.text.replace(name, better, 1) if mark and better else ""
        self.problems.append(Problem(code, {"name": name, "better": better or "lamp"}, mark, fixed))
        self.broken.add(folded)
        return ""

    def node(self, name: str, item: Item, section: Item, kind: type[Node], options: Options) -> None:
        folded, mark = self.name(name, section), section.keys.get(name, item.mark)
        if not folded:
            return
        before = len(self.problems)
        preset = {option: Item.of(value) for option, value in options.get(folded, {}).items()}
        given = self._given(name, item) | preset
        use = self.text(given, "use", folded, name)
        node_type = self.project.plugins.nodes.get(use)
        if len(self.problems) == before and (node_type is None or not issubclass(node_type, kind)):
            self.problems.append(self._wrong_type(use, node_type, kind, given.get("use", Item(None, mark))))
        if len(self.problems) > before or node_type is None:
            self.broken.add(folded)
            return
        spec = NodeSpec(folded, node_type, mark=mark, wires=self.wires(given, node_type))
        self._for_every_node(spec, given)
        gives = getattr(node_type, "gives", None)
        if isinstance(gives, Mapping):  # --set room.value=3 is what a simulated sensor shows
            shown = {field for field in preset if field in gives and field not in option_fields(node_type)}
            spec.preset = {field: given.pop(field).value for field in shown}
            spec.simulate = True if shown else spec.simulate
            wrong = [_unlike(gives[field], field, folded, value) for field, value in spec.preset.items()]
            self.problems += [problem for problem in wrong if problem]
        own = {option: value for option, value in given.items() if option not in NODE_KEYS}
        spec.options, problems = convert(node_type, Item(own, item.mark, keys=item.keys), folded)
        spec.marks |= {option: value.mark for option, value in given.items() if value.mark}
        # what --set gave has no place in the file: it is shown at its node
        self.problems += [replace(problem, mark=problem.mark or mark) for problem in problems]
        if len(self.problems) > before:
            self.broken.add(folded)
        else:
            self.project.nodes[folded] = spec

    def _given(self, name: str, item: Item) -> dict[str, Item]:
        """Return a node's keys with their values; `light: led` is short for `light: {use: led}`."""
        if isinstance(item.value, str):
            return {"use": item}
        given, plain = dict(self.mapping(item, name)), self.project.plugins.nodes.get(name)
        for key in given.keys() & _NODE_MEANT.keys() - (option_fields(plain).keys() if plain else set()):
            if (meant := _NODE_MEANT[key]) not in given:
                self.problems.append(Problem("XM201", {"key": key, "where": name, "near": meant}, item.keys.get(key)))
                given[meant] = given.pop(key)
        return given

    def _for_every_node(self, spec: NodeSpec, given: Mapping[str, Item]) -> None:
        if "fresh" in given:
            spec.fresh = read_duration(given["fresh"], "fresh", self.problems)
            if spec.fresh == 0:
                self.problem("XM307", given["fresh"], key="fresh", value=0)
        spec.driver = self.text(given, "driver", "", spec.name)
        if spec.driver:
            try:
                self.project.plugins.driver(spec.driver)
            except ProjectError as error:
                self.problems += [replace(problem, mark=given["driver"].mark) for problem in error.problems]
        if "simulate" in given:
            spec.simulate = self.simulate(given["simulate"]) is True

    def _wrong_type(self, use: str, node_type: type[Node] | None, kind: type[Node], item: Item) -> Problem:
        if node_type is None:
            return replace(self.project.plugins.unknown_node(use, kind), mark=item.mark)
        right = next(section for section, base in KINDS.items() if issubclass(node_type, base))
        return Problem("XM204", {"use": use, "right": right}, item.mark)

    def wires(self, given: dict[str, Item], node_type: type[Node]) -> tuple[str, ...]:
        item = given.get("from")
        if item is None:
            return ()
        items = item.value if isinstance(item.value, list) else [item]
        # in braces, `from: camera, pet` is `from: camera` and a key without value
        loose = [key for key in given if given[key].value is None and key not in (*NODE_KEYS, *option_fields(node_type))]
        names = [part for wire in items for part in re.split("[,，、 ]+", wire.shown().strip('[]"'))] + loose
        if all(isinstance(wire.value, str) for wire in items) and len(names) == len(items):
            return tuple(unicodedata.normalize("NFKC", wire) for wire in names)
        fixed = (
            re.sub(r"(from: *).*?(?=[}#]|$)", rf"\1[{', '.join(names)}]", item.mark.text)
            if item.mark and all(map(str.isidentifier, names))
            else ""
        )
        self.problem("XM202", item, fixed, where="from", expected=message("XM235", "what"))
        for key in loose:
            del given[key]
        return ()

    def rules(self, item: Item | None) -> None:
        if item is None or item.value is None:
            return
        if not isinstance(item.value, list):
            fixed = re.sub(r"^( *)(when|each)\b", r"\1- \2", item.mark.text) if item.mark else ""
            fixed = "" if item.mark and fixed == item.mark.text else fixed
            self.problem("XM202", item, fixed, where="rules", expected=message("XM236", "what"))
            return
        found: list[Problem] = []
        self.project.rules = self.project.rule_reader(found).read_all(item)
        # a rule about a node that could not be read would only repeat that node's problem
        broken = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, self.broken))})(?!\w)") if self.broken else None
        self.problems += [problem for problem in found if not (broken and problem.mark and broken.search(problem.mark.text))]
