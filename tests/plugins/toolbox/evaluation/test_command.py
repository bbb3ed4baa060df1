"""`xmaker model evaluate`: what it prints and writes, and that nothing half-written stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.plugins.toolbox.evaluation.conftest import FINDS, colour_network, draw_picture, finding_network, yolo


def test_a_classifier(xmaker: Run, colours: Path, pictures: Path) -> None:
    done = xmaker("model", "evaluate", colours, "--data", pictures)
    assert (done.code, done.err) == (0, "")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[:2] == [["model", "pictures", "top-1", "MB"], ["colours.onnx", "5", "0.800", "0.0"]]
    assert ["blue", "·", "1", "1"] in lines
    assert "most often wrong: blue → green" in done.out


def test_in_chinese(xmaker: Run, colours: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    done = xmaker("model", "evaluate", colours, "--data", pictures)
    assert "最常见的错误：蓝 → 绿" in done.out
    assert "模型说 →" in done.out


def test_several_models_and_files(xmaker: Run, tmp_path: Path, colours: Path, pictures: Path) -> None:
    other = colour_network(tmp_path / "other.onnx")
    files = [tmp_path / "new" / "report.html", tmp_path / "new" / "figures.json"]
    (pictures / "red" / "broken.jpg").write_text("x")
    done = xmaker("model", "evaluate", colours, other, "--data", pictures, "--report", files[0], "--json", files[1])
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[:3]] == ["model", "colours.onnx", "other.onnx"]
    assert done.out.count("was not counted (1): broken.jpg") == 1
    assert f"{files[0]} is written." in done.out
    first, second = json.loads(files[1].read_text())
    assert (first["model"], second["model"]) == (str(colours), str(other))
    assert first["classes"][2] == {
        "label": "blue", "count": 2, "right": 1, "said": 1, "ap": None, "precision": 1.0, "recall": 0.5,
    }  # fmt: skip
    assert first["mistakes"][0]["path"] == str(pictures / "blue" / "5.png")
    assert files[0].read_text().startswith("<!doctype html>")
    assert sorted(os.listdir(tmp_path / "new")) == ["figures.json", "report.html"]


def test_a_detector(xmaker: Run, tmp_path: Path) -> None:
    data = yolo(tmp_path / "data", {"a": "0 0.3 0.3 0.4 0.4\n1 0.1 0.9 0.1 0.1\n2 0.5 0.5 0.1 0.1"}, "cat\ntable\ndog\n")
    finder = finding_network(
        tmp_path / "finder.onnx", (0, 0.9, 10, 10, 50, 50), card={**FINDS, "labels": {"en": ["cat", "table"]}}
    )
    done = xmaker("model", "evaluate", finder, "--data", data)
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[1] == ["finder.onnx", "1", "0.500", "0.500", "0.500", "0.0"]
    assert "finder.onnx does not know: dog" in done.out
    assert ["table", "1", "0", "0", "0%", "–", "0.0%"] in lines
    assert ["cat", "1", "1", "1", "100%", "100%", "100.0%"] in lines


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["cat-dog", "--data", "nowhere"], 1, "XM492"),
        (["cat-dgo", "--data", "pictures"], 1, "cat-dog"),
        (["digits", "--data", "pictures"], 1, "XM432"),
        (["cat-dog", "--data", "pictures", "--engine", "onxruntime"], 1, "onnxruntime"),
        (["objects", "--data", "pictures"], 1, "XM437"),
        (["cat-dog"], 2, "XM761"),
        (["--data", "pictures"], 2, "MODEL"),
    ],
)
def test_mistakes_on_the_command_line(
    xmaker: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, words: str
) -> None:
    draw_picture(tmp_path / "pictures" / "cat" / "1.png")
    monkeypatch.chdir(tmp_path)
    done = xmaker("model", "evaluate", *arguments)
    assert done.code == code
    assert words in done.err
    assert "Traceback" not in done.err


def test_a_report_that_cannot_be_written_is_said(xmaker: Run, tmp_path: Path, colours: Path, pictures: Path) -> None:
    (tmp_path / "file").touch()
    done = xmaker("model", "evaluate", colours, "--data", pictures, "--report", tmp_path / "file" / "report.html")
    assert done.code == 1
    assert "XM490" in done.err


def test_ctrl_c_ends_it_and_leaves_nothing(tmp_path: Path) -> None:
    picture = draw_picture(tmp_path / "pictures" / "cat" / "0.png", 90, (2000, 2000)).read_bytes()
    for number in range(300):
        (tmp_path / "pictures" / "cat" / f"{number}.png").write_bytes(picture)
    command = [sys.executable, "-m", "xmaker", "model", "evaluate", "cat-dog", "--data", "pictures", "--report", "report.html"]
    running = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    time.sleep(1.5)
    assert running.poll() is None, running.communicate()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=10)
    assert (running.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert os.listdir(tmp_path) == ["pictures"]
