"""`xmaker.toolbox.fold(…)`: a network that takes a picture's bytes, for what was done to them before, it does itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec
from xmaker_vision.prepare import Preparer

from xmaker import ModelInput, ProjectError
from xmaker_toolbox.convert.compare import pictures
from xmaker_toolbox.editing.answers import MOST, answers, difference
from xmaker_toolbox.editing.network import Network, forget_unused, new_file, open_network, write_network
from xmaker_toolbox.editing.preparing import Steps, preparing
from xmaker_toolbox.progress import Cancelled, Progress, quiet
from xmaker_toolbox.quantizing.runtime import in_short
from xmaker_toolbox.steps import rewriting

OLDEST = 7
"""The first opset in which two tensors of different shapes can be subtracted as here."""
BYTES = "image"
"""The name of the new input; with something added where the network has a tensor of that name."""


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """What came of folding a network."""

    path: Path
    shape: tuple[int | str, ...]
    """Of the new input, uint8; a name or `?` stands for a side that may change."""
    colour: str
    """The order of its colours."""
    steps: tuple[str, ...]
    """The operations that were put in front of the network."""
    difference: float
    """How far the network's answers are from those before, at most; what goes into it is the same, bit for bit."""
    tried: int
    """On how many pictures."""


def fold(model: str | Path, out: str | Path, *, colour: Literal["BGR", "RGB"] = "BGR", progress: Progress = quiet) -> Folded:
    """Write a network that takes (1, height, width, 3) uint8 in this order of colours to the .onnx file `out`.

    Its first steps put the colours and axes into the order that the network wants, subtract and divide: in the same numbers
    and roundings as `use: classifier` and `use: detector` do it. Cutting, resizing and grey stay outside, as the card says.
    Raises ProjectError, and writes nothing, where that cannot be the same bit for bit; MissingDependency without `toolbox`.
    """
    progress(0, rewriting().running)
    network = open_network(str(model))
    target = new_file(out, network.path, "fold")
    wanted = _foldable(network)
    colours = wanted.colour if wanted.colour.startswith("GREY") else colour
    given = msgspec.structs.replace(wanted, layout="NHWC", dtype="uint8", colour=colours, mean=None, std=None)
    if given == wanted:
        raise ProjectError.of("XM561", file=network.path, colour=colours)
    made, steps, apart = _proved(network, wanted, given, progress)
    assert network.card is not None
    network.card = msgspec.structs.replace(network.card, input=given)
    write_network(network, made, target)
    progress(1)
    sides = made.graph.input[0].type.tensor_type.shape.dim
    shape = tuple(side.dim_value or side.dim_param or "?" for side in sides)
    tried = len(pictures())
    return Folded(path=target, shape=shape, colour=given.colour, steps=steps.names, difference=apart, tried=tried)


def _foldable(network: Network) -> ModelInput:
    """Return how pictures are prepared for the network. Raises ProjectError where the graph cannot do it in the same way."""
    inputs = _inputs(network.graph)
    opset = next((one.version for one in network.graph.opset_import if one.domain in ("", "ai.onnx")), 0)
    if network.card is None:
        raise ProjectError.of("XM606", file=network.path, labels=network.path.with_suffix(".txt").name)
    if network.card.input.height == 1 or len(inputs) != 1:
        raise ProjectError.of("XM651", file=network.path, inputs=", ".join(inputs))
    if network.card.input.normalise_first:
        raise ProjectError.of("XM559", file=network.path)
    if opset < OLDEST:
        raise ProjectError.of("XM560", file=network.path, reason=f"opset {opset} < {OLDEST}")
    return network.card.input


def _inputs(model: Any) -> list[str]:
    weights = {tensor.name for tensor in model.graph.initializer}
    return [one.name for one in model.graph.input if one.name not in weights]


def _proved(network: Network, wanted: ModelInput, given: ModelInput, progress: Progress) -> tuple[Any, Steps, float]:
    """Return the new graph, what is in front of it, and how far its answers are from the old ones."""
    try:
        made, steps = _folded(network.graph, wanted, given)
        progress(0.4, rewriting().comparing)
        _require_same_bits(network, wanted, given)
        apart = _compare(network.graph, made, wanted, given)
    except (Cancelled, ProjectError):
        raise
    except Exception as error:  # noqa: BLE001  # each library raises its own
        raise ProjectError.of("XM560", file=network.path, reason=in_short(error)) from None
    if not apart <= MOST:
        raise ProjectError.of("XM562", file=network.path)
    return made, steps, apart


def _folded(model: Any, wanted: ModelInput, given: ModelInput) -> tuple[Any, Steps]:
    """Return a copy of a network with the preparing in front of it, and that."""
    from onnx import TensorProto, helper

    made = type(model)()
    made.CopyFrom(model)
    made.ir_version = max(made.ir_version, 4)  # weights need no longer be listed as inputs
    forget_unused(made)
    graph = made.graph
    first = graph.input[0]
    steps = preparing(_free(BYTES, graph), first.name, wanted, given)
    sides = list(first.type.tensor_type.shape.dim)
    if wanted.layout == "NCHW":
        sides = [sides[axis] for axis in (0, 2, 3, 1)]
    shape = [side.dim_value or side.dim_param or None for side in sides]
    first.CopyFrom(helper.make_tensor_value_info(steps.start, TensorProto.UINT8, shape))
    behind = [type(node).FromString(node.SerializeToString()) for node in graph.node]
    del graph.node[:]
    graph.node.extend([*steps.nodes, *behind])
    graph.initializer.extend(steps.weights)
    return made, steps


def _free(name: str, graph: Any) -> str:
    taken = {one for node in graph.node for one in (*node.input, *node.output)} | {one.name for one in graph.initializer}
    while name in taken:
        name += "_bytes"
    return name


def _require_same_bits(network: Network, wanted: ModelInput, given: ModelInput) -> None:
    """Raise ProjectError unless the new steps alone give the tensors of XMaker's own preparing, bit for bit."""
    from onnx import TensorProto, helper

    kinds = {"uint8": TensorProto.UINT8, "float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16}
    steps = preparing("given", "made", wanted, given)
    ends = [
        helper.make_tensor_value_info(name, kinds[kind], [None] * 4)
        for name, kind in (("given", "uint8"), ("made", wanted.dtype))
    ]
    graph = helper.make_graph(steps.nodes, "preparing", ends[:1], ends[1:], steps.weights)
    opset, version = list(network.graph.opset_import), max(network.graph.ir_version, 4)
    alone = helper.make_model(graph, opset_imports=opset, ir_version=version).SerializeToString()
    raw, ready = Preparer(given), Preparer(wanted)
    images = pictures()
    found = answers(alone, [{"given": raw.tensor(image).copy()} for image in images])
    for image, (tensor,) in zip(images, found, strict=True):
        if tensor.tobytes() != ready.tensor(image).tobytes():
            raise ProjectError.of("XM562", file=network.path)


def _compare(before: Any, after: Any, wanted: ModelInput, given: ModelInput) -> float:
    """Return how far the answers of the new network are from those of the old."""
    old, new = _inputs(before)[0], _inputs(after)[0]
    raw, ready = Preparer(given), Preparer(wanted)
    right = answers(before.SerializeToString(), [{old: ready.tensor(image).copy()} for image in pictures()])
    found = answers(after.SerializeToString(), [{new: raw.tensor(image).copy()} for image in pictures()])
    return difference(right, found)
