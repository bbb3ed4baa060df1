"""Which parts of a graph are worth computing in 8 bits."""

from __future__ import annotations

from math import prod
from typing import Any

import msgspec

WEIGHTED = ("Conv", "Gemm", "MatMul")
"""Operations with weights that ONNX Runtime computes in 8 bits on a processor."""
PASSING = (
    *("Add", "Mul", "Relu", "Clip", "LeakyRelu", "Sigmoid", "MaxPool", "AveragePool", "GlobalAveragePool", "Pad", "Resize"),
    *("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Split", "Slice", "Gather"),
)
"""Operations between them that it computes in 8 bits, too.

Concat is left out: its parts would all need one scale. ShuffleNet loses a tenth of its speed by that, and answers worse.
"""
LEAST_WORK, LEAST_WEIGHTS = 0.001, 0.01
"""A layer with less of the network's multiplications and of its weights stays as it is: little is gained, much may be lost."""


class Layers(msgspec.Struct, frozen=True):
    """The layers of a network that are to be computed in 8 bits."""

    weights: dict[str, str]
    """Layer → its weights, in the order of the graph."""
    outside: tuple[str, ...]
    """Nodes that stay in floats: what comes before the first of those layers, and what is made of the last one's results."""


def find_layers(model: Any) -> Layers:
    """Return what is worth it in an onnx.ModelProto whose shapes are known."""
    sizes = {tensor.name: prod(tensor.dims) for tensor in model.graph.initializer}
    shapes = _shapes(model)
    layers = {
        node.name: (node.input[1], sizes[node.input[1]], _work(node, sizes[node.input[1]], shapes))
        for node in model.graph.node
        if node.op_type in WEIGHTED and node.input[1] in sizes
    }
    most_weights, most_work = (sum(layer[part] for layer in layers.values()) for part in (1, 2))
    weights = {
        name: weight
        for name, (weight, size, work) in layers.items()
        if work >= LEAST_WORK * most_work or size >= LEAST_WEIGHTS * most_weights
    }
    return Layers(weights, tuple(_outside(model, weights)))


def _outside(model: Any, layers: dict[str, str]) -> list[str]:
    """Return the nodes that do not lie on a way from one layer to another."""
    after: set[str] = set()
    behind, ahead = set(), set()
    for node in model.graph.node:
        if node.name in layers or after.intersection(node.input):
            after.update(node.output)
            behind.add(node.name)
    before: set[str] = set()
    for node in reversed(model.graph.node):
        if node.name in layers or before.intersection(node.output):
            before.update(node.input)
            ahead.add(node.name)
    return [node.name for node in model.graph.node if node.name not in behind & ahead]


def _shapes(model: Any) -> dict[str, list[int]]:
    known = [*model.graph.value_info, *model.graph.output, *model.graph.input]
    return {one.name: [size.dim_value for size in one.type.tensor_type.shape.dim] for one in known}


def _work(node: Any, weights: int, shapes: dict[str, list[int]]) -> int:
    """Return how many multiplications a layer takes: each weight once for each place of its output, as far as that is known."""
    shape = shapes.get(node.output[0], [])
    places = shape[2:] if node.op_type == "Conv" else shape[:-1]
    return weights * max(1, prod(places))
