"""Observers are called one by one, and one that raises does not take the others or the run with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from xmaker import Event, Input, Label, Project, hookimpl


@dataclass
class Words(Input):
    """Gives the labels that the test sends."""

    use: ClassVar[str] = "words"
    gives: ClassVar = Label


def test_observers_are_called_one_by_one_and_one_that_raises_is_unplugged(project: Project, xmaker_run: Any) -> None:
    class Bad:
        calls = 0

        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            Bad.calls += 1
            raise SystemExit("no")

    order: list[str] = []

    class Good:
        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            order.append(event.value.label)

    class Errors:
        errors: ClassVar[list[Any]] = []

        @hookimpl
        def xmaker_error(self, error: Any) -> None:
            Errors.errors.append(error)

    for observer in (Good(), Bad(), Good(), Errors()):
        project.plugins.manager.register(observer)
    run = xmaker_run(project.add(Words(), name="word"))
    run.send("word", "a", "b")
    assert order == ["a", "a", "b", "b"]
    assert Bad.calls == 1
    assert [error.code for error in Errors.errors] == ["XM509"]


@pytest.mark.parametrize("hook", ["xmaker_start", "xmaker_stop"])
def test_an_observer_of_start_and_stop_may_raise(project: Project, seen: Any, hook: str, xmaker_run: Any) -> None:
    def listen(project: Project) -> None:
        raise SystemExit("no")

    bad = type("Bad", (), {hook: staticmethod(hookimpl(listen))})()
    project.plugins.manager.register(bad)
    run = xmaker_run(project.add(Words(), name="word"))
    run.send("word", "a")
    run.stop()
    assert seen.codes == ["XM509"]
    assert len(seen.values("word")) == 1
