"""Pictures that a rule saves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from xmaker import Frame, Notice
from xmaker.testing import ProjectRun

PROJECT = """
inputs: {{camera: {{}}, knob: {{use: analog, fresh: 1 min}}}}
outputs: {{photo: {{use: snapshot, from: camera{options}}}}}
rules:
  - {{when: knob > 5, then: ['photo.save("cat {{knob}}")']}}
  - {{when: knob < 1, then: [photo.save]}}
"""


def grey(level: int) -> Frame:
    return Frame(np.full((24, 32, 3), level, np.uint8))


@pytest.fixture
def run(xmaker_run: Any, tmp_path: Path) -> Any:
    def started(options: str = "") -> ProjectRun:
        project = tmp_path / "project.yaml"
        project.write_text(PROJECT.format(options=options))
        return xmaker_run(project)  # type: ignore[no-any-return]

    return started


def test_the_newest_picture_is_saved_under_its_name(run: Any, tmp_path: Path) -> None:
    started = run()
    started.send("camera", grey(10))
    started.send("camera", grey(200))
    started.send("knob", 9)
    assert [file.name for file in (tmp_path / "snapshots").iterdir()] == ["cat 9.jpg"]
    assert cv2.imread(str(tmp_path / "snapshots/cat 9.jpg")).mean() == pytest.approx(200, abs=2)


def test_a_name_is_used_once_and_cannot_leave_the_folder(run: Any, tmp_path: Path) -> None:
    started = run(", folder: 照片")
    started.send("camera", grey(10))
    save = started.runtime.workers["photo"].node.save
    for name in ("猫", "猫", "../../x"):
        save(name)
    assert sorted(file.name for file in (tmp_path / "照片").iterdir()) == ["______x.jpg", "猫 2.jpg", "猫.jpg"]


def test_without_a_name_it_is_the_date(run: Any, tmp_path: Path) -> None:
    started = run()
    started.send("camera", grey(10))
    started.send("knob", 0)
    (file,) = (tmp_path / "snapshots").iterdir()
    assert len(file.stem) == len("2026-01-31 12-30-00")


def test_the_oldest_make_room(run: Any, tmp_path: Path) -> None:
    started = run(", keep: 2")
    started.send("camera", grey(10))
    for name in "abc":
        started.runtime.workers["photo"].node.save(name)
    assert sorted(file.name for file in (tmp_path / "snapshots").iterdir()) == ["b.jpg", "c.jpg"]


def test_before_the_first_picture_there_is_nothing_to_save(run: Any) -> None:
    started = run()
    started.send("knob", 9)
    assert [event.value.code for event in started.events if event.node == "photo" and isinstance(event.value, Notice)] == [
        "XM850"
    ]
