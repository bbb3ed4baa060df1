"""A project's rules under a clock that a test moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xmaker.errors import NodeError
from xmaker.project import Project
from xmaker.rules.engine import RuleEngine
from xmaker.rules.freshness import Freshness
from xmaker.rules.timers import Timers
from xmaker.testing import as_project
from xmaker.values import Event, Key, Label, LabelName, Reading

NODES = """
inputs:
  knob: {use: analog}
  room: {use: light}
  keyboard: {}
  camera: {}
models:
  pet: {use: classifier, model: cat-dog, from: camera}
  people: {use: detector, from: camera}
outputs:
  lamp: {use: led}
  screen: {}
  console: {}
"""


def project(rules: str, vars: str = "") -> Project:
    lines = [line.strip() for line in rules.strip().split("\n")]
    indented = [("  " if line.startswith("- ") else "    ") + line for line in lines]
    return as_project(NODES + (f"vars: {{{vars}}}\n" if vars else "") + "rules:\n" + "\n".join(indented) + "\n")


class Run:
    """The rules of a project under a clock that the test moves; `fresh` says how long a node's values last."""

    def __init__(self, rules: str, vars: str = "", fresh: Mapping[str, Freshness] | None = None) -> None:
        self.time = 0.0
        self.timers = Timers()
        self.actions: list[str] = []
        self.errors: list[NodeError] = []
        self.causes: list[Event | None] = []
        self.engine = RuleEngine(lambda: self.time, self.timers, self.perform, self.errors.append)
        self.fresh = fresh or {}
        self.apply(project(rules, vars))

    def apply(self, project: Project) -> None:
        fields = {name: spec.fields for name, spec in project.nodes.items()}
        self.engine.apply(project.rules, fields, project.vars, self.fresh)

    def perform(self, node: str, action: str, args: tuple[Any, ...], cause: Event | None) -> None:
        self.actions.append(f"{node}.{action}" + (f" {args[0]}" if args else ""))
        self.causes.append(cause)

    def send(self, node: str, *values: Any) -> list[str]:
        """Have a node give values; return what was done because of them."""
        before = len(self.actions)
        for value in values:
            makers = {"keyboard": Key, "pet": lambda label: Label(LabelName(*label.split("/"))), "people": lambda found: found}
            made = makers.get(node, Reading)(value)
            self.engine.event(Event(node, made, self.time))
        return self.actions[before:]

    def advance(self, seconds: float) -> list[str]:
        """Let time pass; return what was done meanwhile."""
        before, end = len(self.actions), self.time + seconds
        while (due := self.timers.next_time()) is not None and due <= end:
            self.time = max(self.time, due)
            self.timers.run(self.time)
        self.time = end
        return self.actions[before:]


LAMP = """
- when: knob > 0.5
  then: [lamp.on]
  else: [lamp.off]
"""
