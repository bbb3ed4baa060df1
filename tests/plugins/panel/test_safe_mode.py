"""A broken project with a panel: it waits, opens in the editor, and starts when it is mended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.panel.conftest import save

TEXT = """
name: Hall
simulate: true
inputs: {room: {use: light}, door: {use: button}}
outputs: {lamp: {use: led}}
rules: [{when: room < 30, then: [lamp.on], else: [lamp.off]}]
"""


def test_a_broken_project_starts_when_it_is_mended(start: Callable[..., Any]) -> None:
    panel = start(TEXT.replace("lamp.on", "lamp.glow"))
    with panel.page() as page:
        page.until(lambda: page.state.get("about.project", {}).get("waits"))
        assert page.state["about.file"]["code"] == "XM305"
        page.send(type="do", step="lamp.on")
        page.send(type="set", name="room", value=3)
        save(panel, TEXT.replace("lamp.on", "lamp.shine"))
        assert panel.runtime.workers == {}
        save(panel, TEXT)
        page.until(lambda: not page.state["about.project"]["waits"])
        assert page.state["about.project"]["name"] == "Hall" and page.state["about.file"] is None
        page.send(type="set", name="room", value=3)
        page.until(lambda: page.state.get("value.lamp", {}).get("words") == "on")


def run_command(folder: Path, *more: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "xmaker", "run", str(folder), "--panel", "--simulate", *more]
    given = {**os.environ, "LC_ALL": "C", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", **environment}
    return subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("language", "words"), [("C", "starts when it is mended"), ("zh_CN.UTF-8", "改好以后项目就会启动")])
def test_the_command_waits_for_a_broken_project_and_runs_it_when_it_is_mended(
    tmp_path: Path, language: str, words: str
) -> None:
    file = tmp_path / "project.yaml"
    file.write_text(TEXT.replace("lamp.on", "lamp.glow"), encoding="utf-8")
    with run_command(tmp_path, LC_ALL=language) as run:
        assert run.stdout and run.stderr
        assert "http://127.0.0.1" in run.stdout.readline()
        file.write_text(TEXT, encoding="utf-8")  # with any other editor
        assert any("lamp  on" in run.stdout.readline() for _ in range(6))
        run.send_signal(signal.SIGINT)
        assert run.wait(10) == 130
        told = run.stderr.read()
    assert "XM305" in told and words in told and "Traceback" not in told


def test_the_command_waits_and_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text("inputs: [", encoding="utf-8")
    with run_command(tmp_path) as run:
        assert run.stdout and run.stderr
        run.stdout.readline()
        run.send_signal(signal.SIGINT)
        assert run.wait(10) == 130
        assert "Traceback" not in run.stderr.read()


@pytest.mark.parametrize(("folder", "more"), [("nothing", ()), ("", ("--set", "lamp.glow=3"))])
def test_what_no_text_would_mend_is_no_reason_to_wait(tmp_path: Path, folder: str, more: tuple[str, ...]) -> None:
    (tmp_path / "project.yaml").write_text(TEXT, encoding="utf-8")
    with run_command(tmp_path / folder, *more) as run:
        assert run.wait(20) == 1
        assert run.stderr and "error XM" in run.stderr.read()
