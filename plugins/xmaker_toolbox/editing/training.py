"""What training leaves in a network that is only used from now on: dropout, and batch normalisation that still learns."""

from __future__ import annotations

from collections import Counter
from typing import Any

from xmaker_toolbox.editing.network import graphs


def stop_training(model: Any) -> Counter[str]:
    """Let each dropout pass everything on and each batch normalisation use what it has learnt, in place.

    Returns how many were at training, by operation: their network's answers were not those of one that is used.
    """
    trained: Counter[str] = Counter()
    for graph in graphs(model.graph):
        read = {name for node in graph.node for name in node.input} | {one.name for one in graph.output}
        truths = _truths(graph)
        for node in graph.node:
            if node.op_type not in ("Dropout", "BatchNormalization") or any(name in read for name in node.output[1:]):
                continue
            if _trains(node, truths):
                trained[node.op_type] += 1
            del node.output[1:]
            if node.op_type == "Dropout":
                node.op_type = "Identity"
                del node.input[1:], node.attribute[:]
            else:
                _set_attribute(node)
    return trained


def _trains(node: Any, truths: dict[str, bool]) -> bool:
    """Whether a node is at training: in opsets since 12 and 14 it says so, before that one sees it by its outputs."""
    if node.op_type == "Dropout":
        return len(node.input) > 2 and bool(node.input[2]) and truths.get(node.input[2], True)
    return len(node.output) > 1 or any(one.name == "training_mode" and one.i for one in node.attribute)


def _set_attribute(node: Any) -> None:
    kept = [one for one in node.attribute if one.name != "training_mode"]
    copies = [type(one).FromString(one.SerializeToString()) for one in kept]
    del node.attribute[:]
    node.attribute.extend(copies)


def _truths(graph: Any) -> dict[str, bool]:
    """Return the constants of a graph that are a single yes or no."""
    from onnx import numpy_helper

    found = {tensor.name: tensor for tensor in graph.initializer}
    found |= {node.output[0]: node.attribute[0].t for node in graph.node if node.op_type == "Constant" and node.attribute}
    return {name: bool(numpy_helper.to_array(one)) for name, one in found.items() if one.data_type == 9 and not one.dims}
