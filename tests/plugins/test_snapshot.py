"""Pictures that a rule saves."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from xmaker import Frame, Notice
from xmaker.testing import ProjectRun, wait_until

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
    assert [file.name for file in (tmp_path / "snapshots").glob("*.jpg")] == ["cat 9.jpg"]
    assert cv2.imread(str(tmp_path / "snapshots/cat 9.jpg")).mean() == pytest.approx(200, abs=2)


def test_a_name_is_used_once_and_cannot_leave_the_folder(run: Any, tmp_path: Path) -> None:
    started = run(", folder: 照片")
    started.send("camera", grey(10))
    save = started.runtime.workers["photo"].node.save
    for name in ("猫", "猫", "../../x"):
        save(name)
    assert sorted(file.name for file in (tmp_path / "照片").glob("*.jpg")) == ["______x.jpg", "猫 2.jpg", "猫.jpg"]


def test_without_a_name_it_is_the_date(run: Any, tmp_path: Path) -> None:
    started = run()
    started.send("camera", grey(10))
    started.send("knob", 0)
    (file,) = (tmp_path / "snapshots").glob("*.jpg")
    assert len(file.stem) == len("2026-01-31 12-30-00")


def test_the_oldest_make_room(run: Any, tmp_path: Path) -> None:
    started = run(", keep: 2")
    started.send("camera", grey(10))
    for name in "abc":
        started.runtime.workers["photo"].node.save(name)
    assert sorted(file.name for file in (tmp_path / "snapshots").glob("*.jpg")) == ["b.jpg", "c.jpg"]


def test_only_its_own_pictures_make_room(run: Any, tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    own = [tmp_path / "snapshots" / name for name in ("holiday.jpg", "2026-01-31 12-30-00.jpg", "a 2.jpg", "a.jpg", "a.part")]
    for file in own:
        file.write_bytes(b"mine")
    (tmp_path / "precious.jpg").write_bytes(b"mine")
    (tmp_path / "snapshots/.snapshots").write_text("../precious.jpg\n")
    started = run(", keep: 1")
    started.send("camera", grey(10))
    for name in "ab":
        started.runtime.workers["photo"].node.save(name)
    started.stop()
    started = run(", keep: 1")  # another run knows the pictures of this one
    started.send("camera", grey(10))
    started.runtime.workers["photo"].node.save("c")
    assert sorted((tmp_path / "snapshots").glob("*.*")) == sorted(
        [*own, tmp_path / "snapshots/.snapshots", tmp_path / "snapshots/c.jpg"]
    )
    assert {file.read_bytes() for file in [*own, tmp_path / "precious.jpg"]} == {b"mine"}


def test_pictures_that_cannot_be_written_are_told_of_once(run: Any, tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("no folder")
    started = run()
    started.send("camera", grey(10))
    started.send("knob", 9, 1, 8)
    wait_until(lambda: started.runtime.workers["photo"].stats().errors == 2)
    (error,) = started.errors
    assert error.code == "XM858" and str(error).startswith("snapshots cannot be written")


def test_a_full_disk_leaves_no_half_picture(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = run()
    started.send("camera", grey(10))

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    started.send("knob", 9)
    wait_until(lambda: started.errors)
    assert [error.code for error in started.errors] == ["XM858"] and not list((tmp_path / "snapshots").iterdir())


def test_before_the_first_picture_there_is_nothing_to_save(run: Any) -> None:
    started = run()
    started.send("knob", 9)
    assert [event.value.code for event in started.events if event.node == "photo" and isinstance(event.value, Notice)] == [
        "XM850"
    ]
