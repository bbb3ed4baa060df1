"""The camera: folders, pictures, videos, streams, and no camera at all. OpenCV itself runs; nothing is mocked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from xmaker_camera import Camera

from xmaker import Event, Frame, Plugins, Project, Runtime, hookimpl


class Film:
    """What a camera gave, and what was said about it."""

    def __init__(self) -> None:
        self.frames: list[Event] = []
        self.notices: list[str] = []
        self.errors: list[str] = []
        self.xmaker_wants_media = True

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if isinstance(event.value, Frame):
            self.frames.append(event)
        else:
            self.notices.append(event.value.code)

    @hookimpl
    def xmaker_error(self, error: Any) -> None:
        self.errors.append(error.code)

    @property
    def sources(self) -> list[str]:
        return [event.value.source for event in self.frames]

    @property
    def greys(self) -> list[int]:
        """How bright each frame is: the tests' pictures are plain grey."""
        return [int(event.value.image.mean()) for event in self.frames]


def picture(path: Path, grey: int = 100, size: tuple[int, int] = (12, 16)) -> Path:
    """Write a grey picture; OpenCV itself cannot write to every name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _, data = cv2.imencode(path.suffix, np.full((*size, 3), grey, np.uint8))
    path.write_bytes(data.tobytes())
    return path


def play(tmp_path: Path, seconds: float | None = None, **options: Any) -> Film:
    """Run a project with nothing but a camera."""
    project = Project("test", folder=tmp_path, plugins=Plugins()).add(Camera(**options), name="camera")
    project.check()
    project.plugins.manager.register(film := Film())
    Runtime(project.plugins).run(project, seconds)
    return film


@pytest.fixture
def video(tmp_path: Path) -> str:
    """A video of ten frames, ever brighter, at 20 fps."""
    writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (64, 48))
    for number in range(10):
        writer.write(np.full((48, 64, 3), number * 25, np.uint8))
    writer.release()
    return "clip.avi"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere cameras have no path")
def test_a_camera_by_its_path(tmp_path: Path) -> None:
    assert play(tmp_path, 0.1, source="/dev/no-camera").errors == ["XM801"]
