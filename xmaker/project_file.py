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
from xmaker.nodes import Node
from xmaker.options import check_shown, convert, option_fields, pin_roles
from xmaker.plugins import Plugins
from xmaker.project import KINDS, NodeSpec, Project
from xmaker.rules.functions import RESERVED
from xmaker.rules.steps import read_duration
from xmaker.yaml_reader import Item, known_keys, read_file, read_text, scalar

FILE = "project.yaml"
PROJECT_KEYS = ("name", "inputs", "models", "outputs", "vars", "rules", "board", "driver", "simulate")
NODE_KEYS = ("use", "from", "fresh", "driver", "board", "simulate")
"""What every node may have beside its own options."""

Options = Mapping[str, Mapping[str, Any]]


def read_project(
    path: Path, options: Options, simulate: bool = False, plugins: Plugins | None = None, text: str | None = None
) -> Project:
    """Read a project file or folder; `options` (node → option → value) replace what the file says, `text` all of the file.

    Raises ProjectError.
    """
    if path.is_dir():
        if not (path / FILE).is_file():
            raise ProjectError.of("XM118", folder=path)
        path = path / FILE
    item, problems = read_file(path) if text is None else read_text(text, str(path))
    project = Project(path.parent.name or path.stem, folder=path.parent.resolve(), plugins=plugins)
    reader = _ProjectReader(project, path.name, problems)
    reader.read(item, options)
    project.simulate = project.simulate or simulate
    errors = [problem for problem in problems if not problem.warning]
    try:
        project.warnings += [problem for problem in problems if problem.warning]
        project.check()
    except ProjectError as error:
        errors += [problem for problem in error.problems if problem not in errors and not reader.is_echo(problem)]
    if errors:
        raise ProjectError(problems=sorted(errors, key=lambda problem: problem.mark.line if problem.mark else 0))
    return project


