"""The tutorial's tables: what stands where. Building the networks takes torch, and a quarter of an hour."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench import zoo, zoo_accuracy
from bench.measure import Settings
from bench.zoo_files import NETWORKS
from tests.plugins.toolbox.speed.test_table import benchmark, speed


def test_published_figures_stand_in_columns_of_their_own() -> None:
    ours = benchmark(
        speed("FP32", 10, model="mobilenet_v2", ratio=1.0, agreement=1.0),
        speed("INT8", 4, model="mobilenet_v2", ratio=0.42),
        speed("FP32", 2, model="mobilenet_v2", engine="openvino"),
        speed("INT8", 8, model="mobilenet_v2", engine="openvino"),
    )
    headings, rows = zoo.speed_table(ours, ["mobilenet_v2", "mask_rcnn"])
    row = dict(zip(headings, next(row for row in rows if row[0] == "MobileNetV2"), strict=True))
    assert row["MB"] == "14.0 / 3.6"
    assert (row["onnxruntime"], row["openvino"], row["ncnn"]) == ("100 / 250", "500 / 125†", "–")
    assert row["INT8 takes"] == "0.42 ×"
    assert row["UNIHIKER ¹"] == "1.77 / 4.94"
    assert rows[-1][0] == "Mask R-CNN" and set(rows[-1][2:]) == {"–"}  # neither measured nor published
    assert "† INT8 is slower here" in [*zoo.notes(ours, {"mobilenet_v2": {}})]


def test_what_is_not_there_is_told_with_its_reason() -> None:
    found = [*zoo.notes(benchmark(), {"mask_rcnn": {"ncnn": "RuntimeError: pnnx: exit code 255"}})]
    assert "Mask R-CNN, no ncnn: RuntimeError: pnnx: exit code 255" in found


def test_every_published_network_is_one_of_ours() -> None:
    for table in ("speeds", "accuracies"):
        assert set(zoo.PUBLISHED[table]) <= set(NETWORKS)
    assert all(len(boards) == len(zoo.PUBLISHED["boards"]) for boards in zoo.PUBLISHED["speeds"].values())


@pytest.fixture
def coco(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two pictures, one of them with a person large enough to count."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, size in (("near", 0.5), ("far", 0.05)):
        for folder in ("images", "labels"):
            (tmp_path / "coco" / folder).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / "coco" / "images" / f"{name}.jpg"), np.full((64, 64, 3), 90, np.uint8))
        (tmp_path / "coco" / "labels" / f"{name}.txt").write_text(f"0 0.5 0.5 {size} {size}\n")
    (tmp_path / "coco" / "classes.txt").write_text("person\n")
    return tmp_path / "coco"


def test_a_person_counts_when_there_is_enough_of_one(coco: Path) -> None:
    with zoo_accuracy.people(coco).open(encoding="utf-8") as file:
        found = {Path(row["file"]).stem: row["label"] for row in csv.DictReader(file)}
    assert found == {"near": "person", "far": "no person"}


def test_networks_in_the_box_are_evaluated_without_any_other(coco: Path) -> None:
    names = [line[0] for line in zoo_accuracy.lines(Settings(coco=coco))]
    assert names == ["EfficientDet-Lite0"]
    assert [*zoo_accuracy.lines(Settings())] == []
