"""What a log leaves in its file, also when the power goes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from xmaker import Label, ProjectError
from xmaker.testing import ProjectRun

PROJECT = """
inputs: {{camera: {{}}, knob: {{use: analog, fresh: 1 min}}}}
models: {{pet: {{use: classifier, model: cat-dog, from: camera}}}}
outputs: {{diary: {{use: log, from: [knob, pet]{options}}}}}
rules:
  - {{when: knob > 5, then: ['diary.note("much, 多")']}}
"""


@pytest.fixture
def run(xmaker_run: Any, tmp_path: Path) -> Any:
    def started(options: str = "") -> ProjectRun:
        (tmp_path / "project.yaml").write_text(PROJECT.format(options=options))
        return xmaker_run(tmp_path / "project.yaml")  # type: ignore[no-any-return]

    return started


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{name: text for name, text in row.items() if name != "time"} for row in csv.DictReader(file)]


def label(run: ProjectRun, text: str) -> None:
    run.runtime.workers["pet"].emit(Label(text, 0.5), 0.0, None)
    run.settle()


def test_a_table_gets_a_row_for_every_value_and_a_column_for_every_field(run: Any, tmp_path: Path) -> None:
    started = run()
    started.send("knob", 0.5)
    label(started, "cat")
    started.send("knob", 9)
    assert table(tmp_path / "log.csv") == [
        {"node": "knob", "value": "0.5", "label": "", "score": "", "note": ""},
        {"node": "pet", "value": "", "label": "cat", "score": "0.5", "note": ""},
        {"node": "knob", "value": "9", "label": "", "score": "", "note": ""},
        {"node": "diary", "value": "", "label": "", "score": "", "note": "much, 多"},
    ]
    assert not list(tmp_path.glob("*.part"))


def test_a_new_run_goes_on_after_the_last_whole_line(run: Any, tmp_path: Path) -> None:
    started = run()
    started.send("knob", 1, 2)
    started.stop()
    with (tmp_path / "log.csv").open("ab") as file:
        file.write(b"2026-01-01 12:00:00.000,kn")  # the power went here
    started = run()
    label(started, "dog")
    assert [row["node"] for row in table(tmp_path / "log.csv")] == ["knob", "knob", "pet"]
    assert table(tmp_path / "log.csv")[2]["label"] == "dog"


def test_every_line_is_in_the_file_before_the_next_one(run: Any, tmp_path: Path) -> None:
    started = run(", file: data/log.jsonl")
    started.send("knob", 1)
    (line,) = (tmp_path / "data/log.jsonl").read_text(encoding="utf-8").splitlines()
    assert {name: value for name, value in json.loads(line).items() if name != "time"} == {"node": "knob", "value": 1}
    started.send("knob", 9)
    assert len((tmp_path / "data/log.jsonl").read_text(encoding="utf-8").splitlines()) == 3


def test_every_thins_out_each_node_by_itself(run: Any, tmp_path: Path) -> None:
    started = run(", every: 10 s")
    started.send("knob", 1, 2, 3)
    label(started, "cat")
    started.advance(10)
    started.send("knob", 4)
    assert [row["value"] for row in table(tmp_path / "log.csv")] == ["1", "", "4"]


def test_a_text_of_several_lines_stays_on_one(run: Any, tmp_path: Path) -> None:
    started = run()
    started.runtime.workers["diary"].node.note("one\ntwo")
    assert table(tmp_path / "log.csv")[0]["note"] == "one two"


def test_another_kind_of_file_is_refused(run: Any) -> None:
    with pytest.raises(ProjectError) as raised:
        run(", file: log.xlsx")
    assert raised.value.code == "XM851"
