"""What is converted: who reads which kind of file, and what he has to give."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
from xmaker_vision.guess import HALF, MEAN, STD

from xmaker import ModelInput, ProjectError
from xmaker_toolbox.progress import Progress, quiet

READERS: dict[str, str] = {
    ".pth": "torch_files.reader",
    ".pt": "torch_files.reader",
    ".ckpt": "torch_files.reader",
    ".bin": "torch_files.reader",
    ".tar": "torch_files.reader",
    ".safetensors": "torch_files.reader",
    ".tflite": "tflite_files.reader",
    ".keras": "keras_files.reader",
    ".h5": "keras_files.reader",
    ".hdf5": "keras_files.reader",
    ".skops": "sklearn_reader",
    ".pkl": "sklearn_reader",
    ".pickle": "sklearn_reader",
    ".joblib": "sklearn_reader",
}
"""Ending of a file → the module that has `read(asked: Asked) -> Source`, which raises ProjectError or MissingDependency."""


PIXELS = {
    "0..1": ((0.0,) * 3, (255.0,) * 3),
    "-1..1": (HALF, HALF),
    "0..255": ((0.0,) * 3, (1.0,) * 3),
    "imagenet": (MEAN, STD),
}
"""What a picture's numbers were in training, as users say it → mean and deviation."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the user gave."""

    path: Path
    labels: tuple[str, ...] = ()
    """The names of the classes; () where he gave none."""
    arch: str = ""
    """The architecture, as its library names it; "" to find it out."""
    size: int = 0
    """Pixels of a side of the picture; 0 is what the source says, or the architecture's usual."""
    pixels: str = ""
    """One of PIXELS; "" is what the source says, or what is usual."""
    trust: bool = False
    """Whether code that the file carries may be run."""
    progress: Progress = quiet


class Source(msgspec.Struct, kw_only=True):
    """A trained network, as a reader found it."""

    network: Any
    """onnx.ModelProto with one input, a picture's tensor of batch 1, and one output, the scores: (1, classes) float32.

    A detector's outputs are dets (1, n, 5), labels (1, n) and perhaps masks (1, n, h, w), and two that are only compared, and
    not kept: all boxes (m, 4), all scores (m, classes).
    """
    answer: Callable[[Any], Any]
    """Runs the network in its own library: the tensor as `picture` prepares it → what the graph must give."""
    picture: ModelInput
    """How a picture is prepared for it."""
    labels: list[str]
    origin: str
    """What it was: `MMEdu, ResNet18`, `timm, efficientnet_lite0`."""
    logits: bool = True
    """Whether the scores must still be made to add up to 1."""
    task: Literal["classify", "detect"] = "classify"
    backbone: str = "MobileNet"
    """The network of MMEdu for which XEduHub prepares pictures in the same way: RGB, ImageNet's mean, 224 × 224."""
    output: str = "probs"
    """What the graph's output is called; XEduHub asks BaseNN's for `output`."""
    told: dict[str, str] | None = None
    """The file's metadata for other programs, in place of MMEdu's MODEL_INFO."""
    xeduhub: bool = True
    """Whether XEduHub can prepare pictures for it; a program for it is written then."""
    guessed: list[str] = []
    """What the file does not say, and was concluded, in the user's language."""
    guessed_pixels: list[str] = []
    """The same, of the numbers of a picture: nothing is left of it when the user says what they were."""


def read_source(asked: Asked) -> Source:
    """Read a file by its kind. Raises ProjectError or MissingDependency."""
    if asked.pixels and asked.pixels not in PIXELS:
        raise ProjectError.of("XM918", pixels=asked.pixels, known=" ".join(PIXELS))
    if not asked.path.is_file():
        raise ProjectError.of("XM604", file=asked.path)
    module = READERS.get(asked.path.suffix.lower())
    if module is None:
        raise ProjectError.of("XM540", file=asked.path, endings=" ".join(READERS))
    found: Source = _module(module).read(asked)
    if asked.pixels:
        colours = 1 if found.picture.colour.startswith("GREY") else 3
        mean, std = (numbers[:colours] for numbers in PIXELS[asked.pixels])
        found.picture = msgspec.structs.replace(found.picture, mean=mean, std=std)
    else:
        found.guessed = [*found.guessed_pixels, *found.guessed]
    return found


def _module(name: str) -> Any:
    return importlib.import_module(f"xmaker_toolbox.convert.{name}")
