"""The two ends of a converted graph, and what its file says of itself: the same for every source.

In front: a picture as XEduHub prepares it for MMEdu's networks, which is what `Workflow(task="mmedu")` feeds to any of them. At
the end: probabilities.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from xmaker_vision.guess import MEAN, STD

from xmaker import MissingDependency, ModelCard, ModelInput
from xmaker_toolbox.convert.sources import Source

OPSET = 13
"""The first with weights in 8 bits per channel, and one that every ONNX Runtime since 1.6 reads: XEduHub's is below 1.16."""
IR_VERSION = 7
"""The file format that belongs to this opset; older programs refuse newer ones, whatever is inside."""


def finish(source: Source, out: Path, made_from: dict[str, Any]) -> tuple[Any, ModelCard]:
    """Finish the source's graph, in place, and return it with its card. Raises ValueError for a graph that is not static."""
    from onnx import checker, helper

    model = source.network
    _require_static(model)
    picture = _begin(model.graph, source.picture)
    _end(model.graph, source.logits)
    card = ModelCard(
        name=out.stem,
        task="classify",
        input=picture,
        output="probs",
        labels={"en": source.labels, "zh": source.labels},
        source=made_from,
        format=source.origin,
        guessed=source.guessed,
    )
    about = {"codebase": "MMCls", "modelname": source.backbone, "classes": source.labels}
    told = {"MODEL_INFO": json.dumps(about)} if source.told is None else source.told  # escaped: so BaseDT reads it
    helper.set_model_props(model, {"xmaker": msgspec.json.encode(card).decode(), **told})
    model.producer_name, model.ir_version, model.graph.name = "xmaker", IR_VERSION, out.stem
    del model.graph.value_info[:]
    checker.check_model(model)
    return model, card


def _require_static(model: Any) -> None:
    """Raise ValueError unless one tensor of a known shape goes in, and scores (1, classes) come out."""
    graph = model.graph
    sides = [[size.dim_value for size in one.type.tensor_type.shape.dim] for one in (*graph.input, *graph.output)]
    if len(sides) != 2 or 0 in sides[0] or len(sides[1]) != 2 or sides[1][0] != 1:
        raise ValueError(f"it goes from {', '.join(map(str, sides[:-1]))} to {sides[-1]}")


def _begin(graph: Any, picture: ModelInput) -> ModelInput:
    """Name the input; where the network was trained with other numbers than ImageNet's, compute them from those."""
    from onnx import helper

    first = graph.input[0]
    old, swapped = first.name, picture.colour == "RGB" and picture.layout == "NCHW"
    if not swapped or (picture.mean, picture.std) == (MEAN, STD):
        _rename(graph, old, "input")
        first.name = "input"
        return picture
    mean, std = (list(given or usual) for given, usual in ((picture.mean, (0.0,) * 3), (picture.std, (1.0,) * 3)))
    factor = [usual / own for usual, own in zip(STD, std, strict=True)]
    offset = [(usual - own) / size for usual, own, size in zip(MEAN, mean, std, strict=True)]
    graph.initializer.extend([_constant("input.factor", factor), _constant("input.offset", offset)])
    nodes = [
        helper.make_node("Mul", ["input", "input.factor"], ["input.scaled"], name="input.Mul"),
        helper.make_node("Add", ["input.scaled", "input.offset"], [old], name="input.Add"),
    ]
    _replace_nodes(graph, [*nodes, *graph.node])
    first.name = "input"
    return msgspec.structs.replace(picture, mean=MEAN, std=STD)


def _end(graph: Any, logits: bool) -> None:
    """Name the output; scores that do not add up to 1 are made to."""
    from onnx import helper

    last = graph.output[0]
    operation = "Softmax" if logits else "Identity"
    along = {"axis": 1} if logits else {}
    graph.node.append(helper.make_node(operation, [last.name], ["probs"], name=f"probs.{operation}", **along))
    last.name = "probs"


def _constant(name: str, values: Iterable[float]) -> Any:
    import numpy as np
    from onnx import numpy_helper

    return numpy_helper.from_array(np.array(list(values), np.float32).reshape(1, -1, 1, 1), name)


def _rename(graph: Any, old: str, new: str) -> None:
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]


def _replace_nodes(graph: Any, nodes: list[Any]) -> None:
    del graph.node[:]
    graph.node.extend(nodes)


def onnx() -> Any:
    """Return the library. Raises MissingDependency."""
    try:
        import onnx as library
    except ModuleNotFoundError:
        raise MissingDependency.of("XM601", library="onnx", command='pip install "xmaker[convert]"') from None
    return library
