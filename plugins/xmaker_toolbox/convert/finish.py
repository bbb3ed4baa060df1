"""The two ends of a converted graph, and what its file says of itself: the same for every source.

In front: a picture as XEduHub prepares it for MMEdu's networks, which is what `Workflow(task="mmedu")` feeds to any of them. At
the end: probabilities.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from xmaker_vision.guess import MEAN, STD

from xmaker import MissingDependency, ModelCard, ModelInput
from xmaker_toolbox.convert.merging import merge
from xmaker_toolbox.convert.sources import Source
from xmaker_toolbox.files import PRODUCER
from xmaker_toolbox.quantizing.runtime import in_short, onnxruntime
from xmaker_toolbox.quantizing.source import forget_domains

OPSET = 14
"""The first in which attention can be written; every ONNX Runtime since 1.8 reads it, and XEduHub's is below 1.16. From 13 on
weights can be shortened channel by channel, which quantizing needs."""
IR_VERSION = 7
"""The file format that belongs to this opset; older programs refuse newer ones, whatever is inside."""
LATER = 8
"""The one that belongs to opset 15 and later; ONNX Runtime reads it since 1.11."""
CODEBASES = {"classify": "MMCls", "detect": "MMDet"}
"""Task → whose network XEduHub is to take it for."""
COMPARED = 2
"""How many of a detector's outputs, the last ones, are there only to be compared."""


def finish(source: Source, out: Path, made_from: dict[str, Any]) -> tuple[Any, ModelCard]:
    """Finish the source's graph and return it with its card. Raises ValueError when it is not static, or does not load."""
    from onnx import checker, helper

    detects = source.task == "detect"
    if detects:
        del source.network.graph.output[-COMPARED:]
    model = _folded(source.network)
    if not detects:
        merge(model.graph)
    _require_static(model, len(source.labels), detects)
    picture = _begin(model.graph, source)
    if not detects:
        _end(model.graph, source)
    card = ModelCard(
        name=out.stem,
        task=source.task,
        input=picture,
        output="" if detects else source.output,
        decode={"layout": "mmdet"} if detects else {},
        labels={"en": source.labels, "zh": source.labels},
        source=made_from,
        format=source.origin,
        guessed=source.guessed,
    )
    about = {"codebase": CODEBASES[source.task], "modelname": source.backbone, "classes": source.labels}
    told = {"MODEL_INFO": json.dumps(about)} if source.told is None else source.told  # escaped: so BaseDT reads it
    helper.set_model_props(model, {"xmaker": msgspec.json.encode(card).decode(), **told})
    version = LATER if max(one.version for one in model.opset_import) > OPSET else IR_VERSION
    model.producer_name, model.ir_version, model.graph.name = PRODUCER, version, out.stem
    del model.graph.value_info[:]
    checker.check_model(model)
    return model, card


def _folded(model: Any) -> Any:
    """Return the graph with everything computed that does not depend on the picture: sizes, above all."""
    if not {"Constant", "Shape", "Pad"} & {node.op_type for node in model.graph.node}:
        return model
    from onnx import load

    library = onnxruntime()
    options = library.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = library.GraphOptimizationLevel.ORT_ENABLE_BASIC
    with TemporaryDirectory(prefix="xmaker-") as folder:
        options.optimized_model_filepath = str(Path(folder) / "folded.onnx")
        try:
            library.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001  # its own, and also when there is no room for the file
            raise ValueError(in_short(error)) from None
        folded = load(options.optimized_model_filepath)
    forget_domains(folded)
    return folded


def _require_static(model: Any, classes: int, detects: bool) -> None:
    """Say that scores (1, classes) come out of a classifier. Raises ValueError unless one tensor goes in, whose shape is known,
    and one comes out of a classifier, several of a detector.
    """
    graph = model.graph
    sides = [[size.dim_value for size in one.type.tensor_type.shape.dim] for one in graph.input]
    if len(sides) != 1 or 0 in sides[0] or (len(graph.output) == 1) == detects:
        raise ValueError(f"it takes {', '.join(map(str, sides))} and gives {len(graph.output)} results")
    if detects:  # how many things there are, the picture decides
        return
    shape = graph.output[0].type.tensor_type.shape
    del shape.dim[:]
    for size in (1, classes):
        shape.dim.add().dim_value = size


def _begin(graph: Any, source: Source) -> ModelInput:
    """Name the input; where the network was trained with other numbers than ImageNet's, compute them from those."""
    first, picture = graph.input[0], source.picture
    old, same = first.name, (picture.colour, picture.mean, picture.std) == ("RGB", MEAN, STD)
    if same or source.told is not None or picture.layout != "NCHW" or picture.colour.startswith("GREY"):
        _rename(graph, old, "input")
    else:
        _compute(graph, picture, old)
        picture = msgspec.structs.replace(picture, colour="RGB", mean=MEAN, std=STD)
    first.name = "input"
    return picture


def _compute(graph: Any, picture: ModelInput, old: str) -> None:
    """Put the steps from ImageNet's numbers to the picture's own before a graph: `input` → `old`."""
    from onnx import helper

    turned = picture.colour == "BGR"
    mean, std = (picture.mean or (0.0,) * 3, picture.std or (1.0,) * 3)
    if turned:
        mean, std = mean[::-1], std[::-1]
    scaled, shifted = "input.scaled", "input.shifted" if turned else old
    factor = [usual / own for usual, own in zip(STD, std, strict=True)]
    offset = [(usual - own) / size for usual, own, size in zip(MEAN, mean, std, strict=True)]
    _constant(graph, "input.factor", factor, (1, 3, 1, 1))
    _constant(graph, "input.offset", offset, (1, 3, 1, 1))
    nodes = [
        helper.make_node("Mul", ["input", "input.factor"], [scaled], name="input.Mul"),
        helper.make_node("Add", [scaled, "input.offset"], [shifted], name="input.Add"),
    ]
    if turned:
        _constant(graph, "input.order", [2, 1, 0], (3,))
        nodes.append(helper.make_node("Gather", [shifted, "input.order"], [old], name="input.Gather", axis=1))
    nodes += graph.node
    del graph.node[:]
    graph.node.extend(nodes)


def _end(graph: Any, source: Source) -> None:
    """Name the output; scores that do not add up to 1 are made to."""
    from onnx import helper

    last = graph.output[0]
    operation, along = ("Softmax", {"axis": 1}) if source.logits else ("Identity", {})
    graph.node.append(helper.make_node(operation, [last.name], [source.output], name=f"last.{operation}", **along))
    last.name = source.output


def _constant(graph: Any, name: str, values: Sequence[float], shape: tuple[int, ...]) -> None:
    import numpy as np
    from onnx import numpy_helper

    kind = np.int64 if isinstance(values[0], int) else np.float32
    graph.initializer.append(numpy_helper.from_array(np.array(values, kind).reshape(shape), name))


def _rename(graph: Any, old: str, new: str) -> None:
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]


def onnx() -> Any:
    """Return the library. Raises MissingDependency."""
    try:
        import onnx as library
    except ModuleNotFoundError:
        raise MissingDependency.of("XM601", library="onnx", command='pip install "xmaker[convert]"') from None
    return library
