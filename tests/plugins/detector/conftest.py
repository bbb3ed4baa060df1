"""A detector that looks with networks made here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_detector.node import Detector

from xmaker import Detections, Frame, Plugins, Project
from xmaker.testing import ProjectRun

from .networks import CARD, network

Look = Callable[..., Detections]
Watch = Callable[..., ProjectRun]


def blank(width: int = 200, height: int = 100, source: str = "") -> Frame:
    return Frame(np.zeros((height, width, 3), np.uint8), source)


@pytest.fixture
def watch(tmp_path: Path, xmaker_run: Any) -> Watch:
    """Give a function that runs a detector, with a network of these outputs, on what the test sends as `camera`."""

    def watch(outputs: Any, card: Any = CARD, kind: int = 2, **options: Any) -> ProjectRun:
        network(tmp_path / "made-up.onnx", outputs, card, kind)
        plugins = Plugins.load()
        project = Project("test", folder=tmp_path, plugins=plugins).add(plugins.nodes["camera"](), name="camera")
        project.add(Detector(model="made-up.onnx", **options), name="things", from_="camera")
        project.check()
        return xmaker_run(project)  # type: ignore[no-any-return]

    return watch


@pytest.fixture
def look(watch: Watch) -> Look:
    """Give a function that returns what such a detector finds in a frame of 200 by 100 pixels."""

    def look(outputs: Any, card: Any = CARD, kind: int = 2, **options: Any) -> Detections:
        run = watch(outputs, card, kind, **options)
        run.send("camera", blank())
        if failure := run.runtime.failure:
            raise failure
        return run.events[-1].value  # type: ignore[no-any-return]

    return look
