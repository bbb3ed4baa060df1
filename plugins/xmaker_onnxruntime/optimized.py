"""Keeps what ONNX Runtime makes of a model's graph, so that it is not worked out again at every start.

That is a third of the time that loading takes on a laptop. The file holds the nodes that would have been run anyway, so that
answers stay as they are, bit for bit.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

SMALLEST, LARGEST = 100e3, 100e6
"""Bytes of a model that is kept a second time: a smaller one loads at once, a larger one takes too much of a board's disk."""
MOST = 12
"""How many are kept: those that were made last."""

EXTERNAL = b"location"
"""What stands in a model whose weights lie in files beside it: those may change while it does not."""


def session(ort: Any, path: Path, options: Callable[[], Any], settings: str, **given: Any) -> Any:
    """Return a session for the processor, from what was kept, or keeping it for the next time.

    `settings` says what else its graph depends on. Raises what ONNX Runtime raises for a model that it cannot load.
    """
    kept = _file(ort, path, settings)
    if kept and kept.is_file():
        known = options()
        known.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL  # it has been done
        with suppress(Exception):  # a damaged file: it is made again
            return ort.InferenceSession(str(kept), known, **given)
    return (kept and _keep(ort, path, kept, options, given)) or ort.InferenceSession(str(path), options(), **given)


def _keep(ort: Any, path: Path, kept: Path, options: Callable[[], Any], given: dict[str, Any]) -> Any:
    """Load a model and write what became of its graph; None where that cannot be done, whatever the reason is."""
    if EXTERNAL in path.read_bytes():
        return None
    part = kept.with_suffix(f".{os.getpid()}")
    writing = options()
    writing.optimized_model_filepath = str(part)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        made = ort.InferenceSession(str(path), writing, **given)
        os.replace(part, kept)
        _tidy(kept)
    except Exception:  # noqa: BLE001  # a full disk, a home that cannot be written; ONNX Runtime's errors share no base class
        with suppress(OSError):
            part.unlink()
        return None
    return made


def _tidy(kept: Path) -> None:
    """Remove what was kept of earlier states of the same model, and what is too much."""
    others = sorted((file for file in kept.parent.glob("*.onnx") if file != kept), key=lambda file: -file.stat().st_mtime)
    same = kept.name.partition("-")[0]
    for number, file in enumerate(others, start=2):
        if number > MOST or file.name.startswith(same):
            file.unlink()


def _file(ort: Any, path: Path, settings: str) -> Path | None:
    """Return where the graph of a model is kept; None for a large one, and for a user without a home."""
    with suppress(OSError, RuntimeError):
        about = path.stat()
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xmaker" / "onnxruntime"
        state = (about.st_size, about.st_mtime_ns, settings, ort.__version__, platform.machine(), processor())
        return folder / f"{_short(path.resolve())}-{_short(state)}.onnx" if SMALLEST <= about.st_size <= LARGEST else None
    return None


def _short(thing: object) -> str:
    return f"{crc32(repr(thing).encode()):08x}"


def processor() -> str:
    """Return what the processor can do; "" where the system does not say."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            return next((line for line in file if line.startswith(("flags", "Features"))), "")
    except OSError:
        return ""
