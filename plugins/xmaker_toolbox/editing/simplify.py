"""`xmaker.toolbox.simplify(…)`: the same network in fewer steps."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from xmaker import MissingDependency, ProjectError
from xmaker_toolbox.editing.answers import MOST, answers, difference, feeds
from xmaker_toolbox.editing.network import INSTALL, Network, forget_unused, graphs, new_file, open_network, write_network
from xmaker_toolbox.editing.training import stop_training
from xmaker_toolbox.progress import Cancelled, Progress, quiet
from xmaker_toolbox.quantizing.runtime import hushed, in_short
from xmaker_toolbox.steps import rewriting


class Size(msgspec.Struct, frozen=True):
    """How large a network is."""

    nodes: Counter[str]
    """Operation → how many."""
    weights: int
    """How many numbers it has learnt, or was given."""
    bytes: int
    """The size of its file."""


class Simplified(msgspec.Struct, frozen=True, kw_only=True):
    """What came of simplifying a network."""

    path: Path
    before: Size
    after: Size
    trained: Counter[str]
    """Operation → how many were still at training: for them, the original's answers were others each time."""
    difference: float
    """How far the answers are from the original's, at most; the largest answer, or 1, is 1."""
    tried: int
    """On how many pictures (or sets of random numbers) that was seen."""

    @property
    def taken(self) -> Counter[str]:
        """Operation → how many are no longer there."""
        return self.before.nodes - self.after.nodes


def simplify(model: str | Path, out: str | Path, *, progress: Progress = quiet) -> Simplified:
    """Write a network without what training left and without steps that need not be done, to the .onnx file `out`.

    `model` is a name of the catalog or an .onnx file; its card, if it has one, and its labels are kept.
    Raises ProjectError, and writes nothing, when the answers differ; MissingDependency without the extra `toolbox`.
    """
    slim = _library()
    progress(0, rewriting().running)
    network = open_network(str(model))
    target = new_file(out, network.path, "simplify")
    before = _size(network.graph, network.size)
    original = _copy(network.graph)
    trained = stop_training(original)
    try:
        made, found, tried = _slimmed(network, original, slim, progress)
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001  # each library raises its own
        raise ProjectError.of("XM550", file=network.path, reason=in_short(error)) from None
    if not found <= MOST:
        raise ProjectError.of("XM551", file=network.path, difference=f"{found:.2g}", most=f"{MOST:g}")
    write_network(network, made, target)
    progress(1)
    after = _size(made, target.stat().st_size)
    return Simplified(path=target, before=before, after=after, trained=trained, difference=found, tried=tried)


def _slimmed(network: Network, original: Any, slim: Any, progress: Progress) -> tuple[Any, float, int]:
    """Return the graph in fewer steps, how far its answers are from the original's, and on how much that was seen."""
    data = original.SerializeToString()
    given = feeds(data, network.card, network.path)
    wanted = answers(data, given)
    progress(0.3, rewriting().rewriting)
    with hushed():
        made = slim(original)
    forget_unused(made)
    progress(0.8, rewriting().comparing)
    return made, difference(wanted, answers(made.SerializeToString(), given)), len(given)


def _library() -> Any:
    try:
        from onnxslim import slim
    except ModuleNotFoundError:
        raise MissingDependency.of("XM601", library="onnxslim", command=INSTALL) from None
    return slim


def _copy(model: Any) -> Any:
    made = type(model)()
    made.CopyFrom(model)
    return made


def _size(model: Any, size: int) -> Size:
    every = list(graphs(model.graph))
    nodes = Counter(node.op_type for graph in every for node in graph.node)
    weights = 0
    for tensor in (tensor for graph in every for tensor in graph.initializer):
        count = 1
        for side in tensor.dims:
            count *= side
        weights += count
    return Size(nodes, weights, size)
