"""What the tests of the camera share: pictures, and a project that films."""

from __future__ import annotations

from collections.abc import Callable
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


def write_picture(path: Path, grey: int = 100, size: tuple[int, int] = (12, 16)) -> Path:
    """Write a grey picture; OpenCV itself cannot write to every name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _, data = cv2.imencode(path.suffix, np.full((*size, 3), grey, np.uint8))
    path.write_bytes(data.tobytes())
    return path


def film_of(tmp_path: Path, seconds: float | None = None, **options: Any) -> Film:
    """Run a project with nothing but a camera."""
    project = Project("test", folder=tmp_path, plugins=Plugins()).add(Camera(**options), name="camera")
    project.check()
    project.plugins.manager.register(film := Film())
    Runtime(project.plugins).run(project, seconds)
    return film


@pytest.fixture
def picture() -> Callable[..., Path]:
    """Give a function that writes a grey picture."""
    return write_picture


@pytest.fixture
def play() -> Callable[..., Film]:
    """Give a function that runs a project with nothing but a camera."""
    return film_of


@pytest.fixture
def film() -> Film:
    """An observer that keeps what a camera gave."""
    return Film()
