"""Checks a project's graph: wires that lead nowhere or in a circle, pins used twice, rules that fight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from xmaker.drivers import Pin
from xmaker.errors import Mark, Problem, nearest
from xmaker.nodes import Input, Model, Output, actions_of
from xmaker.options import pin_roles
from xmaker.rules.steps import Do, Step
from xmaker.values import Value

if TYPE_CHECKING:
    from xmaker.project import NodeSpec, Project


def check_graph(project: Project) -> Iterator[Problem]:
    """Yield what is wrong with nodes and wires."""
    if not project.nodes:
        yield Problem("XM219", {})
    circle = _circle(project.nodes)
    if circle:
        yield Problem("XM212", {"circle": " → ".join(circle)}, project.nodes[circle[0]].mark)
    for spec in project.nodes.values():
        if spec.name not in circle:
            yield from _check_wires(project, spec)
    yield from _check_pins(project)


def _check_wires(project: Project, spec: NodeSpec) -> Iterator[Problem]:
    from_ = spec.marks.get("from", spec.mark)
    if issubclass(spec.type, Input):
        if spec.wires:
            yield Problem("XM213", {"node": spec.name}, from_)
        return
    takes: tuple[type[Value], ...] = getattr(spec.type, "takes", ())
    if issubclass(spec.type, Model) and not spec.wires:
        fitting = [name for name, other in project.nodes.items() if _fits(other, takes)]
        yield Problem("XM210", {"node": spec.name, "example": fitting[0] if fitting else "camera"}, spec.mark)
    if issubclass(spec.type, Output) and spec.wires and not takes:
        yield Problem("XM230", {"node": spec.name}, from_)
        return
    for wire in spec.wires:
        place = replace(from_, column=max(from_.column, from_.text.find(wire, from_.column - 1) + 1)) if from_ else None
        source = project.nodes.get(wire)
        if source is None:
            known = [name for name, other in project.nodes.items() if not issubclass(other.type, Output)]
            details = {"wire": wire, "node": spec.name, "near": nearest(wire, known), "known": ", ".join(known) or "-"}
            yield Problem("XM211", details, place)
        elif issubclass(source.type, Output):
            yield Problem("XM231", {"wire": wire, "node": spec.name}, place)
        elif takes and not _fits(source, takes):
            yield Problem("XM214", {"wire": wire, "node": spec.name, **_kinds(project, spec, source)}, place)


def _kinds(project: Project, spec: NodeSpec, source: NodeSpec) -> dict[str, str]:
    """Return what a node wants, what its wire gives instead, and which node types of its kind would take that."""
    kind = Model if issubclass(spec.type, Model) else Output
    takers = [use for use, other in project.plugins.nodes.items() if issubclass(other, kind) and _fits(source, other.takes)]
    wanted = "/".join(taken.__name__ for taken in getattr(spec.type, "takes", ()))
    given = _words(getattr(source.type, "gives", None))
    return {"wanted": wanted, "given": given, "takers": ", ".join(sorted(takers)) or "-"}


def _fits(source: NodeSpec, takes: tuple[type[Value], ...]) -> bool:
    gives: Any = getattr(source.type, "gives", None)
    if gives is None:
        return False
    return any(taken is Value or (isinstance(gives, type) and issubclass(gives, taken)) for taken in takes)


def _words(gives: Any) -> str:
    return "Reading" if isinstance(gives, Mapping) else getattr(gives, "__name__", "-")


def _circle(nodes: Mapping[str, NodeSpec]) -> list[str]:
    """Return the nodes of a circle of wires, its first one (in the project) at both ends; [] when there is none."""
    try:
        TopologicalSorter({name: [wire for wire in spec.wires if wire in nodes] for name, spec in nodes.items()}).prepare()
    except CycleError as error:
        around = error.args[1][1:]
        first = min(range(len(around)), key=lambda at: [*nodes].index(around[at]))
        return [*around[first:], *around[: first + 1]]
    return []


def _check_pins(project: Project) -> Iterator[Problem]:
    used: dict[tuple[str, str, str], tuple[str, str]] = {}
    here = project.board or project.plugins.board().name
    for spec in project.nodes.values():
        simulated = spec.simulate if spec.simulate is not None else project.simulate is True
        own = spec.board or here
        for option, role in pin_roles(spec.type).items():
            names = spec.options.get(option, Pin()).names
            named = {own: names} if isinstance(names, str) else names
            mark = spec.marks.get(option, spec.mark)
            yield from _check_boards(project, named, mark)
            if own not in (*named, "simulator") and not simulated and not spec.driver:
                yield Problem("XM610", {"board": own, "known": ", ".join(named)}, mark)
            for board, name in named.items():
                details = {"pin": name, "node": spec.name, "role": role, "board": board}
                driver = project.plugins.driver_of(board)
                if spec.driver and board == own:
                    driver = project.plugins.driver(spec.driver)
                code = driver.problem(role, name, board) if driver and (name or (board == own and not simulated)) else ""
                if not driver and name and not _any_board_can(project, role, name):
                    code = "XM768"
                mine = (spec.name, option)
                other = used.setdefault((spec.driver, board, name.upper().removeprefix("GPIO")), mine) if name else mine
                if code:
                    yield Problem(code, details | {"driver": spec.driver}, mark)
                elif other != mine:
                    yield Problem("XM215", details | {"other": other[0]}, mark)
                    break


def _any_board_can(project: Project, role: str, pin: str) -> bool:
    """Return whether the pin of a simulated board is one that some board has."""
    drivers = {board: driver for board in project.plugins.boards() if (driver := project.plugins.driver_of(board))}
    return not drivers or not all(driver.problem(role, pin, board) for board, driver in drivers.items())


def _check_boards(project: Project, boards: Iterable[str], mark: Mark | None) -> Iterator[Problem]:
    """Warn of boards that no driver here knows: misspelt, or of a plugin that is missing."""
    known = project.plugins.boards()
    for board in boards:
        if board not in known:
            details = {"board": board, "near": nearest(board, known), "known": ", ".join(known)}
            yield Problem("XM750", details, mark, warning=True)


def check_rules(project: Project) -> Iterator[Problem]:
    """Warn of two rules that fight: one's `else` undoes, on the same output, what the other's `then` does."""
    for first in project.rules:
        undone = _levels(project, first.otherwise)
        for second in project.rules:
            if second is not first and second.when and (both := undone & _levels(project, second.then)):
                details = {"first": second.number, "second": first.number, "output": ", ".join(sorted(both))}
                yield Problem("XM309", details, second.mark, warning=True)


def _levels(project: Project, steps: Iterable[Step]) -> set[str]:
    """Return the outputs on which the steps set a level."""
    found = set()
    for step in steps:
        if isinstance(step, Do) and issubclass(node_type := project.nodes[step.node].type, Output):
            found |= {step.node} if actions_of(node_type)[step.action].level else set()
    return found
