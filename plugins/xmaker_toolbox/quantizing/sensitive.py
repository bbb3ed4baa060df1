"""Which layers bear 8 bits worst."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from xmaker.values import Array
from xmaker_toolbox.progress import Progress
from xmaker_toolbox.quantizing.integers import Plan, in_integers
from xmaker_toolbox.quantizing.judges import cosine
from xmaker_toolbox.quantizing.network import Network
from xmaker_toolbox.quantizing.source import OnnxSource

PICTURES = 8
"""On so many pictures each layer is tried."""


def worst_first(source: OnnxSource, plan: Plan, ranges: Any, tensors: Sequence[Array], progress: Progress) -> list[str]:
    """Return the layers, the one first that turns the network's outputs most when it alone is in 8 bits."""
    wanted = _outputs(source.graph, source.path, tensors)
    harm = {}
    for number, layer in enumerate(plan.layers.weights):
        progress(number / len(plan.layers.weights))
        found = _outputs(in_integers(source.graph, plan, ranges, only=[layer]), source.path, tensors)
        harm[layer] = sum(1 - cosine(one, other) for one, other in zip(wanted, found, strict=True))
    return sorted(harm, key=lambda layer: -harm[layer])


def numbers_to_try(layers: int) -> Iterator[int]:
    """Yield how many layers to leave in floats: 1, 2, 4 … up to half of them."""
    count = 1
    while count <= (layers + 1) // 2:
        yield count
        count *= 2


def _outputs(graph: Any, path: Path, tensors: Sequence[Array]) -> list[Any]:
    import numpy as np

    network = Network(graph.SerializeToString(), path)
    made = [np.concatenate([np.ravel(one).astype(np.float64) for one in network.run(tensor)]) for tensor in tensors]
    network.close()
    return made
