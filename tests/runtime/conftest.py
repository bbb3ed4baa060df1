"""What the tests of the runtime share: starting a project, and looking for threads that outlive their run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from xmaker import Event, Plugins, Project, Runtime, XMakerError, hookimpl
from xmaker.testing import wait_until


class Seen:
    """An observer that keeps what it is shown."""

    def __init__(self, wants_media: bool = False) -> None:
        self.events: list[Event] = []
        self.errors: list[XMakerError] = []
        self.xmaker_wants_media = wants_media

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        self.events.append(event)

    @hookimpl
    def xmaker_error(self, error: XMakerError) -> None:
        self.errors.append(error)

    def values(self, node: str) -> list[Any]:
        return [event.value for event in self.events if event.node == node]

    @property
    def codes(self) -> list[str]:
        return [error.code for error in self.errors]

    @property
    def actions(self) -> list[str]:
        return [f"{event.node}.{event.value.action}" for event in self.events if hasattr(event.value, "action")]

    @property
    def notices(self) -> list[str]:
        return [event.value.code for event in self.events if hasattr(event.value, "notice")]


@pytest.fixture
def project() -> Project:
    """A project to which the test adds its nodes."""
    return Project("test", plugins=Plugins())


@pytest.fixture
def seen(project: Project) -> Seen:
    """Everything that the project's run shows to observers, but for frames."""
    project.plugins.manager.register(seen := Seen(), name="seen")
    return seen


@pytest.fixture
def seen_with_frames(project: Project) -> Seen:
    project.plugins.manager.register(seen := Seen(wants_media=True), name="seen_with_frames")
    return seen


Start = Callable[..., Runtime]


@pytest.fixture
def start() -> Iterator[Start]:
    """Give a function that starts a project; the run is stopped when the test is over."""
    started: list[Runtime] = []

    def start(project: Project, **options: Any) -> Runtime:
        started.append(Runtime(project.plugins, **options))
        started[-1].apply(project)
        return started[-1]

    yield start
    for runtime in started:
        runtime.stop()


@pytest.fixture(autouse=True)
def no_thread_outlives_its_run() -> Iterator[None]:
    yield
    wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("xmaker-")])
