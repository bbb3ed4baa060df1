"""Keras with PyTorch below it, imported where a file is read and nowhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from xmaker import MissingDependency, ProjectError
from xmaker_toolbox.convert.finish import onnx
from xmaker_toolbox.convert.torch_files.libraries import torch
from xmaker_toolbox.quantizing.runtime import hushed

COMMAND = 'pip install "xmaker[keras]"'


def keras() -> Any:
    """Return the library. Raises MissingDependency; ProjectError when this program has it already, with another one below."""
    try:
        torch()
        onnx()
        with hushed(), _own_settings():
            import keras as library
    except ModuleNotFoundError as error:
        raise MissingDependency.of("XM601", library=error.name, command=COMMAND) from None
    except MissingDependency:
        raise MissingDependency.of("XM601", library="torch", command=COMMAND) from None
    if (below := library.config.backend()) != "torch":
        raise ProjectError.of("XM915", backend=below)
    return library


@contextmanager
def _own_settings() -> Iterator[None]:
    """Let Keras be imported with PyTorch, and neither read nor make the settings in the user's home."""
    if "keras" in sys.modules:
        yield
        return
    before = {name: os.environ.get(name) for name in ("KERAS_BACKEND", "KERAS_HOME")}
    with TemporaryDirectory(prefix="xmaker-") as home:
        os.environ |= {"KERAS_BACKEND": "torch", "KERAS_HOME": home}
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
