"""PyTorch and the libraries of networks on top of it, imported where a checkpoint is read and nowhere else."""

from __future__ import annotations

import importlib
import sys
import warnings
from typing import Any

from xmaker import MissingDependency

COMMAND = 'pip install "xmaker[convert]"'
BOXES = ("nms", "qnms")
"""Compiled operations without which torchvision refuses to load; no classifier uses them."""
_declared: list[Any] = []
"""What has been declared lasts as long as it is kept."""


def torch() -> Any:
    """Return PyTorch. Raises MissingDependency; so does each of these."""
    return _imported("torch")


def torchvision_models() -> Any:
    """Return torchvision's networks; also of a torchvision that was built for another PyTorch than the one here."""
    try:
        return _imported("torchvision.models")
    except RuntimeError as error:
        if _declared or "torchvision::nms" not in str(error):
            raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # half imported
    library = torch().library.Library("torchvision", "DEF")
    for name in BOXES:
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _declared.append(library)
    return _imported("torchvision.models")


def timm() -> Any:
    """Return timm."""
    torchvision_models()  # which timm imports
    return _imported("timm")


def _imported(name: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what these libraries will change one day
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        library = (error.name or name).partition(".")[0]
        raise MissingDependency.of("XM601", library=library, command=COMMAND) from None
