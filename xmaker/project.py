"""A project: nodes, wires and rules. Read from a file, or wired in Python; checked the same way."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import msgspec

from xmaker.check import check_graph, check_rules
from xmaker.errors import Mark, Problem, ProjectError, XMakerError
from xmaker.hookspecs import hookimpl
from xmaker.nodes import Fields, Input, Model, Node, Output, fields_of
from xmaker.options import option_fields
from xmaker.plugins import OWN, Plugins
from xmaker.rules.rule import Rule, RuleReader
from xmaker.rules.scope import Scope
from xmaker.values import Kind
from xmaker.yaml_reader import Item

KINDS: Mapping[str, type[Node]] = {"inputs": Input, "models": Model, "outputs": Output}


@dataclasses.dataclass
class NodeSpec:
    """One node of a project: what it is, its options, its wires, and the keys that every node may have."""

    name: str
    type: type[Node]
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    wires: tuple[str, ...] = ()
    fresh: float | None = None
    driver: str = ""
    board: str = ""
    """The board that it hangs on, where that is not the project's: an Arduino on the USB of a Raspberry Pi."""
    simulate: bool | None = None
    preset: dict[str, Any] = dataclasses.field(default_factory=dict)
    """What a simulated sensor shows: field → value."""
    mark: Mark | None = dataclasses.field(default=None, compare=False)
    marks: dict[str, Mark] = dataclasses.field(default_factory=dict, compare=False)
    """Where the values of its keys stand in the file."""

    def make(self) -> Node:
        """Return a new node of this kind."""
        return self.type(**self.options)

    @property
    def fields(self) -> Fields:
        """What rules may ask of the node."""
        return fields_of(getattr(self.type, "gives", None))


