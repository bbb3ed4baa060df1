"""The end of the graphs: the best candidates of all, as boxes in pixels of the input, their scores and their labels.

Of 19,206 places with 80 scores each only a few hundred can matter. Finding them here costs a tenth of what numpy needs,
and the boxes of the others are never worked out.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from xmaker_objects.build_graph import TO_NHWC, Converter, Graph

FloatArray = NDArray[np.float32]
SIZE, ANCHORS, KINDS = 320, 9, 90
LEVELS = [(stride, -(-SIZE // stride)) for stride in (8, 16, 32, 64, 128)]
"""EfficientDet's levels: pixels from one place to the next, and places in a row."""
UNNAMED = frozenset({11, 25, 28, 29, 44, 65, 67, 68, 70, 82})
"""COCO has 80 kinds of things with numbers up to 90; these numbers stand for nothing."""
FACE_SIZE, FACE_LEVELS = 128, ((16, 2), (8, 6))
"""BlazeFace's input, and its levels: places in a row, and anchors at each."""

Answers = dict[str, str]
"""Output → the value that it shows."""


def best_objects(converter: Converter, count: int) -> Answers:
    """End EfficientDet. The score of a place is that of its best kind; it is looked for among bytes, before the sigmoid."""
    graph, kinds = converter.graph, KINDS - len(UNNAMED)
    for head in converter.heads(0):
        keep_channels(graph, head, [number for number in range(ANCHORS * KINDS) if number % KINDS not in UNNAMED])
    scores, boxes = rows(graph, converter.heads(0), kinds), rows(graph, converter.heads(1), 4)
    highest = graph.add("ReduceMax", scores, axes=[1], keepdims=0)
    best = best_of(graph, graph.add("Cast", highest, to=TensorProto.FLOAT), count)
    score = converter.sigmoid(converter.floats(graph.add("Gather", highest, best), 0), 0)
    label = graph.add("ArgMax", graph.add("Gather", scores, best), axis=1, keepdims=0)
    place, anchor = graph.add("Div", best, ints(graph, ANCHORS)), graph.add("Mod", best, ints(graph, ANCHORS))
    dy, dx, dh, dw = columns(graph, converter.floats(graph.add("Gather", boxes, best), 1), 4)
    stride = looked_up(graph, strides(), place)
    height, width = (graph.add("Mul", looked_up(graph, sides, anchor), stride) for sides in anchor_sides())
    y, x = (looked_up(graph, centre, place) for centre in centres())
    middle = [graph.add("Add", graph.add("Mul", move, side), at) for move, side, at in ((dx, width, x), (dy, height, y))]
    size = [graph.add("Mul", graph.add("Exp", growth), side) for growth, side in ((dw, width), (dh, height))]
    return {"boxes": corners(graph, middle, size), "scores": score, "labels": label}


def best_faces(converter: Converter, count: int) -> Answers:
    """End BlazeFace. Its boxes are in pixels already, from the centre of their place; eyes, nose and mouth are left out."""
    graph = converter.graph
    offsets, logits = converter.outputs
    flat = graph.add("Reshape", logits, ints(graph, -1))
    best = best_of(graph, flat, count)
    score = graph.add("Sigmoid", graph.add("Gather", flat, best))
    dx, dy, *size = columns(graph, graph.add("Gather", graph.add("Reshape", offsets, ints(graph, -1, 16)), best), 4)
    middle = [graph.add("Add", move, looked_up(graph, at, best)) for move, at in zip((dx, dy), face_centres(), strict=True)]
    return {"boxes": corners(graph, middle, size), "scores": score, "labels": graph.add("Mul", best, ints(graph, 0))}


def keep_channels(graph: Graph, head: str, channels: list[int]) -> None:
    """Take channels away from the convolution that a head comes from."""
    makers = {node.output[0]: node for node in graph.nodes}
    node = makers[head]
    while node.op_type != "Conv":
        node = makers[node.input[0]]
    names = [name for part in node.input[1:] for name in (makers[part].input if part in makers else [part])]
    for constant in graph.constants:
        if constant.name in names and constant.dims[0] == ANCHORS * KINDS:  # levels share their weights: once is enough
            constant.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(constant)[channels], constant.name))


def rows(graph: Graph, heads: Iterable[str], length: int) -> str:
    """Return the heads of all levels below one another, a row for each anchor of each place."""
    turned = (graph.add("Transpose", head, perm=TO_NHWC) for head in heads)
    return graph.add("Concat", *(graph.add("Reshape", head, ints(graph, -1, length)) for head in turned), axis=0)


def best_of(graph: Graph, scores: str, count: int) -> str:
    """Return where the highest scores are, the best first."""
    graph.add("TopK", scores, ints(graph, count), outputs=2)
    return str(graph.nodes[-1].output[1])


def columns(graph: Graph, table: str, count: int) -> list[str]:
    """Return the first columns of a table, one by one."""
    return [graph.add("Gather", table, graph.constant(np.int64(number)), axis=1) for number in range(count)]


def corners(graph: Graph, middle: list[str], size: list[str]) -> str:
    """Return boxes [count, 4] as left, top, right, bottom."""
    half = [graph.add("Mul", side, graph.constant(np.float32(0.5))) for side in size]
    ends = [graph.add(how, at, side) for how in ("Sub", "Add") for at, side in zip(middle, half, strict=True)]
    return graph.add("Concat", *(graph.add("Unsqueeze", end, ints(graph, 1)) for end in ends), axis=1)


def looked_up(graph: Graph, table: FloatArray, index: str) -> str:
    return graph.add("Gather", graph.constant(table.astype(np.float32)), index)


def ints(graph: Graph, *numbers: int) -> str:
    return graph.constant(np.array(numbers, np.int64))


def strides() -> FloatArray:
    """Return for each place how far it is to the next one, in pixels."""
    return np.concatenate([np.full(side * side, stride, np.float32) for stride, side in LEVELS])


def centres() -> tuple[FloatArray, FloatArray]:
    """Return the y and x of each place's centre, in pixels."""
    grids = [np.mgrid[:side, :side].reshape(2, -1) * stride + stride / 2 for stride, side in LEVELS]
    y, x = np.concatenate(grids, axis=1)
    return y, x


def anchor_sides() -> tuple[FloatArray, FloatArray]:
    """Return the heights and widths of the nine anchors, in strides (EfficientDet-Lite: three sizes, each in three shapes)."""
    sizes, shapes = np.repeat(3.0 * 2.0 ** (np.arange(3) / 3), 3), np.tile(np.sqrt([1.0, 2.0, 0.5]), 3)
    return sizes / shapes, sizes * shapes


def face_centres() -> tuple[FloatArray, FloatArray]:
    """Return the x and y of each of BlazeFace's 896 anchors, in pixels."""
    grids = [
        np.repeat((np.mgrid[:side, :side].reshape(2, -1) + 0.5) * FACE_SIZE / side, each, axis=1) for side, each in FACE_LEVELS
    ]
    y, x = np.concatenate(grids, axis=1)
    return x, y
