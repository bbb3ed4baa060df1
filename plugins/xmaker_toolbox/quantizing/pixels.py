"""A network that takes a camera's bytes keeps them: as they are, they are the first layer's 8-bit numbers."""

from __future__ import annotations

from typing import Any

import msgspec

EXACT = 1e-3
"""How far from a whole number the value of black may lie."""


class Pixels(msgspec.Struct, frozen=True):
    """The way from a uint8 picture to what the first layer takes: number = (byte - zero) * scale."""

    taken: str
    """The tensor that holds the bytes, as the layer wants them laid out."""
    made: str
    """The tensor that holds the numbers."""
    scale: float
    zero: int
    nodes: tuple[str, ...]
    """The nodes on the way."""


def find_pixels(model: Any) -> Pixels | None:
    """Return the way; None where the network takes no bytes, or no such numbers."""
    from onnx import TensorProto

    given = model.graph.input[0]
    if given.type.tensor_type.elem_type != TensorProto.UINT8:
        return None
    readers: dict[str, list[Any]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    constants = _constants(model)
    name, taken, scale, offset, nodes = given.name, "", 1.0, 0.0, list[str]()
    while len(found := readers.get(name, [])) == 1:
        node = found[0]
        if node.op_type == "Cast" and not taken:
            taken = name
        elif (step := _step(node, name, constants)) and taken:
            scale, offset = scale * step[0], offset * step[0] + step[1]
        elif node.op_type != "Transpose" or taken:
            break
        nodes += [node.name] if taken else []
        name = node.output[0]
    zero = round(-offset / scale) if scale > 0 else -1
    exact = taken and 0 <= zero <= 255 and abs(zero + offset / scale) < EXACT
    return Pixels(taken, name, scale, zero, tuple(nodes)) if exact else None


def keep_bytes(model: Any, pixels: Pixels) -> None:
    """Let a quantized graph read the bytes themselves, instead of turning them into numbers and back."""
    graph = model.graph
    back = next((node for node in graph.node if node.op_type == "QuantizeLinear" and node.input[0] == pixels.made), None)
    others = {node.name for node in graph.node if pixels.made in node.input} - {back.name if back else ""}
    if back is None or others:  # floats are wanted, too
        return
    for node in graph.node:
        node.input[:] = [pixels.taken if name == back.output[0] else name for name in node.input]
    kept = [node for node in graph.node if node.name not in (*pixels.nodes, back.name)]
    del graph.node[:]
    graph.node.extend(kept)
    used = {name for node in kept for name in node.input}
    weights = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(weights)


def _constants(model: Any) -> dict[str, float]:
    """Return the weights that are a single number."""
    from onnx import numpy_helper

    single = [tensor for tensor in model.graph.initializer if all(size == 1 for size in tensor.dims)]
    return {tensor.name: float(numpy_helper.to_array(tensor).reshape(-1)[0]) for tensor in single}


def _step(node: Any, name: str, constants: dict[str, float]) -> tuple[float, float] | None:
    """Return what a node multiplies with, and adds then; None when it does something else."""
    others = [constants[other] for other in node.input if other != name and other in constants]
    if len(node.input) != 2 or len(others) != 1:
        return None
    number, first = others[0], node.input[0] == name
    if node.op_type == "Mul" or (node.op_type == "Div" and first and number):
        return (number, 0.0) if node.op_type == "Mul" else (1 / number, 0.0)
    if node.op_type == "Add" or (node.op_type == "Sub" and first):
        return (1.0, number) if node.op_type == "Add" else (1.0, -number)
    return None
