"""A project file that is changed while the run goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from xmaker import Project, Runtime
from xmaker.errors import speaking
from xmaker.runtime.live_file import LiveFile
from xmaker.testing import wait_until

BEFORE = """
inputs: {room: {use: light}, door: {use: button}}
outputs: {lamp: {use: led}}
rules: [{when: room < 30, then: [lamp.on], else: [lamp.off]}]
"""


class Heard:
    """What was said."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.notices: list[str] = []


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def live(tmp_path: Path, heard: Heard, english: None) -> Iterator[tuple[LiveFile, Runtime]]:
    """Run a project, and give its file."""
    from xmaker import hookimpl

    class Ears:
        @hookimpl
        def xmaker_error(self, error: Exception) -> None:
            heard.errors.append(getattr(error, "code", ""))

        @hookimpl
        def xmaker_event(self, event: object) -> None:
            if notice := getattr(event.value, "notice", ""):  # type: ignore[attr-defined]
                heard.notices.append(notice)

    (tmp_path / "project.yaml").write_text(BEFORE, encoding="utf-8")
    file = LiveFile(tmp_path, simulate=True)
    runtime = Runtime(file.read().plugins, simulate=True)
    runtime.observe(Ears())
    runtime.apply(file.project or Project())
    yield file, runtime
    runtime.stop()


def test_only_what_has_changed_is_started_anew(live: tuple[LiveFile, Runtime], heard: Heard) -> None:
    file, runtime = live
    before = dict(runtime.workers)
    file.path.write_text(BEFORE.replace("room < 30", "room < 50"), encoding="utf-8")
    assert file.apply(runtime)
    assert runtime.workers == before, "a rule is no node"
    file.path.write_text(BEFORE.replace("{use: button}", "{use: button, hold: 2 s}"), encoding="utf-8")
    assert file.apply(runtime)
    assert [name for name in before if runtime.workers[name] is not before[name]] == ["door"]
    wait_until(lambda: "project.yaml has changed; started anew: door." in heard.notices)


def test_the_run_tells_of_a_change_in_its_own_language(live: tuple[LiveFile, Runtime], heard: Heard) -> None:
    file, runtime = live
    file.path.write_text(BEFORE.replace("{use: button}", "{use: button, hold: 2 s}"), encoding="utf-8")
    with speaking("zh"):  # as a browser that saves
        assert file.apply(runtime)
    wait_until(lambda: "project.yaml has changed; started anew: door." in heard.notices)


def test_a_file_that_is_changed_is_ahead_of_the_run_until_it_is_applied(live: tuple[LiveFile, Runtime]) -> None:
    file, runtime = live
    assert not file.is_ahead
    file.path.write_text(BEFORE.replace("room < 30", "room < 5"), encoding="utf-8")
    assert file.is_ahead
    with file.followed(runtime):
        assert not file.is_ahead, "whoever follows it applies it"
        wait_until(lambda: file.changes == 1)
    assert not file.is_ahead
    file.path.write_text(BEFORE.replace("lamp.on", "lamp.glow"), encoding="utf-8")
    assert file.is_ahead
    assert not file.apply(runtime) and not file.is_ahead, "it is known to be broken"


def test_a_broken_file_leaves_the_last_good_one_running(live: tuple[LiveFile, Runtime], heard: Heard) -> None:
    file, runtime = live
    good, before = file.project, dict(runtime.workers)
    file.path.write_text(BEFORE.replace("lamp.on", "lamp.glow"), encoding="utf-8")
    assert not file.apply(runtime)
    assert file.error is not None and file.error.code == "XM305"
    assert file.project is good and runtime.workers == before
    wait_until(lambda: heard.errors == ["XM305"])
    file.path.write_text(BEFORE, encoding="utf-8")
    assert file.apply(runtime) and file.error is None


def test_a_file_that_is_gone_leaves_the_last_good_one_running(live: tuple[LiveFile, Runtime]) -> None:
    file, runtime = live
    file.path.unlink()
    assert not file.apply(runtime)
    assert file.error is not None


def test_a_followed_file_is_applied_when_it_changes(live: tuple[LiveFile, Runtime]) -> None:
    file, runtime = live
    with file.followed(runtime):
        file.path.write_text(BEFORE.replace("lamp:", "light:").replace("lamp.", "light."), encoding="utf-8")
        wait_until(lambda: "light" in runtime.workers)
        file.path.write_text("inputs: [", encoding="utf-8")
        wait_until(lambda: file.error is not None)
        assert "light" in runtime.workers
        other = file.path.with_name("other.yaml")
        other.write_text(BEFORE, encoding="utf-8")
        other.replace(file.path)  # as many editors save
        wait_until(lambda: "lamp" in runtime.workers)
    assert not [thread for thread in threading.enumerate() if thread.name == "xmaker-file" and not _ends(thread)]


def _ends(thread: threading.Thread) -> bool:
    thread.join(2)
    return not thread.is_alive()


def test_nodes_of_the_projects_own_plugins_go_on_too(tmp_path: Path, english: None) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "mine.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "project.yaml").write_text("inputs: {mine: {}}\noutputs: {lamp: {use: led}}", encoding="utf-8")
    file = LiveFile(tmp_path, simulate=True)
    runtime = Runtime(file.read().plugins, simulate=True)
    runtime.apply(file.project or Project())
    try:
        before = runtime.workers["mine"]
        file.path.write_text("inputs: {mine: {}}\noutputs: {light: {use: led}}", encoding="utf-8")
        assert file.apply(runtime)
        assert runtime.workers["mine"] is before
    finally:
        runtime.stop()


OWN = '''
from dataclasses import dataclass
from typing import ClassVar
from xmaker import Input, Label, hookimpl

@dataclass
class Mine(Input):
    """Mine."""
    use: ClassVar[str] = "mine"
    gives: ClassVar = Label
    every: float = 0.1
    def read(self):
        return Label("a")

@hookimpl
def xmaker_nodes():
    return [Mine]
'''
