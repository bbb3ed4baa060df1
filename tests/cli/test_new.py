from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

VARIANTS = (("soil", ()), ("barometer", ("--i2c", "0x76")))


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def passes(folder: Path, *command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    ran = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_a_new_plugin_passes_its_test_and_lint_at_once(xmaker, tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    assert xmaker("new", "plugin", name, *options).code == 0
    folder = tmp_path / f"xmaker-{name}"
    assert len((folder / f"xmaker_{name}.py").read_text(encoding="utf-8").splitlines()) <= 40
    passes(folder, "pytest", "-q", "-p", "no:cacheprovider")
    passes(folder, "ruff", "check")
    passes(folder, "ruff", "format", "--check")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_a_new_plugin_passes_mypy(xmaker, tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    xmaker("new", "plugin", name, *options)
    passes(tmp_path / f"xmaker-{name}", "mypy", "--strict", ".")


@pytest.mark.parametrize("language", ["C", "zh_CN.UTF-8"])
def test_a_new_project_is_right_and_can_be_started_from_anywhere(
    xmaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("LANG", language)
    assert xmaker("new", "project", "我的项目").code == 0
    assert xmaker("check", "我的项目").code == 0
    assert "我的项目" in (tmp_path / "我的项目" / "README.md").read_text(encoding="utf-8")
    yaml = tmp_path / "我的项目" / "project.yaml"
    yaml.write_text("inputs: {timer: {every: 10 ms}}\noutputs: {console: {}}\n", encoding="utf-8")
    with yaml.open("a", encoding="utf-8") as file:
        file.write("rules: [{when: timer.count > 1, then: ['console.print(\"started\")']}]\n")
    command = [sys.executable, yaml.parent / "main.py"]
    with subprocess.Popen(command, cwd="/", stdout=subprocess.PIPE, text=True, encoding="utf-8") as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "started\n"
        running.send_signal(signal.SIGINT)
    yaml.write_text("inputs: {tmer: {}}\n", encoding="utf-8")
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert ran.returncode == 1
    assert "XM203" in ran.stderr
    assert "Traceback" not in ran.stderr
    without = [sys.executable, "-S", yaml.parent / "main.py"]  # as on a board whose menu takes the system's own Python
    ran = subprocess.run(without, capture_output=True, text=True, encoding="utf-8", check=False)
    assert ran.stderr == f"XMaker is not in this Python (这个 Python 里没有 XMaker): {sys.executable}\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["project", "my-project"], "XM205"),
        (["project", "class"], "XM205"),
        (["project", ""], "XM205"),
        (["project", "here"], "XM704"),
        (["plugin", "my-sensor"], "XM205"),
        (["plugin", "传感器"], "XM724"),
        (["plugin", "led"], "XM725"),
    ],
)
def test_bad_names_are_refused_and_nothing_is_written(xmaker, tmp_path: Path, arguments: list[str], code: str) -> None:
    (tmp_path / "here").mkdir()
    ran = xmaker("new", *arguments)
    assert ran.code == 1
    assert f"error {code}: " in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


@pytest.mark.parametrize("address", ["0x99", "seven", "3"])
def test_an_address_that_cannot_be(xmaker, address: str) -> None:
    assert xmaker("new", "plugin", "barometer", "--i2c", address).code == 2
