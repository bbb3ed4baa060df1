"""`xmaker model bench`: what is typed, and what comes back."""

from __future__ import annotations

import csv
import json
import os
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.plugins.engines.networks import write_onnx
from tests.plugins.toolbox.speed.test_table import benchmark, speed
from xmaker.cli.app import execute


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def bench(*words: object) -> int:
    return execute(["model", "bench", *map(str, words)])


def rows(text: str) -> dict[str, list[str]]:
    """Return the cells of each line that is a table's, by the first."""
    return {cells[0]: cells[1:] for line in text.splitlines() if len(cells := re.split(r" {2,}", line.strip())) > 2}


def test_a_network_in_two_files_is_measured_in_both_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_onnx(tmp_path / "colours_fp32.onnx", work=400)
    write_onnx(tmp_path / "colours_int8.onnx")
    kinds = {"json": "json", "csv": "csv", "markdown": "md", "plot": "svg"}
    files = [word for kind, ending in kinds.items() for word in (f"--{kind}", f"out/speed.{ending}")]
    assert bench("colours_fp32.onnx", "--engine", "onnxruntime", "--threads", "1", *files) == 0
    shown = rows(capsys.readouterr().out)
    assert shown["colours_int8.onnx"][-1] == "◀"  # the fastest
    assert float(shown["colours_int8.onnx"][6]) < 1 < float(shown["colours_int8.onnx"][2])  # ratio; pictures a second
    floats, bytes_ = map(float, shown["colours"][3:])
    assert floats < bytes_
    slow, quick = sorted(json.loads(Path("out/speed.json").read_text())["speeds"], key=lambda one: -one["mean_ms"])
    assert (slow["precision"], quick["precision"]) == ("FP32", "INT8")
    assert slow["median_ms"] <= slow["p99_ms"] and slow["runs"] >= 10
    assert 20 < slow["peak_mb"] < 1000 and slow["load_ms"] > 0
    assert quick["agreement"] == pytest.approx(1.0)
    assert [line["file"] for line in csv.DictReader(Path("out/speed.csv").read_text().splitlines())] == [
        "colours_fp32.onnx",
        "colours_int8.onnx",
    ]
    assert "| colours | onnxruntime |" in Path("out/speed.md").read_text()
    assert "colours" in "".join(ElementTree.parse("out/speed.svg").getroot().itertext())
    assert sorted(os.listdir("out")) == ["speed.csv", "speed.json", "speed.md", "speed.svg"]


def test_with_pictures_a_classifier_looks_at_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_onnx(tmp_path / "colours.onnx")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "broken.png").write_bytes(b"no picture")
    cv2.imwrite("pictures/grey.ppm", np.full((1000, 1500, 3), 90, np.uint8))
    words = ["colours.onnx", "--engine", "onnxruntime", "--threads", "1"]
    assert bench(*words, "--json", "network.json") == 0
    assert bench(*words, "--pictures", "pictures", "--json", "picture.json") == 0
    assert "whole pictures" in capsys.readouterr().out
    network, picture = (json.loads(Path(f"{name}.json").read_text())["speeds"][0] for name in ("network", "picture"))
    assert picture["cpu_ms"] > 3 * network["cpu_ms"]  # such a large picture takes longer to prepare than such a network to run
    assert bench("--compare", "network.json", "picture.json") == 1
    assert "XM464" in capsys.readouterr().err


def test_boards_are_compared_by_their_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    benchmark(speed(mean_ms=500.0), board="UNIHIKER M10").write(tmp_path / "m10.json")
    benchmark(speed(mean_ms=5.0), board="Laptop").write(tmp_path / "laptop.json")
    assert bench("--compare", "m10.json", "laptop.json", "--markdown", "both.md") == 0
    assert rows(capsys.readouterr().out)["cats"] == ["onnxruntime", "14.0", "–", "2", "–", "200", "–"]
    assert "UNIHIKER M10 FP32 | UNIHIKER M10 INT8 | Laptop FP32" in Path("both.md").read_text()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["cat-dogg"], "XM607"),
        (["none.onnx"], "XM604"),
        (["cat-dog", "--engine", "onxruntime"], "XM657"),
        (["cat-dog", "--engine", "ncnn", "--threads", "1"], "XM462"),  # it has no file that ncnn could run
        (["cat-dog", "--engine", "onnxruntime-cuda", "--threads", "1"], "XM462"),  # not installed
        (["digits", "--pictures", "broken"], "XM457"),
        (["cat-dog", "--pictures", "none"], "XM492"),
        (["cat-dog", "--pictures", "empty"], "XM493"),
        (["cat-dog", "--pictures", "broken"], "XM456"),
        (["--compare", "none.json"], "XM458"),
        (["--compare", "broken/1.png"], "XM458"),
        (["--compare", "other.json"], "XM458"),
    ],
)
def test_what_cannot_be_measured_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: str
) -> None:
    for name in ("empty", "broken"):
        (tmp_path / name).mkdir()
    (tmp_path / "broken" / "1.png").write_bytes(b"no picture")
    (tmp_path / "other.json").write_text('{"speeds": []}')
    assert bench(*words) == 1
    assert code in capsys.readouterr().err


def test_what_is_missing_is_named_with_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench("cat-dog", "--engine", "onnxruntime-cuda", "--threads", "1") == 1
    assert "pip install onnxruntime-gpu" in capsys.readouterr().err
