"""The doorbell plays, takes a photo and speaks, once for each ring; without a camera its pictures stand for one."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from xmaker import Frame, Project
from xmaker.testing import RunProject, wait_until

PROJECT = Path(__file__).parents[2] / "projects/doorbell"


def test_a_ring_is_heard_seen_and_said(xmaker_run: RunProject, tmp_path: Path) -> None:
    run = xmaker_run(shutil.copytree(PROJECT, tmp_path / "doorbell"))
    run.send("camera", Frame(np.full((24, 32, 3), 99, np.uint8)))
    run.send("bell", pressed=True, held=False, double=False)
    run.advance(5)  # the chime takes its time
    wait_until(lambda: len(run.actions) == 4)
    assert {action.partition("(")[0] for action in run.actions} == {"chime.melody", "photo.save", "voice.say", "screen.write"}
    assert len(list((tmp_path / "doorbell/snapshots").glob("*.jpg"))) == 1 and not run.errors


def test_without_a_camera_its_pictures_are_shown_for_ever() -> None:
    options = Project.load(PROJECT / "project.yaml", simulate=True).nodes["camera"].options
    assert options["fallback"] == "media" and options["loop"] is True
    assert [path.name for path in sorted((PROJECT / "media").glob("*.jpg"))] == ["astronaut.jpg", "cat1.jpg"]
