"""Every bench runs and prints finite numbers. How large they are is no test: that depends on the computer."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = {
    "overhead": ["--rounds", "1"],
    "latency": ["--rounds", "1"],
    "overload": ["--seconds", "0.6"],
    "events": ["--rounds", "1"],
    "idle": ["--seconds", "0.3"],
    "pace": ["--seconds", "0.3"],
    "startup": ["--rounds", "1", "--seconds", "0.2"],
    "preprocess": ["--rounds", "1"],
    "words": ["--rounds", "1", "--seconds", "0.3"],
    "finding": ["--rounds", "2"],
    "engines": [],
    "panel": ["--rounds", "1", "--seconds", "2"],
    "edit": ["--rounds", "1"],
    "beside": ["--rounds", "1", "--seconds", "3"],
    "soak": ["--minutes", "0.03"],
    "accuracy": [],
    "teaching": [],
    "hearing": [],
}


def bench(*arguments: str) -> str:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8", cwd=ROOT).stdout


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the options that name two tiny sets of pictures."""
    folder = tmp_path_factory.mktemp("pictures")
    for name in ("cat", "dog"):
        (folder / name).mkdir()
        for number in range(1, 7):
            cv2.imwrite(str(folder / name / f"{number}.png"), np.full((64, 80, 3), 40 * number, np.uint8))
    (folder / "labels.csv").write_text("file,class_index\ncat/1.png,281\ndog/1.png,207\n", encoding="utf-8")
    return ["--imagenet", str(folder), "--catdog", str(folder)]


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the option that names two recordings of words: each is of some other word than its name says."""
    folder = tmp_path_factory.mktemp("speech")
    (folder / "hj_zh").mkdir()
    for name, take in (("kaideng_1", "早晨/1"), ("kaimen_1", "再见/1")):
        shutil.copy(ROOT / f"projects/dialect/media/takes/{take}.wav", folder / f"hj_zh/{name}.wav")
    return ["--speech", str(folder)]


@pytest.fixture(scope="module")
def coco(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the option that names a picture of a person, and one of a cat."""
    folder = tmp_path_factory.mktemp("coco")
    for kind in ("images", "labels"):
        (folder / kind).mkdir()
    for name, label in (("astronaut", 0), ("cat2", 15)):
        shutil.copy(ROOT / f"projects/cat_dog/media/{name}.jpg", folder / "images")
        (folder / f"labels/{name}.txt").write_text(f"{label} 0.5 0.5 0.8 0.9\n")
    return ["--coco", str(folder)]


@pytest.fixture
def zoo(tmp_path: Path) -> list[str]:
    """A folder with a small network of the gallery."""
    network = ROOT / "projects/my_own_model/fruit.onnx"
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks/fruit.onnx").write_bytes(network.read_bytes())
    return ["--zoo", str(tmp_path / "networks")]


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) if name == "panel" else name for name in SMALL])
def test_bench_prints_finite_numbers(
    name: str, pictures: list[str], speech: list[str], coco: list[str], zoo: list[str]
) -> None:
    more = {"accuracy": pictures, "teaching": pictures, "hearing": speech, "finding": coco, "engines": zoo}.get(name, [])
    rows: list[dict[str, Any]] = json.loads(bench(name, "--json", *SMALL[name], *more))
    assert rows
    for row in rows:
        assert math.isfinite(row["measured"]), row
        assert row["verdict"] in (("",) if row["limit"] is None else ("ok", "over"))


def test_table_shows_limit_and_verdict() -> None:
    heading, first, *_ = bench("idle", "--seconds", "0.3").splitlines()
    assert heading.split()[:3] == ["figure", "measured", "limit"]
    assert "≤ 1.8" in first
    assert first.split("≤ 1.8")[1].split()[0] in ("ok", "over")


def test_without_a_name_it_lists_what_there_is() -> None:
    assert [line.split()[0] for line in bench().splitlines()] == [*SMALL, "zoo", "road"]