class Project:
    """Nodes, wires and rules under a name.

    In Python: `Project("demo").add(Camera(), name="camera").add(Classifier(), name="pet", from_="camera").run()`.
    """

    def __init__(self, name: str = "project", *, folder: Path | str = ".", plugins: Plugins | None = None) -> None:
        self.name = name
        self.folder = Path(folder)
        self.nodes: dict[str, NodeSpec] = {}
        self.vars: dict[str, Any] = {}
        self.rules: list[Rule] = []
        self.board = ""
        self.simulate: bool | str = False
        self.warnings: list[Problem] = []
        self._plugins = plugins

    @property
    def files(self) -> Path:
        """Where outputs put their files: in the project's folder, or where the user is when the project came with XMaker."""
        return Path.cwd() if self.came_along else self.folder

    @property
    def came_along(self) -> bool:
        """Whether the project came with XMaker."""
        package = Path(__file__).parent
        return self.folder.resolve().parent in (package / "gallery", package.parent / "projects")

    @property
    def plugins(self) -> Plugins:
        """The plugins that the project was read with; loaded on first use."""
        if self._plugins is None:
            self._plugins = Plugins.load(self.folder)
        return self._plugins

    @classmethod
    def load(
        cls,
        path: Path | str,
        *,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        simulate: bool = False,
        plugins: Plugins | None = None,
        text: str | None = None,
    ) -> Project:
        """Read a project file, or the `project.yaml` in a folder. `options` (node → option → value) win over the file's;
        with a `text`, that is read as if it stood there.

        With the `plugins` of an earlier reading, nodes that are the same as there stay the same.

        Raises ProjectError with every problem of the file.
        """
        from xmaker.project_file import read_project

        return read_project(Path(path), options or {}, simulate, plugins, text)

    def add(
        self,
        node: Node,
        *,
        name: str = "",
        from_: str | Iterable[str] = (),
        fresh: float | None = None,
        driver: str = "",
        board: str = "",
    ) -> Self:
        """Add a node; its name is its type's name unless another is given, `from_` the nodes that its values come from."""
        name = name or node.use
        if name in self.nodes:
            raise ProjectError.of("XM206", name=name)
        wires = (from_,) if isinstance(from_, str) else tuple(from_)
        options = {option: getattr(node, option) for option in option_fields(type(node))}
        self.nodes[name] = NodeSpec(name, type(node), options, wires, fresh, driver, board)
        return self

    def var(self, name: str, value: float | str | bool) -> Self:
        """Add a var that rules may read and set."""
        self.vars[name] = value
        return self

    def rule(self, **parts: Any) -> Self:
        """Add a rule: the keys of a project file, `for_` and `else_` for the two that are words of Python.

        The nodes that it names must have been added before. Raises ProjectError.
        """
        given = Item.of({key.rstrip("_"): value for key, value in parts.items()})
        problems: list[Problem] = []
        rule = self.rule_reader(problems).read(given, len(self.rules) + 1)
        if rule is None:
            raise ProjectError(problems=[problem for problem in problems if not problem.warning])
        self.warnings += problems
        self.rules.append(rule)
        return self

    def rule_reader(self, problems: list[Problem]) -> RuleReader:
        """Return a reader of rules about this project's nodes."""
        return RuleReader(self.scope(), {name: spec.type for name, spec in self.nodes.items()}, problems)

    def scope(self) -> Scope:
        """Return what names stand for in this project's rules."""
        fields = {name: spec.fields for name, spec in self.nodes.items() if not issubclass(spec.type, Output)}
        kinds: dict[str, Kind] = {name: _kind_of(value) for name, value in self.vars.items()}
        return Scope(fields, kinds, self._labels(), frozenset(self.nodes) - fields.keys())

    def _labels(self) -> dict[str, tuple[str, ...]]:
        labels = {}
        for name, spec in self.nodes.items():
            if issubclass(spec.type, Model):
                try:
                    labels[name] = self.made_to_check(spec).known_labels()
                except Exception:  # noqa: BLE001, S112  # check() says what is wrong with the model
                    continue
        return {name: known for name, known in labels.items() if known}

    def made_to_check(self, spec: NodeSpec) -> Any:
        """Return a node with as much of a host as checking needs: the project's folder and the catalog of models."""
        node: Any = spec.make()
        model = partial(self.plugins.model, folder=self.folder)
        node.host = SimpleNamespace(name=spec.name, folder=self.folder, files=self.files, model=model)
        return node

    def check(self) -> list[Problem]:
        """Look for everything that is wrong with the graph; return the warnings. Raises ProjectError."""
        problems = [*check_graph(self), *check_rules(self), *_own_plugins_that_failed(self.plugins), *self.plugins.warnings]
        for spec in self.nodes.values():
            problems += _check_node(self, spec)
        errors = [problem for problem in problems if not problem.warning]
        if errors:
            raise ProjectError(problems=errors)
        self.warnings += [problem for problem in problems if problem not in self.warnings]
        return self.warnings

    def run(self, seconds: float | None = None) -> None:
        """Run the project in this terminal until it ends, `seconds` have passed or Ctrl-C is pressed.

        What goes wrong on the way is printed, and the run goes on. Raises XMakerError for what only the user can mend,
        and at the end when a model has given nothing but errors.
        """
        from xmaker.runtime import Runtime

        self.check()
        self.plugins.manager.register(printer := ErrorPrinter())
        try:
            Runtime(self.plugins).run(self, seconds)
        finally:
            self.plugins.manager.unregister(printer)


class ErrorPrinter:
    """Prints errors on stderr."""

    @hookimpl
    def xmaker_error(self, error: XMakerError) -> None:
        print(error.show(), file=sys.stderr)


def _own_plugins_that_failed(plugins: Plugins) -> list[Problem]:
    """Return a warning for each: a project can do without, but whoever wrote it wants to know."""
    failed = [state.error for state in plugins.states if state.error and state.name.startswith(OWN)]
    return [msgspec.structs.replace(problem, warning=True) for error in failed for problem in error.problems]


def _check_node(project: Project, spec: NodeSpec) -> list[Problem]:
    """Let a node look at its own options; whatever it complains about is a problem of its place in the file."""
    try:
        project.made_to_check(spec).check()
    except Exception as error:  # noqa: BLE001  # a stranger's check() may raise anything
        if found := getattr(error, "problems", ()):
            return [msgspec.structs.replace(problem, mark=problem.mark or _to_blame(spec, problem)) for problem in found]
        reason = str(error) if isinstance(error, XMakerError) else f"{type(error).__name__}: {error}"
        return [Problem("XM218", {"node": spec.name, "reason": reason}, spec.mark)]
    return []


def _to_blame(spec: NodeSpec, problem: Problem) -> Mark | None:
    """Return the place of the option whose value the problem mentions, else that of the node."""
    said = " ".join(map(str, problem.details.values()))
    for option, value in spec.options.items():
        if option in spec.marks and value and isinstance(value, str) and value in said:
            return spec.marks[option]
    return spec.mark


def _kind_of(value: object) -> Kind:
    if isinstance(value, bool):
        return "flag"
    return "text" if isinstance(value, str) else "number"
