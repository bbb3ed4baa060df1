"""Whether a changed network still gives its answers, on the pictures that come with XMaker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xmaker_vision.guess import picture_input
from xmaker_vision.prepare import Preparer

from xmaker import ModelCard, ModelInput, ProjectError, read_onnx
from xmaker_toolbox.convert.compare import pictures
from xmaker_toolbox.quantizing.runtime import onnxruntime

MOST = 1e-5
"""How far an answer may be from the original's: of the largest, where that is above 1. Rounding alone is below it."""
SOUNDS = 4
"""Where a network takes no pictures: with so many sets of random numbers it is tried instead."""
_KINDS = {"tensor(uint8)": "uint8", "tensor(int64)": "int64", "tensor(int32)": "int32", "tensor(float16)": "float16"}


def feeds(network: bytes, card: ModelCard | None, path: Path) -> list[dict[str, Any]]:
    """Return what to try a network with: input → tensor, for each picture; random numbers where it takes none."""
    inputs = session(network).get_inputs()
    wanted = _picture(card, path)
    if wanted is not None and len(inputs) == 1:
        prepare = Preparer(wanted)
        return [{inputs[0].name: prepare.tensor(image).copy()} for image in pictures()]
    import numpy as np

    random, open_side = np.random.default_rng(0), card.input.width if card else 1
    shapes = {one.name: [_side(size, axis, open_side) for axis, size in enumerate(one.shape)] for one in inputs}
    kinds = {one.name: _KINDS.get(one.type, "float32") for one in inputs}
    return [{name: _numbers(random, shapes[name], kinds[name]) for name in shapes} for _ in range(SOUNDS)]


def _side(size: Any, axis: int, open_side: int) -> int:
    """Return a side of a tensor; one that the network leaves open is the card's, the first a batch of one."""
    return size if isinstance(size, int) else open_side if axis else 1


def _picture(card: ModelCard | None, path: Path) -> ModelInput | None:
    """Return how a picture goes into the network; None when it takes none (a sound has no height)."""
    if card is not None:
        return card.input if card.input.height > 1 else None
    try:
        return picture_input(read_onnx(path), [])
    except ProjectError:
        return None


def _numbers(random: Any, shape: Sequence[int], kind: str) -> Any:
    made = random.integers(0, 2, shape) if "int" in kind and kind != "uint8" else random.random(shape) * 2 - 1
    return (random.integers(0, 256, shape) if kind == "uint8" else made).astype(kind)


def session(network: bytes) -> Any:
    """Return a session of ONNX Runtime. Raises what that raises."""
    library = onnxruntime()
    options = library.SessionOptions()
    options.log_severity_level = 4
    return library.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def answers(network: bytes, given: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """Return a network's outputs for each of what is given."""
    run = session(network).run
    return [run(None, one) for one in given]


def difference(wanted: Sequence[Sequence[Any]], found: Sequence[Sequence[Any]]) -> float:
    """Return how far numbers are from those that are wanted, at most, the largest of an output (or 1) being 1.

    Infinite where shapes, whole numbers or what is no number differ.
    """
    pairs = [pair for one, other in zip(wanted, found, strict=True) for pair in zip(one, other, strict=True)]
    return max((_apart(*pair) for pair in pairs), default=0.0)


def _apart(wanted: Any, found: Any) -> float:
    import numpy as np

    if wanted.shape != found.shape:
        return float("inf")
    if wanted.dtype.kind != "f" or not wanted.size:
        return 0.0 if np.array_equal(wanted, found) else float("inf")
    wanted, found = wanted.astype(np.float64), found.astype(np.float64)
    if not np.array_equal(np.isfinite(wanted), np.isfinite(found)):
        return float("inf")
    finite = np.isfinite(wanted)
    largest = max(1.0, float(np.abs(wanted[finite]).max(initial=0)))
    return float(np.abs(wanted[finite] - found[finite]).max(initial=0)) / largest
