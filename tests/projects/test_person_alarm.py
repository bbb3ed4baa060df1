"""The person alarm with its own pictures, and the network in the box: somebody is in two of the four."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2

from xmaker import Frame
from xmaker.testing import RunProject, wait_until

PROJECT = Path(__file__).parents[2] / "projects/person_alarm"


def test_somebody_is_seen_beeped_at_and_photographed(xmaker_run: RunProject, tmp_path: Path) -> None:
    run = xmaker_run(shutil.copytree(PROJECT, tmp_path / "person_alarm"))
    for picture in sorted((PROJECT / "media").glob("*.jpg")):
        run.send("camera", Frame(cv2.imread(str(picture)), picture.name))
        run.advance(2)
    wait_until(lambda: "siren.beep(3)" in run.actions and "photo.save" in run.actions)
    said = [action for action in run.actions if not action.startswith(("siren", "photo"))]
    assert said == ["red.on", 'screen.write("Stop! 1 here")', "red.off", 'screen.write("Nobody is here")']
    assert run.actions.count("photo.save") == 1  # both people came within five seconds
    assert len(list((tmp_path / "person_alarm/snapshots").glob("*.jpg"))) == 1 and not run.errors
