"""The board and the driver of a node: those of the computer, unless the project or the node names others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xmaker import Project, ProjectError, Runtime
from xmaker.testing import wait_until

WHEELS = '''
from typing import ClassVar

from xmaker import Driver, hookimpl


class Wheel:
    def write(self, value): ...

    def close(self): ...


class Wheels(Driver):
    """Two boards on USB; without a name it is the first."""

    name: ClassVar[str] = "wheels"
    boards: ClassVar[tuple[str, ...]] = ("cart", "truck")
    on_usb: ClassVar[tuple[str, ...]] = ("cart", "truck")

    def __init__(self, simulate=False, board=""):
        super().__init__(simulate, board or "cart")

    @classmethod
    def problem(cls, role, pin, board):
        return "" if pin.startswith("W") else "XM621"

    def output(self, pin):
        return Wheel()


@hookimpl
def xmaker_drivers():
    return [Wheels]
'''


@pytest.fixture
def project(tmp_path: Path) -> Any:
    """Give a function that reads a project which has a driver of its own."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "wheels.py").write_text(WHEELS)

    def read(text: str) -> Project:
        (tmp_path / "project.yaml").write_text(text + "\n")
        return Project.load(tmp_path)

    return read


def drivers(project: Project) -> dict[str, Any]:
    """Run a project until its lamps are on; return the driver of each."""
    run = Runtime(project.plugins)
    run.apply(project)
    wait_until(lambda: {worker.state for worker in run.workers.values()} == {"on"})
    found = {name: worker.node.pin.driver for name, worker in run.workers.items()}  # type: ignore[attr-defined]
    run.stop()
    return found


@pytest.mark.parametrize(
    ("top", "one", "other", "expected"),
    [
        ("", "pin: W1, driver: wheels", "pin: 4", ("cart", "simulator")),
        ("", "pin: W1, board: truck", "pin: W1, board: cart", ("truck", "cart")),
        ("driver: wheels", "pin: W1", "pin: 4, board: simulator", ("cart", "simulator")),
        ("driver: wheels", "pin: W1", "pin: 4, driver: simulator", ("cart", "simulator")),
        ("", "pin: {truck: W7, pi: 4}, board: truck", "pin: P25", ("truck", "simulator")),
    ],
)
def test_a_driver_or_a_board_is_named_by_a_node_or_the_project(
    project: Any, top: str, one: str, other: str, expected: tuple[str, str]
) -> None:
    found = drivers(project(f"{top}\noutputs: {{a: {{use: led, {one}}}, b: {{use: led, {other}}}}}"))
    assert tuple(driver.board or driver.name for driver in found.values()) == expected


def test_one_board_has_one_driver_however_it_is_named(project: Any) -> None:
    found = drivers(project("outputs: {a: {use: led, pin: W1, driver: wheels}, b: {use: led, pin: W2, board: cart}}"))
    assert found["a"] is found["b"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("outputs: {a: {use: led, pin: 4, board: truck}}", "XM621"),
        ("outputs: {a: {use: led, pin: {pi: 4}, board: truck}}", "XM610"),
        ("outputs: {a: {use: led, pin: W1, board: truk}}", "XM750"),
        ("outputs: {a: {use: led, pin: W1, driver: weels}}", "XM609"),
        ("driver: weels\noutputs: {a: {use: led, pin: W1}}", "XM609"),
        ("outputs: {a: {use: led, pin: W1, board: truck}, b: {use: led, pin: W1, board: truck}}", "XM215"),
    ],
)
def test_what_cannot_be_is_told_of_before_the_run(project: Any, text: str, code: str) -> None:
    with pytest.raises(ProjectError) as raised:
        project(text)
    assert [problem.code for problem in raised.value.problems] == [code]
