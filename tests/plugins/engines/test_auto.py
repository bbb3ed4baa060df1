"""`engine: auto` takes the fastest file whose answers agree, and remembers it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_auto import child, choosing
from xmaker_auto.measuring import Candidate, Result, measured

from xmaker import Plugins

from .networks import write_onnx


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def choice(path: Path, threads: int = 1, told: list[str] | None = None) -> str:
    """Return the name of the file that was chosen."""
    plugins = Plugins.load()
    plugins.manager.unregister(name="openvino")  # so that the choice is between files, whatever is installed
    card = plugins.model(str(path), Path())
    engine: Any = plugins.engine(card, "auto", lambda code, **details: (told if told is not None else []).append(code))
    return Path(choosing.choice(engine, card, threads).file).name


def test_the_fastest_file_is_taken_and_remembered(tmp_path: Path) -> None:
    slow, told = write_onnx(tmp_path / "colours.onnx", work=400), list[str]()
    write_onnx(tmp_path / "colours_int8.onnx")
    assert choice(slow, told=told) == "colours_int8.onnx"
    assert told == ["XM658"]
    assert choice(slow, told=told) == "colours_int8.onnx"
    assert told == ["XM658"]  # not measured again
    write_onnx(tmp_path / "colours_int8.onnx", work=800)  # another file
    assert choice(slow, told=told) == "colours.onnx"


def test_a_fast_file_that_answers_otherwise_is_not_taken(tmp_path: Path) -> None:
    slow = write_onnx(tmp_path / "colours.onnx", work=400)
    write_onnx(tmp_path / "colours_int8.onnx", factor=20)  # red outshines everything: what overflow looks like
    assert choice(slow) == "colours.onnx"


def test_one_way_alone_is_not_measured(tmp_path: Path) -> None:
    told = list[str]()
    assert choice(write_onnx(tmp_path / "colours.onnx"), told=told) == "colours.onnx"
    assert told == []


def test_the_loaded_session_is_that_of_the_choice(tmp_path: Path) -> None:
    slow = write_onnx(tmp_path / "colours.onnx", work=400)
    write_onnx(tmp_path / "colours_int8.onnx", factor=1.001)
    plugins = Plugins.load()
    plugins.manager.unregister(name="openvino")
    card = plugins.model(str(slow), Path())
    session = plugins.engine(card, "auto").load(card, 1)
    assert session.run(np.ones((1, 3, 8, 8), np.float32))[0][0, 0] == pytest.approx(1.001)


def results(*rows: tuple[str, int, float, float]) -> list[Result]:
    return [Result(Candidate(engine, "a.onnx", threads), ratio, ratio, agreement) for engine, threads, ratio, agreement in rows]


@pytest.mark.parametrize(
    ("rows", "best"),
    [
        ([("a", 1, 1.0, 1.0), ("b", 1, 0.5, 0.99)], ("b", 1)),
        ([("a", 1, 1.0, 1.0), ("b", 1, 0.5, 0.94)], ("a", 1)),  # it does not agree
        ([("a", 1, 1.01, 1.0), ("b", 1, 0.99, 1.0)], ("a", 1)),  # not worth another engine
        ([("a", 1, 1.0, 1.0), ("a", 2, 0.99, 1.0)], ("a", 1)),  # not worth a thread
        ([("b", 1, 0.5, 1.0), ("c", 1, 0.49, 1.0)], ("c", 1)),
        ([], ("a", 1)),  # nothing could be measured
        ([("a", 1, 1.0, 1.0), ("a", 2, 0.6, 1.0)], ("a", 2)),
    ],
)
def test_the_best_is_fast_agrees_and_is_worth_its_threads(rows: list[Any], best: tuple[str, int]) -> None:
    found = choosing.best_of(results(*rows), Candidate("a", "a.onnx", 1))
    assert (found.engine, found.threads) == best


@pytest.mark.parametrize(("most", "counts"), [(1, []), (2, [2]), (4, [2, 4]), (6, [2, 4, 6])])
def test_which_numbers_of_threads_are_tried(most: int, counts: list[int]) -> None:
    assert choosing.thread_counts(most) == counts


def test_answers_that_are_no_numbers_never_agree() -> None:
    nan = [np.array([np.nan, 1.0])]
    assert child.alike(nan, nan) < 0
    assert child.alike([np.ones(3)], [np.ones(4)]) == 0


CRASH = """
import os
from xmaker import Engine, hookimpl

class Crash(Engine):
    name, suffixes = "crash", (".onnx",)
    def load(self, card, threads):
        os._exit(3)

@hookimpl
def xmaker_engines():
    return [Crash]
"""


def test_a_candidate_that_ends_its_process_does_not_take_the_others_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime 1.21.0 does so on an old ARM processor."""
    (tmp_path / "xmaker_crash.py").write_text(CRASH)
    (tmp_path / "crash-1.dist-info").mkdir()
    (tmp_path / "crash-1.dist-info" / "entry_points.txt").write_text("[xmaker]\ncrash = xmaker_crash\n")
    (tmp_path / "crash-1.dist-info" / "METADATA").write_text("Name: crash\nVersion: 1\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    path = str(write_onnx(tmp_path / "colours.onnx"))
    card = Plugins.load().model(path, Path())
    good, bad = Candidate("onnxruntime", path, 1), Candidate("crash", path, 1)
    found = measured(card, good, [good, bad, good], seconds=60)
    assert [bool(one.error) for one in found] == [False, True, False]
    assert found[2].agreement == pytest.approx(1.0)
    assert found[2].ms > 0
