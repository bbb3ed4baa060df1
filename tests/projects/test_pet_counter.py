"""The pet counter with its own film: two cats go by, and each is counted once."""

from __future__ import annotations

from pathlib import Path

import cv2

from xmaker import Frame
from xmaker.testing import RunProject

PROJECT = Path(__file__).parents[2] / "projects/pet_counter"


def test_two_cats_are_two(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    film = cv2.VideoCapture(str(PROJECT / "media/pets.mp4"))
    while (read := film.read())[0]:
        run.send("camera", Frame(read[1], "pets.mp4"))
        run.advance(0.1)
    assert run.actions == [
        'screen.write("Hello, number 1!")',
        'screen.write("Bye! 0 here, 1 so far")',
        'screen.write("Hello, number 2!")',
        'screen.write("Bye! 0 here, 2 so far")',
    ]
    assert not run.errors
