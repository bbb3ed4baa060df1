"""What a person asks of a running project: a simulated sensor to show something, a node to do something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xmaker.errors import Problem, ProjectError, nearest
from xmaker.nodes import Quantity
from xmaker.rules.engine import RULE_ERRORS, argument
from xmaker.rules.functions import text_of
from xmaker.rules.steps import Do, StepReader
from xmaker.runtime.hardware import SimulatedSensor
from xmaker.yaml_reader import Item

if TYPE_CHECKING:
    from xmaker.project import Project
    from xmaker.runtime.worker import Worker


def _simulated(workers: Mapping[str, Worker]) -> dict[str, SimulatedSensor]:
    return {name: worker.node for name, worker in workers.items() if isinstance(worker.node, SimulatedSensor)}


def settable(workers: Mapping[str, Worker]) -> dict[str, Quantity]:
    """Return every field of the simulated sensors, as `room.value`."""
    sensors = _simulated(workers).items()
    return {f"{name}.{field}": quantity for name, one in sensors for field, quantity in one.fields.items()}


def show(workers: Mapping[str, Worker], name: str, value: float | bool | str) -> None:
    """Have a simulated sensor show a value. Raises ProjectError."""
    if name not in (known := settable(workers)):
        its = [one for one in known if one.startswith(f"{name.partition('.')[0]}.")] or [*known]
        raise ProjectError.of("XM763", name=name, near=nearest(name, its), known=", ".join(its) or "-")
    node, _, field = name.partition(".")
    try:
        _simulated(workers)[node].set(field, value)
    except ValueError as error:
        raise ProjectError.of("XM208", option=field, node=node, expected=error, value=text_of(value)) from None


def action_of(project: Project, text: str, values: Mapping[str, Any]) -> tuple[str, str, tuple[Any, ...]]:
    """Read one action, written as in a rule; return node, action and arguments, worked out with the latest values.

    Raises XMakerError.
    """
    problems: list[Problem] = []
    types = {name: spec.type for name, spec in project.nodes.items()}
    step = StepReader(project.scope(), types, problems).read(Item.of(text))
    if errors := [problem for problem in problems if not problem.warning]:
        raise ProjectError(problems=errors)
    if not isinstance(step, Do):
        raise ProjectError.of("XM304", step=text)
    try:
        args = tuple(argument(value.value(values), parameter.kind) for value, parameter in step.args)
    except RULE_ERRORS as error:
        raise ProjectError.of("XM950", step=text, reason=error) from None
    for given, (_, parameter) in zip(args, step.args, strict=True):
        if parameter.check:
            parameter.check(given)
    return step.node, step.action, args
