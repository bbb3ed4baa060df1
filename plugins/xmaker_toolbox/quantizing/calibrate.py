"""Sees which numbers occur in a network while it looks at pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from xmaker.values import Array
from xmaker_toolbox.progress import Progress
from xmaker_toolbox.quantizing.layers import PASSING, WEIGHTED
from xmaker_toolbox.quantizing.runtime import hushed, onnxruntime

T = TypeVar("T")
METHODS = ("minmax", "percentile", "entropy")
"""What the range of a tensor is: all numbers that occur; all but the rarest; or those whose loss of information is least."""
MOST = {"minmax": 100, "percentile": 40, "entropy": 40}
"""So many pictures are looked at: a histogram takes five times as long as a minimum, and hardly changes after so many."""
BATCH = 5
"""Pictures whose numbers are in memory at once: those of a picture of 300 by 300 may take 100 MB."""


class Tensors:
    """Hands tensors to ONNX Runtime one by one, as it wants them."""

    def __init__(self, name: str, tensors: Iterable[Array]) -> None:
        self._feeds = ({name: tensor} for tensor in tensors)

    def get_next(self) -> dict[str, Array] | None:
        return next(self._feeds, None)


def ranges(
    prepared: Path,
    name: str,
    pictures: Sequence[T],
    tensor_of: Callable[[T], Array],
    method: str,
    progress: Progress,
) -> Any:
    """Return the range of each tensor (onnxruntime's TensorsData) by one of METHODS.

    `prepared` is the graph's file, in a folder that may be written to; `name` is its input, `tensor_of` makes its tensors.
    """
    onnxruntime()
    from onnxruntime.quantization import CalibrationMethod
    from onnxruntime.quantization.calibrate import create_calibrator

    ways = {
        "minmax": CalibrationMethod.MinMax,
        "percentile": CalibrationMethod.Percentile,
        "entropy": CalibrationMethod.Entropy,
    }
    options = {"symmetric": False} if method == "percentile" else {}
    chosen = spread(pictures, MOST[method])
    with hushed():
        calibrator = create_calibrator(
            prepared, [*WEIGHTED, *PASSING], str(prepared.with_name("augmented.onnx")), ways[method], extra_options=options
        )
        for first in range(0, len(chosen), BATCH):
            progress(first / len(chosen))
            calibrator.collect_data(Tensors(name, map(tensor_of, chosen[first : first + BATCH])))
        return calibrator.compute_data()


def spread(things: Sequence[Any], most: int) -> list[Any]:
    """Return so many of them at most, from the first to the last evenly."""
    count = min(len(things), most)
    return [things[number * len(things) // count] for number in range(count)]
