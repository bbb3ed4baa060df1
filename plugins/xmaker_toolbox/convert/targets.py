"""What can be written, by the ending of its name; or by the word that MMEdu's `backend` takes."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from xmaker import ModelCard, ProjectError

TARGETS: dict[str, str] = {".onnx": "onnx_target"}
"""Ending → the module that has `write(part, graph, card)`: `graph` is the finished onnx.ModelProto."""
BACKENDS: dict[str, str] = {"onnx": ".onnx", "onnxruntime": ".onnx"}
"""Word for `backend`, in small letters → ending."""


def target_file(out: Path | None, checkpoint: Path, backend: str) -> Path:
    """Return the file to write; without a name, one like the checkpoint's, here. Raises ProjectError for what nobody writes."""
    ending = BACKENDS.get(backend.lower())
    if ending is None:
        raise ProjectError.of("XM539", file=f"backend={backend}", endings=", ".join(BACKENDS))
    out = out or Path(checkpoint.with_suffix(ending).name)
    if out.suffix.lower() not in TARGETS:
        raise ProjectError.of("XM539", file=out, endings=" ".join(TARGETS))
    return out


def write(part: Path, out: Path, graph: Any, card: ModelCard) -> None:
    """Write a finished network to `part`, as the ending of `out` says."""
    importlib.import_module(f"xmaker_toolbox.convert.{TARGETS[out.suffix.lower()]}").write(part, graph, card)
