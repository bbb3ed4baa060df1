from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from xmaker import I2CAddress, Input, Pin, Plugins, Project, Quantity, hookimpl
from xmaker.cli import gallery
from xmaker.export import export_python
from xmaker.nodes import Node
from xmaker.options import option_fields

ADDRESS = I2CAddress(0x76)


@dataclass
class Sensor(Input):
    """A sensor."""

    use: ClassVar[str] = "sensor"
    gives: ClassVar = {"value": Quantity()}
    address: I2CAddress = ADDRESS
    pin: Pin = Pin()


def made_by(program: str) -> Project:
    names: dict[str, Any] = {"__name__": "program"}
    exec(compile(program, "program", "exec"), names)
    project = names["project"]
    assert isinstance(project, Project)
    project.check()
    return project


def options_of(node: Node) -> dict[str, Any]:
    return {name: getattr(node, name) for name in option_fields(type(node))}


def meaning(project: Project) -> dict[str, Any]:
    """Return what a project does, with every default filled in."""
    nodes = {
        name: (spec.type.__name__, options_of(spec.make()), spec.wires, spec.fresh, spec.driver, spec.simulate, spec.preset)
        for name, spec in project.nodes.items()
    }
    rules = [rule.source for rule in project.rules]
    return {"name": project.name, "nodes": nodes, "rules": rules, "vars": project.vars, "board": project.board}


@pytest.mark.parametrize("name", gallery.names())
def test_the_program_builds_the_same_project(name: str) -> None:
    project = Project.load(gallery.gallery() / name)
    program = export_python(project)
    assert meaning(made_by(program)) == meaning(project)
    assert "smooth=" not in program, "what is as by default is not printed"


def test_everything_that_a_project_can_say(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    plugin = Path(__file__).parent / "cli" / "conftest.py"
    (tmp_path / "plugins" / "odd.py").write_text(plugin.read_text(encoding="utf-8").split("'''")[1], encoding="utf-8")
    lines = (
        r'name: "A \"great\" \\ name"',
        "board: pi",
        "inputs:",
        "  air: {every: 0.1 s, fresh: 3 s}",
        "  room: {use: light, pin: {pi: 3}, driver: simulator, simulate: true}",
        "outputs: {console: {}}",
        "vars: {count: 0, who: 猫, found: true}",
        "rules:",
        "  - when: air.wet and room < 3",
        "    for: 0.5 s",
        r"""    then: ['console.print("It is \"wet\" {who}")']""",
        "    else: [count = 0]",
        "  - {each: room, cooldown: 2, then: [count = count + 1, wait: 1 s]}",
    )
    (tmp_path / "project.yaml").write_text("\n".join(lines), encoding="utf-8")
    project = Project.load(tmp_path, options={"room": {"value": 3}})
    assert meaning(made_by(export_python(project))) == meaning(project)


class Plugin:
    @hookimpl
    def xmaker_nodes(self) -> list[type[Input]]:
        return [Sensor]


def test_addresses_and_pins_can_be_read_again() -> None:
    plugins = Plugins()
    plugins.add("sensor", Plugin())
    program = export_python(Project("p", plugins=plugins).add(Sensor(I2CAddress(0x40), Pin("17"))))
    assert 'address=I2CAddress(0x40), pin=Pin("17")' in program
    assert "from xmaker import I2CAddress, Pin, Project" in program
