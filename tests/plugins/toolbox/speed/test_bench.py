"""`xmaker.toolbox.bench`: every way is measured in a process of its own, which may come to grief."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from xmaker_auto.measuring import Candidate
from xmaker_toolbox.progress import Cancelled
from xmaker_toolbox.speed import bench as measuring
from xmaker_toolbox.speed import child
from xmaker_toolbox.speed.results import Speed

import xmaker.toolbox
from tests.plugins.engines.networks import write_onnx
from xmaker import ModelCard, ModelInput

BAD_ENGINES = """
import os, time
from xmaker import Engine, hookimpl

class Crash(Engine):
    name, suffixes = "crash", (".onnx",)
    def load(self, card, threads):
        os._exit(3)

class Stuck(Engine):
    name, suffixes = "stuck", (".onnx",)
    def load(self, card, threads):
        time.sleep(60)

class Slow(Engine):
    name, suffixes = "slow", (".onnx",)
    def load(self, card, threads):
        return self
    def run(self, tensor):
        time.sleep(60)
    def close(self):
        pass

@hookimpl
def xmaker_engines():
    return [Crash, Stuck, Slow]
"""


class Session:
    """One that takes no time."""

    def run(self, tensor: Any) -> list[Any]:
        return [tensor]

    def close(self) -> None: ...


@pytest.fixture
def colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A network, on a computer with three more engines."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "xmaker_bad.py").write_text(BAD_ENGINES)
    (tmp_path / "bad-1.dist-info").mkdir()
    (tmp_path / "bad-1.dist-info" / "entry_points.txt").write_text("[xmaker]\nbad = xmaker_bad\n")
    (tmp_path / "bad-1.dist-info" / "METADATA").write_text("Name: bad\nVersion: 1\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    return write_onnx(tmp_path / "colours.onnx")


def test_an_engine_that_ends_its_process_does_not_take_the_others_along(colours: Path) -> None:
    told: list[tuple[float, str]] = []
    crash, good = xmaker.toolbox.bench(
        [colours], engines=["crash", "onnxruntime"], threads=1, progress=lambda part, doing="": told.append((part, doing))
    )
    assert crash.error == "it ended its process (3)"
    assert good.agreement == 1.0 and good.runs >= 10 and not good.error
    parts = [part for part, _ in told]
    assert parts == sorted(parts) and parts[-1] == 1.0
    assert "crash" in told[0][1]


def test_an_engine_that_never_comes_back_is_given_up(colours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "PATIENCE", 4.0)
    monkeypatch.setattr(measuring, "SLOW", 1.0)
    slow, stuck = xmaker.toolbox.bench([colours], engines=["slow", "stuck"], threads=1)
    assert slow.slow and not slow.runs and not slow.error
    assert stuck.error == "it did not come to an end within 4 s"


def test_cancelling_ends_the_process_that_measures(colours: Path) -> None:
    calls: list[Any] = []

    def later(part: float, doing: str = "") -> None:
        calls.append(part)
        if len(calls) > 3:
            raise Cancelled

    start = time.monotonic()
    with pytest.raises(Cancelled):
        xmaker.toolbox.bench([colours], engines=["stuck"], threads=1, progress=later)
    assert time.monotonic() - start < 30


def test_a_network_too_large_for_the_memory_is_not_loaded(colours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "too_large", lambda path: (548, 300))
    (one,) = xmaker.toolbox.bench([colours], engines=["onnxruntime"], threads=1)
    assert "548 MB" in one.error and not one.runs


def test_a_file_without_a_card_is_measured_by_its_input_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnx

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = write_onnx(tmp_path / "colours.onnx")
    model = onnx.load(str(path))
    del model.metadata_props[:]
    onnx.save(model, str(path))
    (one,) = xmaker.toolbox.bench([path, path], engines=["onnxruntime"], threads=1)
    assert one.per_second > 0
    assert one.what == "network"
    (tmp_path / "labels.txt").write_text("of\nanother\nmodel\nthan\nthis\none\n")
    assert xmaker.toolbox.bench([path], engines=["onnxruntime"], threads=1)[0].per_second > 0


def test_one_run_is_enough_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "SLOW", 0.0)
    monkeypatch.setattr(child, "loaded", lambda *_: Session())
    order = child.Order(ModelCard(name="", task="", input=ModelInput(8, 8)), Candidate("a", "a.onnx", 1), Candidate("b", "", 1))
    found = child.Found()
    steps = [len(found.walls) for _ in child.measure(order, found)]
    assert steps == [0, 1]  # loaded, run; nothing is compared


def test_slow_networks_run_less_often() -> None:
    walls, cpu = child.several(lambda: (15.0, 20.0))
    assert (len(walls), cpu) == (3, 20.0)
    assert len(child.several(lambda: (0.5, 0.5))[0]) == 10
    assert len(child.several(lambda: (0.01, 0.01))[0]) == pytest.approx(200, abs=2)


def test_what_is_slow_or_failed_needs_no_second_round(colours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    means, asked = {"crash": 0.0, "onnxruntime": 2.0, "slow": 600.0}, list[str]()

    def measured(row: measuring.Row, tick: Any) -> Speed:
        asked.append(row.order.way.engine)
        mean = means[row.order.way.engine]
        return Speed("a", "a.onnx", "FP32", 1.0, asked[-1], 1, runs=10, mean_ms=mean, error="" if mean else "gone")

    monkeypatch.setattr(measuring, "_measured", measured)
    xmaker.toolbox.bench([colours], engines=[*means], threads=1, rounds=3)
    assert asked == ["crash", "onnxruntime", "slow", "onnxruntime", "onnxruntime"]


def test_of_two_rounds_the_less_disturbed_counts() -> None:
    lost = Speed("cats", "cats.onnx", "FP32", 1.0, "onnxruntime", 1, error="it ended its process (-9)")
    one, other = (msgspec.structs.replace(lost, runs=10, mean_ms=ms, error="") for ms in (3.0, 2.0))
    assert measuring._better(measuring._better(measuring._better(None, lost), one), other) is other
