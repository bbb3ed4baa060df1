"""A command that writes a file: a folder that is not there is made, and that is said before the work begins."""

from __future__ import annotations

import importlib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from xmaker_toolbox.plugin import COMMANDS
from xmaker_toolbox.report_file import OutFile, ReportFile

from tests.conftest import Run

WRITES = ["bench --json r.json", "bench --csv r.csv", "bench --markdown r.md", "bench --plot r.svg", "evaluate --report r.html"]
WRITES += ["evaluate --json r.json", "card --out o.onnx", "convert o.onnx", "export o.xml", "fold o.onnx", "quantize o.onnx"]
WRITES += ["simplify o.onnx", "teach --to o.onnx"]


@pytest.mark.parametrize("kind, name", [(OutFile(), "cats.onnx"), (ReportFile(".html"), "cats.html")])
def test_a_folder_that_is_missing_is_told_of(kind: click.Path, name: str, tmp_path: Path) -> None:
    command = click.Command("write", params=[click.Argument(["out"], type=kind)], callback=lambda out: None)
    told = CliRunner().invoke(command, [str(tmp_path / "a/b" / name)])
    assert str(tmp_path / "a/b") in told.stderr and "will be made" in told.stderr and not told.stdout
    assert not (tmp_path / "a").exists()  # it is made when there is something to write
    assert not CliRunner().invoke(command, [str(tmp_path / name)]).output


def test_each_command_of_the_toolbox_tells_of_it() -> None:
    assert {line.split()[0] for line in WRITES} == set(COMMANDS)
    for line in WRITES:
        command, *words = line.split()
        option = words[0] if words[0].startswith("--") else "out"
        params = getattr(importlib.import_module(f"xmaker_toolbox.{COMMANDS[command]}"), command).params
        found = [one for one in params if option in (*one.opts, one.name)]
        assert [isinstance(one.type, OutFile | ReportFile) for one in found] == [True], line


def test_the_report_is_written_there(tmp_path: Path, xmaker: Run) -> None:
    target = tmp_path / "a/b/report.json"
    ran = xmaker("model", "bench", "cat-dog", "--engine", "onnxruntime", "--threads", "1", "--json", target)
    assert ran.code == 0 and f"There is no folder {target.parent} yet" in ran.err and target.is_file()
