"""What ONNX Runtime makes of a graph is kept, and is used only as long as it is right."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_onnxruntime import OnnxRuntime

from xmaker import Plugins, ProjectError

from .networks import write_onnx

PICTURE = np.full((1, 3, 8, 8), 0.5, np.float32)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "xmaker" / "onnxruntime"


def answer(path: Path) -> Any:
    session = OnnxRuntime().load(Plugins.load().model(str(path), Path()), 1)
    return np.array(session.run(PICTURE)[0])


def test_the_second_start_reads_what_the_first_has_kept(cache: Path, tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "colours.onnx", work=1)
    first = answer(path)
    (kept,) = cache.iterdir()
    kept.write_bytes(write_onnx(tmp_path / "other.onnx", work=1, factor=2).read_bytes())  # to see whether it is this that runs
    assert not np.array_equal(answer(path), first)


def test_the_answers_are_the_same_bit_for_bit(cache: Path) -> None:
    """With the network of the box, whose graph of 288 nodes becomes one of 67."""
    card = Plugins.load().model("imagenet", Path())
    picture = np.random.default_rng(0).integers(0, 256, (1, card.input.height, card.input.width, 3), np.uint8)
    answers = []
    for _ in range(2):
        session = OnnxRuntime().load(card, 1)
        answers.append(np.array(session.run(picture)[0]))
    assert len(list(cache.iterdir())) == 1
    assert np.array_equal(*answers)


def test_another_file_under_the_same_name_is_not_mixed_up_with_it(cache: Path, tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "colours.onnx", work=1)
    before = answer(path)
    write_onnx(path, work=1, factor=3)
    os.utime(path, ns=(1, 1))  # some file systems' clocks are too coarse to notice
    assert answer(path) == pytest.approx(before * [3, 1, 1 / 3])
    assert len(list(cache.iterdir())) == 1  # the old one is gone


def test_a_damaged_file_is_made_again(cache: Path, tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "colours.onnx", work=1)
    before = answer(path)
    (kept,) = cache.iterdir()
    good = kept.read_bytes()
    kept.write_bytes(good[:50])
    assert np.array_equal(answer(path), before)
    assert kept.read_bytes() == good


@pytest.mark.parametrize("where", ["file", "nobody's"])
def test_a_home_that_cannot_be_written_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file") if where == "file" else "/proc")
    assert answer(write_onnx(tmp_path / "colours.onnx", work=1)).shape == (1, 3)


def test_what_cannot_be_loaded_is_said_of_the_model_and_nothing_is_kept(cache: Path, tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "colours.onnx", work=1)
    card = Plugins.load().model(str(path), Path())
    path.write_bytes(path.read_bytes()[:150_000])
    with pytest.raises(ProjectError, match="cannot be loaded"):
        OnnxRuntime().load(card, 1)
    assert not list(cache.glob("*"))


def test_only_the_last_few_are_kept(cache: Path, tmp_path: Path) -> None:
    for number in range(15):
        answer(write_onnx(tmp_path / f"{number}.onnx", work=1))
    assert len(list(cache.iterdir())) == 12


def test_a_tiny_one_is_not_worth_it(cache: Path, tmp_path: Path) -> None:
    answer(write_onnx(tmp_path / "colours.onnx"))
    assert not cache.exists()
