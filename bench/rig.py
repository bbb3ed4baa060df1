"""What is compared: a running project that is fed frame by frame, and the bare loop that does the same work by hand."""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from xmaker import Action, Event, Finished, Frame, Input, Output, Plugins, Project, Runtime, action, hookimpl
from xmaker.runtime.waking import Signal

CROP = 0.875
SIZE = 224


def pictures() -> list[Any]:
    """Return four camera-like pictures, 640x480: soft shapes and some noise, the same every time."""
    import cv2
    import numpy as np

    random = np.random.default_rng(1)
    shapes = [cv2.resize(random.integers(0, 256, (9, 12, 3), np.uint8), (640, 480)) for _ in range(4)]
    return [cv2.add(shape, random.integers(0, 12, shape.shape, np.uint8)) for shape in shapes]


class BareLoop:
    """A view of the middle, one resize into a buffer that is used again, one call of the network. Nothing else."""

    def __init__(self, network: Path, output: str) -> None:
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import cv2
        import numpy as np
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        self._resize = cv2.resize
        self._run = ort.InferenceSession(str(network), options, providers=["CPUExecutionProvider"]).run
        self._outputs, self._tensor = [output], np.empty((1, SIZE, SIZE, 3), np.uint8)
        self.seconds: list[float] = []
        """How long each frame of the last block took."""

    def frame(self, image: Any) -> Any:
        """Return the scores of one picture."""
        height, width = image.shape[:2]
        side = round(min(height, width) * CROP)
        top, left = (height - side) // 2, (width - side) // 2
        self._resize(image[top : top + side, left : left + side], (SIZE, SIZE), self._tensor[0])
        return self._run(self._outputs, {"image": self._tensor})[0][0]

    def frames(self, count: int, images: list[Any]) -> None:
        """Do several frames, one after the other."""
        self.seconds = []
        for number in range(count):
            start = time.perf_counter()
            self.frame(images[number % len(images)])
            self.seconds.append(time.perf_counter() - start)


@dataclass
class FedCamera(Input):
    """Gives a frame each time that it is asked to."""

    use: ClassVar[str] = "fed_camera"
    gives: ClassVar = Frame
    go: Signal = field(init=False, default_factory=Signal)
    images: list[Any] = field(init=False, default_factory=list)
    shown: int = field(init=False, default=0)

    def read(self) -> Frame:
        self.go.wait()
        if not self.images:
            raise Finished
        self.shown += 1
        return Frame(self.images[self.shown % len(self.images)])


@dataclass
class Sink(Output):
    """An output that is done at once."""

    use: ClassVar[str] = "sink"

    @action
    def show(self, value: float) -> None:
        """Take a number."""


class Ages:
    """An observer, as the live view is one: keeps the seconds from capture to action of each action."""

    def __init__(self, after: Callable[[], None] = lambda: None) -> None:
        self.seconds = array("d")  # a list of ten minutes would itself take the half megabyte that `soak` looks for
        self._after = after

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if type(event.value) is Action and event.cause is not None:
            self.seconds.append(event.time - event.cause.time)
            self._after()


class Rig:
    """A running project: fed camera → classifier → two rules → sink. One frame is on its way at a time."""

    def __init__(self, plugins: Plugins, model: str) -> None:
        self._ages, self._left, self._finished = Ages(self._arrived), 0, Signal()
        plugins.manager.register(self._ages)
        make: Any = plugins.nodes["classifier"]
        project = Project("rig", plugins=plugins).add(FedCamera(), name="camera").add(Sink(), name="sink")
        project.add(make(model=model), name="pet", from_="camera")
        project.rule(when="pet.score > 0.6 and pet.score < 0.1", for_="0.5 s", then=["sink.show(1)"])
        project.rule(each="pet", then=["sink.show(pet.score)"])
        self.runtime = Runtime(plugins)
        self.runtime.apply(project)
        plugins.manager.unregister(self._ages)  # the next rig has an observer of its own
        self.camera: Any = self.runtime.workers["camera"].node
        self.classifier: Any = self.runtime.workers["pet"].node
        self.frames(1, pictures())

    @property
    def seconds(self) -> array[float]:
        """From capture to action, of each frame of the last block."""
        return self._ages.seconds

    def frames(self, count: int, images: list[Any]) -> None:
        """Let frames through, each as soon as the action of the one before is done."""
        self._ages.seconds, self._left, self.camera.images = array("d"), count, images
        self.camera.go.set()
        if not self._finished.wait(60):
            raise TimeoutError(f"no action within a minute: {self.runtime.failure or self.runtime.stats()}")

    def _arrived(self) -> None:
        self._left -= 1
        (self.camera.go if self._left else self._finished).set()

    def stop(self) -> None:
        """End the run."""
        self.camera.images = []
        self.camera.go.set()
        self.runtime.stop()
