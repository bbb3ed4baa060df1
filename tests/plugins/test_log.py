"""What a log leaves in its file, also when the power goes."""

from __future__ import annotations

import csv
import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from xmaker import Label, NodeError, Project, ProjectError, Runtime
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


def test_a_file_elsewhere_is_told_of(xmaker_run: Any, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "project.yaml").write_text(
        "inputs: {air: {use: dht, pin: 4}}\noutputs: {log: {from: air, file: ../elsewhere/air.csv}}\n"
    )
    run = xmaker_run(tmp_path / "project")
    said = [event.value.notice for event in run.events if event.node == "log"]
    assert said == [f"log writes to {tmp_path / 'elsewhere' / 'air.csv'}, outside the project's own files."]
    assert (tmp_path / "elsewhere" / "air.csv").is_file()


def test_another_kind_of_file_is_refused(run: Any) -> None:
    with pytest.raises(ProjectError) as raised:
        run(", file: log.xlsx")
    assert raised.value.code == "XM851"


BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("log.csv", b"my diary"),
        ("log.csv", b"my diary\nhas no end"),
        ("log.csv", b"name,age\r\nAnna,12\r\n"),
        ("log.csv", b"time,nodes\n1,2\n"),
        ("log.csv", b"time,node,value"),  # perhaps ours, but never in doubt
        ("log.csv", BOM + b"time,node,value\r2026,knob,1"),
        ("log.csv", "time,node,note\r\n1,a,温度\r\n".encode("gbk")),
        ("log.csv", "time\tnode\r\n".encode("utf-16")),
        ("log.jsonl", b'{"name": "Anna"}'),
        ("log.jsonl", b"[1,\n2]\n"),
        ("log.jsonl", b"{\n}\n"),
    ],
)
def test_a_file_that_is_no_log_stays_as_it_is(run: Any, tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ProjectError) as raised:
        run(f", file: {name}")
    assert raised.value.code == "XM857" and (tmp_path / name).read_bytes() == data


def test_it_stays_also_when_it_comes_after_the_check(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(PROJECT.format(options=""))
    project = Project.load(tmp_path / "project.yaml", simulate=True)
    (tmp_path / "log.csv").write_bytes(b"my diary")
    with pytest.raises(NodeError) as raised:
        Runtime(project.plugins).run(project, 2)
    assert raised.value.code == "XM857" and (tmp_path / "log.csv").read_bytes() == b"my diary"


@pytest.mark.parametrize(
    ("name", "data", "left"),
    [
        ("log.csv", b"", BOM + b"time,node\r\n"),
        ("log.csv", BOM + b"time,node,val", BOM + b"time,node\r\n"),
        ("log.csv", b"time,node\n" + b"1,a\n" * 3000 + b"2," + b"b" * 9000, b"time,node\n" + b"1,a\n" * 3000),
        ("log.jsonl", b'{"time": "2026-0', b""),
        ("log.jsonl", b'{"time": "1", "node": "a"}', b'{"time": "1", "node": "a"}\n'),
        ("log.jsonl", b'{"time": "1", "node": "a"}\n{"ti', b'{"time": "1", "node": "a"}\n'),
    ],
)
def test_a_log_that_was_broken_off_goes_on(run: Any, tmp_path: Path, name: str, data: bytes, left: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    run(f", file: {name}").stop()
    assert (tmp_path / name).read_bytes() == left


def test_a_folder_in_the_files_place_is_told(run: Any, tmp_path: Path) -> None:
    (tmp_path / "log.csv").mkdir()
    with pytest.raises(ProjectError) as raised:
        run()
    assert raised.value.code == "XM858" and os.strerror(errno.EISDIR) in str(raised.value)


def test_a_full_disk_is_told_and_leaves_whole_lines(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = run()
    started.send("knob", 1)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        started.send("knob", 2)
        label(started, "cat")  # has columns of its own
        assert [error.code for error in started.errors] == ["XM858"]
    label(started, "dog")
    started.send("knob", 3)
    assert [row["value"] + row["label"] for row in table(tmp_path / "log.csv")] == ["1", "dog", "3"]
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_two_logs_do_not_share_a_file(run: Any, tmp_path: Path) -> None:
    started = run()
    started.send("knob", 1)
    label(started, "cat")  # the table was made anew
    node = type(started.runtime.workers["diary"].node)()
    node.host = started.runtime.workers["diary"]
    with pytest.raises(ProjectError) as raised:
        node.open()
    assert raised.value.code == "XM852"
    started.stop()
    node.open()
    node.close()