def read_settings(settings: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Read settings that were typed, such as `camera.source=pictures`, into node → key → value. Raises ProjectError.

    A node alone means its value, as in rules: `room=3` is `room.value=3`. Lists and mappings are written with their
    brackets, as in a project: `things.labels=[person, dog]`.
    """
    options: dict[str, dict[str, Any]] = {}
    for text in settings:
        if not (found := re.fullmatch(r"\s*([^.=\s]+)(?:\.([^.=\s]+))?\s*=(.*)", text, re.DOTALL)):
            raise ProjectError.of("XM703", text=text)
        node, key, value = found.groups()
        options.setdefault(unicodedata.normalize("NFKC", node), {})[key or "value"] = _typed(value.strip())
    return options


def _typed(text: str) -> Any:
    """Return what was typed after `=`: a list or mapping in its brackets, else a scalar. Raises ProjectError."""
    if text[:1] + text[-1:] not in ("[]", "{}"):
        return scalar(text)
    item, problems = read_text(text, "--set")
    if problems:
        raise ProjectError(problems=problems)
    return item.plain()


class _ProjectReader:
    def __init__(self, project: Project, file: str, problems: list[Problem]) -> None:
        self.project, self.file, self.problems = project, file, problems
        self.usual_driver = ""
        self.broken: set[str] = set()
        """Names of nodes that could not be read: what else is said of them is not judged."""

    def is_echo(self, problem: Problem) -> bool:
        """Whether a problem of the graph only follows from a node that could not be read."""
        return problem.details.get("wire") in self.broken or (problem.code == "XM219" and bool(self.problems))

    def problem(self, code: str, item: Item, fixed: str = "", **details: object) -> None:
        self.problems.append(Problem(code, details, item.mark, fixed))

    def wrong_value(self, option: str, node: str, item: Item, expected: str) -> None:
        self.problem("XM208", item, option=option, node=node, expected=expected, value=item.shown())

    def mapping(self, item: Item | None, where: str) -> dict[str, Item]:
        """Return a mapping's items; an empty or absent one has none, anything else is a problem."""
        if item is None or item.value is None:
            return {}
        if isinstance(item.value, dict):
            return item.value
        self.problem("XM202", item, where=where, expected=message("XM225", "what"))
        return {}

    def text(self, parts: Mapping[str, Item], key: str, default: str, where: str = "") -> str:
        """Return a value that must be a word."""
        item = parts.get(key)
        if item is None:
            return default
        if isinstance(item.value, str | int | float) and not isinstance(item.value, bool):
            return str(item.value)
        self.wrong_value(key, where or self.file, item, message("XM222", "what"))
        return default

    def read(self, item: Item, options: Options) -> None:
        top = self.mapping(item, self.file)
        self.too_far_left(item, [key for key in top if key not in PROJECT_KEYS and self.is_node(key, top[key])])
        parts = known_keys(item, PROJECT_KEYS, self.file, self.problems) if top else {}
        project = self.project
        project.name, project.board = self.text(parts, "name", project.name), self.board(parts)
        self.usual_driver = self.driver(parts)
        if "simulate" in parts:
            project.simulate = self.simulate(parts["simulate"])
        project.vars = self.vars(parts.get("vars"))
        for section, kind in KINDS.items():
            self.section(section, kind, parts.get(section), options)
        for name in set(options) - set(project.nodes) - self.broken:
            details = {"name": name, "near": nearest(name, project.nodes), "known": ", ".join(project.nodes) or "-"}
            self.problems.append(Problem("XM702", details))
        self.rules(parts.get("rules"))

    def is_node(self, key: str, item: Item) -> bool:
        return key in self.project.plugins.nodes or (isinstance(item.value, dict) and "use" in item.value)

    def too_far_left(self, item: Item, names: Iterable[str]) -> None:
        """Take out what is not indented far enough: nodes beside the sections, options beside the nodes."""
        for name in names:
            mark = item.keys[name]
            self.problems.append(Problem("XM237", {"key": name}, mark, f"  {mark.text}"))
            self.broken.add(name)
            del item.value[name]

    def section(self, section: str, kind: type[Node], item: Item | None, options: Options) -> None:
        nodes = self.mapping(item, section)
        if item is None or not nodes:
            return
        loose = [name for name, node in nodes.items() if name in NODE_KEYS and not self.is_node(name, node)]
        self.too_far_left(item, loose)
        if loose:  # whose options they are, only the user knows
            self.broken |= nodes.keys()
            return
        for name, node in nodes.items():
            self.node(name, node, item, kind, options)

    def driver(self, parts: Mapping[str, Item], where: str = "") -> str:
        """Return the driver that the project or a node names."""
        name = self.text(parts, "driver", "", where)
        try:
            return self.project.plugins.driver(name).name if name else ""
        except ProjectError as error:
            self.problems += [replace(problem, mark=parts["driver"].mark) for problem in error.problems]
            return ""

    def board(self, parts: Mapping[str, Item], where: str = "") -> str:
        """Return the board that the project or a node is for: this computer, one that a driver knows, or the simulator."""
        name, plugins = self.text(parts, "board", "", where), self.project.plugins
        if name and name not in (known := plugins.boards()):
            self.problem("XM750", parts["board"], board=name, near=nearest(name, known), known=", ".join(known))
        return name

    def simulate(self, item: Item) -> bool | str:
        if item.value not in (True, False, "never"):
            self.wrong_value("simulate", self.file, item, message("XM227", "what", choices="true, false, never"))
        return item.value if isinstance(item.value, bool) else "never"

    def vars(self, item: Item | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in self.mapping(item, "vars").items():
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
        short = isinstance(item.value, str)  # `light: led` is short for `light: {use: led}`
        given = ({"use": item} if short else self.mapping(item, name)) | preset
        use = self.text(given, "use", folded, name)
        node_type = self.project.plugins.nodes.get(use)
        if len(self.problems) == before and (node_type is None or not issubclass(node_type, kind)):
            self.problems.append(self._wrong_type(use, node_type, kind, given.get("use", Item(None, mark))))
        if len(self.problems) > before or node_type is None:
            self.broken.add(folded)
            return
        spec = NodeSpec(folded, node_type, mark=mark, wires=self.wires(given.get("from")))
        self._for_every_node(spec, given)
        given = self.preset(spec, given, preset)
        own = {option: value for option, value in given.items() if option not in NODE_KEYS}
        shown = spec.fields.kinds if preset and spec.fields.reading else ()
        spec.options, problems = convert(node_type, Item(own, item.mark, keys=item.keys), folded, shown)
        spec.marks |= {option: value.mark for option, value in given.items() if value.mark}
        # what --set gave has no place in the file: it is shown at its node
        self.problems += [replace(problem, mark=problem.mark or mark) for problem in problems]
        if len(self.problems) > before:
            self.broken.add(folded)
        else:
            self.project.nodes[folded] = spec

    def preset(self, spec: NodeSpec, given: dict[str, Item], preset: Mapping[str, Item]) -> dict[str, Item]:
        """Take out what a simulated sensor is to show: `--set room.value=3` names a field, not an option."""
        gives = getattr(spec.type, "gives", None)
        fields = gives if isinstance(gives, Mapping) else {}
        shown = [name for name in preset if name in fields and name not in option_fields(spec.type)]
        for field in shown:
            try:
                check_shown(fields[field], preset[field].value)
                spec.preset[field], spec.simulate = preset[field].value, True
            except ValueError as error:
                self.wrong_value(field, spec.name, preset[field], str(error))
        return {option: item for option, item in given.items() if option not in shown}

    def _for_every_node(self, spec: NodeSpec, given: Mapping[str, Item]) -> None:
        if "fresh" in given:
            spec.fresh = read_duration(given["fresh"], "fresh", self.problems, more_than_nothing=True)
        spec.driver, spec.board = self.driver(given, spec.name), self.board(given, spec.name)
        if not (spec.driver or spec.board) and pin_roles(spec.type):
            spec.driver = self.usual_driver
        if "simulate" in given:
            spec.simulate = self.simulate(given["simulate"]) is True

    def _wrong_type(self, use: str, node_type: type[Node] | None, kind: type[Node], item: Item) -> Problem:
        if node_type is None:
            return replace(self.project.plugins.unknown_node(use, kind), mark=item.mark)
        right = next(section for section, base in KINDS.items() if issubclass(node_type, base))
        return Problem("XM204", {"use": use, "right": right}, item.mark)

    def wires(self, item: Item | None) -> tuple[str, ...]:
        """Return the names after `from`: one, or several in brackets."""
        if item is None:
            return ()
        items = item.value if isinstance(item.value, list) else [item]
        if all(isinstance(wire.value, str) and not re.search("[,，、 ]", wire.value) for wire in items):
            return tuple(unicodedata.normalize("NFKC", wire.value) for wire in items)
        names = ", ".join(re.split("[,，、 ]+", item.shown()))
        self.problem("XM202", item, item.line_with(f"[{names}]", raw=True), where="from", expected=message("XM235", "what"))
        return ()

    def rules(self, item: Item | None) -> None:
        if item is None or item.value is None:
            return
        if not isinstance(item.value, list):
            self.problem("XM202", item, where="rules", expected=message("XM236", "what"))
            return
        found: list[Problem] = []
        self.project.rules = self.project.rule_reader(found).read_all(item)
        # a rule about a node that could not be read would only repeat that node's problem
        broken = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, self.broken))})(?!\w)") if self.broken else None
        self.problems += [problem for problem in found if not (broken and problem.mark and broken.search(problem.mark.text))]
