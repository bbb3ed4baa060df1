"""Makes one step of a convolution and the sums and products after it that are the same for every picture.

Keras writes down a normalisation as three such steps: they cost time, and what quantizes a graph does not see through them.
"""

from __future__ import annotations

from typing import Any

STEPS = ("Add", "Sub", "Mul")
Parts = tuple[Any, Any]
"""A convolution's weights, and what it adds, as float64."""


def merge(graph: Any) -> None:
    """Change a graph so that its convolutions have the constants after them in their own weights."""
    stored, takers = {one.name: one for one in graph.initializer}, dict[str, list[Any]]()
    for node in graph.node:
        for name in node.input:
            takers.setdefault(name, []).append(node)
    for end in graph.output:
        takers.setdefault(end.name, []).append(None)
    gone = list[Any]()
    for conv in graph.node:
        if conv.op_type == "Conv" and all(name in stored for name in conv.input[1:]):
            parts: Parts | None = None
            while found := _merged(conv, parts or _parts(conv, stored), takers[conv.output[0]], stored):
                parts, step = found
                conv.output[0] = step.output[0]
                gone.append(step)
            if parts:
                _store(graph, conv, parts)
    for node in gone:
        graph.node.remove(node)
    used = {name for node in graph.node for name in node.input}
    for one in [one for one in graph.initializer if one.name not in used]:
        graph.initializer.remove(one)


def _parts(conv: Any, stored: dict[str, Any]) -> Parts:
    import numpy as np
    from onnx import numpy_helper

    weights, *bias = (numpy_helper.to_array(stored[name]).astype(np.float64) for name in conv.input[1:])
    return weights, bias[0] if bias else np.zeros(len(weights))


def _merged(conv: Any, parts: Parts, takers: list[Any], stored: dict[str, Any]) -> tuple[Parts, Any] | None:
    """Return the weights with the step after a convolution in them, and the step; None when there is none that can be."""
    import numpy as np
    from onnx import numpy_helper

    weights, bias = parts
    if len(takers) != 1 or takers[0] is None or takers[0].op_type not in STEPS:
        return None
    step = takers[0]
    other = [name for name in step.input if name != conv.output[0]]
    if len(other) != 1 or other[0] not in stored or (step.op_type == "Sub" and step.input[0] in stored):
        return None
    number = numpy_helper.to_array(stored[other[0]]).astype(np.float64)
    sides = weights.ndim - 1  # after the batch: the channels, and the picture's
    if number.size != 1 and (number.ndim < sides or number.shape[-sides:] != (len(weights), *[1] * (sides - 1))):
        return None  # another one for each place of the picture
    each = np.broadcast_to(number.reshape(-1), len(weights))
    if step.op_type == "Mul":
        return (weights * each.reshape(-1, *[1] * sides), bias * each), step
    return (weights, bias + each if step.op_type == "Add" else bias - each), step


def _store(graph: Any, conv: Any, parts: Parts) -> None:
    import numpy as np
    from onnx import numpy_helper

    for name, part in zip(("weight", "bias"), parts, strict=True):
        stored = numpy_helper.from_array(np.ascontiguousarray(part, np.float32), f"{conv.output[0]}.{name}")
        graph.initializer.append(stored)
    conv.input[1:] = [f"{conv.output[0]}.weight", f"{conv.output[0]}.bias"]
