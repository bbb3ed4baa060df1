"""Whether a converted network gives the answers of its source, on the pictures that come with XMaker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xmaker_vision.prepare import Preparer

from xmaker import ModelInput
from xmaker_toolbox.pictures import load_picture
from xmaker_toolbox.quantizing.runtime import in_short, onnxruntime

MOST = 1e-4
"""How far a score may be from the source's: of the largest, where that is above 1. A forgotten layer is thousands off."""


def pictures() -> list[Any]:
    """Return the pictures, (height, width, 3) uint8 in BGR."""
    from xmaker.cli.gallery import gallery

    return [load_picture(file) for file in sorted(gallery().glob("cat_dog/media/*.jpg"))]


def tensors(images: Sequence[Any], wanted: ModelInput) -> list[Any]:
    """Return the pictures as a network takes them."""
    prepare = Preparer(wanted)
    return [prepare.tensor(image).copy() for image in images]


def difference(network: Any, given: Sequence[Any], wanted: Sequence[Any]) -> float:
    """Return how far the network's scores are from those that are wanted, at most; infinite where one is no number.

    `network` is an ONNX file's path or its bytes.
    """
    import numpy as np

    run = runner(network)
    largest = max(1.0, *(float(np.abs(one).max()) for one in wanted))
    scores = [run(tensor) for tensor in given]
    if any(one.shape != other.shape for one, other in zip(scores, wanted, strict=True)):
        return float("inf")
    found = max(float(np.abs(one - other).max()) for one, other in zip(scores, wanted, strict=True)) / largest
    return found if np.isfinite(found) else float("inf")


def runner(network: Any) -> Callable[[Any], Any]:
    """Return what runs a network: its input tensor → its only output. Raises ValueError for one that does not load."""
    opened = session(network)
    name = opened.get_inputs()[0].name
    return lambda tensor: opened.run(None, {name: tensor})[0]


def session(network: Any) -> Any:
    """Return ONNX Runtime's session of a network: a path, or its bytes. Raises ValueError for one that does not load."""
    library = onnxruntime()
    options = library.SessionOptions()
    options.log_severity_level = 4
    network = network if isinstance(network, bytes) else str(network)
    try:
        return library.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  # ONNX Runtime has its own for each thing that it refuses
        raise ValueError(in_short(error)) from None


def softmax(scores: Any) -> Any:
    """Return scores as probabilities."""
    import numpy as np

    grown = np.exp(scores - scores.max())
    return grown / grown.sum()
