"""The network of a taught model: the part of the shipped one that turns a picture into features, and a head behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from xmaker import ModelCard
from xmaker.protobuf import fields
from xmaker_toolbox.teach.protobuf import FLOAT, UINT8, field, metadata, node, tensor, value_info

FEATURES, SIZE = "/Reshape_output_0", 1280
"""Where the shipped network has its features, just before its own head, and how many there are."""
IMAGE, SIDE = "image", 224
"""Its input: (1, 224, 224, 3) uint8, blue, green, red."""
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
"""What MMEdu and torchvision subtract and divide by: red, green, blue of ImageNet, in units of 0..255."""


class Part(msgspec.Struct):
    """A piece of a network: serialized nodes, weights, inputs and outputs, and the rest of its file (versions, opsets)."""

    nodes: list[bytes]
    weights: list[bytes]
    rest: list[bytes]


def trunk(data: bytes) -> Part:
    """Return what the features depend on. Raises ValueError or IndexError for what is no such file."""
    top = _parts(data)
    graph = next(value for number, value in top if number == 7)
    inside = _parts(_bytes(graph))
    nodes = [(value, *_ends(value)) for number, value in inside if number == 1 and isinstance(value, bytes)]
    needed, kept = {FEATURES}, []
    for value, inputs, outputs in reversed(nodes):  # they stand in the order in which they run
        if needed & outputs:
            needed |= inputs
            kept.append(value)
    if len(kept) < 2:
        raise ValueError(f"no {FEATURES}")
    weights = [_bytes(value) for number, value in inside if number == 5 and _name(_bytes(value)) in needed]
    rest = [field(number, value) for number, value in top if number not in (7, 14)]
    return Part(kept[::-1], weights, rest)


def _parts(data: bytes) -> list[tuple[int, bytes | int]]:
    """Return the fields of a message: each one's number and value."""
    found = fields(data, slice(0, len(data)))
    return [(number, value if isinstance(value, int) else data[value]) for number, value in found]


def _bytes(value: bytes | int) -> bytes:
    if isinstance(value, int):
        raise ValueError
    return value


def _ends(value: bytes) -> tuple[set[str], set[str]]:
    parts = [(number, _bytes(inner).decode()) for number, inner in _parts(value) if number in (1, 2)]
    return {name for number, name in parts if number == 1}, {name for number, name in parts if number == 2}


def _name(weights: bytes) -> str:
    return next((_bytes(inner).decode() for number, inner in _parts(weights) if number == 8), "")


def feature_network(part: Part) -> bytes:
    """Return the network that gives the features of a picture as it is."""
    image = value_info(IMAGE, UINT8, (1, SIDE, SIDE, 3))
    return _file(part, image, value_info(FEATURES, FLOAT, (1, SIZE)), {})


def taught_network(part: Part, weights: Any, bias: Any, card: ModelCard, names: list[str]) -> bytes:
    """Return the whole network. `weights` is (1280, classes) and `bias` (classes,), both float32.

    Its input is a picture as XEduHub prepares it for a MobileNet, (1, 3, 224, 224), normalised; whole numbers are made of it
    again, exactly. It has XMaker's card, and MODEL_INFO as MMEdu writes it.
    """
    import numpy as np

    about = {"codebase": "MMCls", "modelname": "MobileNet", "classes": names}
    said = {"xmaker": msgspec.json.encode(card).decode(), "MODEL_INFO": _ascii(about)}
    first = [
        node("Mul", ["input", "std"], "scaled"),
        node("Add", ["scaled", "mean"], "shifted"),
        node("Gather", ["shifted", "bgr"], "swapped", axis=1),
        node("Transpose", ["swapped"], "nhwc", perm=(0, 2, 3, 1)),
        node("Round", ["nhwc"], "rounded"),
        node("Clip", ["rounded", "lowest", "highest"], "clipped"),
        node("Cast", ["clipped"], IMAGE, to=UINT8),
    ]
    last = [
        node("Gemm", [FEATURES, "head.weight", "head.bias"], "logits"),
        node("Softmax", ["logits"], "probs", axis=1),
    ]
    numbers = {
        "mean": np.array(MEAN, np.float32).reshape(1, 3, 1, 1),
        "std": np.array(STD, np.float32).reshape(1, 3, 1, 1),
        "bgr": np.array([2, 1, 0], np.int64),
        "lowest": np.array(0, np.float32),
        "highest": np.array(255, np.float32),
        "head.weight": np.ascontiguousarray(weights, np.float32),
        "head.bias": np.ascontiguousarray(bias, np.float32),
    }
    made = [tensor(name, array) for name, array in numbers.items()]
    part = Part([*first, *part.nodes, *last], [*part.weights, *made], part.rest)
    picture = value_info("input", FLOAT, (1, 3, SIDE, SIDE))
    return _file(part, picture, value_info("probs", FLOAT, (1, len(names))), said)


def _ascii(about: Mapping[str, Any]) -> str:
    import json  # msgspec does not escape; BaseDT reads it with `unicode_escape`

    return json.dumps(about)


def _file(part: Part, first: bytes, last: bytes, said: Mapping[str, str]) -> bytes:
    """Return a ModelProto (graph 7) around a GraphProto (node 1, name 2, initializer 5, input 11, output 12)."""
    graph = b"".join(
        [
            *(field(1, value) for value in part.nodes),
            field(2, "taught"),
            *(field(5, value) for value in part.weights),
            field(11, first),
            field(12, last),
        ]
    )
    return b"".join([*part.rest, field(7, graph), metadata(said)])
