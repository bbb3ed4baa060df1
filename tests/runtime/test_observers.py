"""Observers are called one by one, and one that raises does not take the others or the run with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from xmaker import Event, Input, Label, Project, hookimpl
from xmaker.testing import wait_until


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


def test_observers_come_and_go_and_without_them_nothing_is_told(project: Project, xmaker_run: Any) -> None:
    class Ears:
        heard: ClassVar[list[str]] = []

        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            Ears.heard.append(event.value.label)

    run, ears = xmaker_run(project.add(Words(), name="word")), Ears()
    others = [one for one in project.plugins.manager.get_plugins() if hasattr(one, "xmaker_event")]
    for other in others:
        run.runtime.forget(other)
    run.send("word", "a")
    assert run.runtime.workers["word"].watched is False, "nobody wants it on the event loop"
    run.runtime.observe(ears)
    wait_until(lambda: run.runtime.workers["word"].watched)
    run.send("word", "b")
    run.runtime.forget(ears)
    wait_until(lambda: not run.runtime.workers["word"].watched)
    run.send("word", "c")
    assert Ears.heard == ["b"]


def test_who_was_unplugged_does_not_come_back_when_others_come(project: Project, xmaker_run: Any) -> None:
    class Bad:
        calls = 0

        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            Bad.calls += 1
            raise ValueError

    project.plugins.manager.register(Bad())
    run = xmaker_run(project.add(Words(), name="word"))
    run.send("word", "a")
    run.runtime.observe(type("Deaf", (), {})())
    run.send("word", "b")
    assert Bad.calls == 1
