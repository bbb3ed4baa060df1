"""Reads a .tflite file: its graph, its labels, and how pictures are prepared for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from xmaker_vision.guess import HALF

from xmaker import MissingDependency, ModelCard, ModelInput, ProjectError
from xmaker_toolbox.convert.finish import OPSET
from xmaker_toolbox.convert.labels import named
from xmaker_toolbox.convert.sources import Asked, Source
from xmaker_toolbox.quantizing.runtime import in_short

INPUT, SCORES = "picture", "scores"


def read(asked: Asked) -> Source:
    """Read a classifier. Raises ProjectError for what is none, or has other operations; MissingDependency."""
    interpreter = _interpreter(asked.path)
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    sides = [int(side) for side in inputs[0]["shape"]]
    if len(inputs) != 1 or len(outputs) != 1 or len(sides) != 4 or sides[0] != 1 or sides[3] != 3:
        said = ", ".join(str([int(side) for side in one["shape"]]) for one in (*inputs, *outputs))
        raise ProjectError.of("XM545", file=asked.path, reason=said)
    kinds = {one["dtype"].__name__ for one in (*inputs, *outputs)}
    if kinds != {"float32"}:
        raise ProjectError.of("XM545", file=asked.path, reason=", ".join(sorted(kinds)))
    card = _card(asked.path)
    picture, guessed, pixels = _picture(card, sides[1], sides[2])
    classes = int(outputs[0]["shape"][-1])
    inside = next(iter(card.labels.values()), []) if card else []
    network, last = _graph(asked.path, classes)
    return Source(
        network=network,
        answer=_answer(interpreter),
        picture=picture,
        labels=named(asked.path, asked.labels, inside, classes),
        origin="TensorFlow Lite",
        logits=last not in ("SOFTMAX", "LOGISTIC"),
        guessed=guessed,
        guessed_pixels=pixels,
    )


def _interpreter(path: Path) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
        from xmaker_audio.quiet import hush
    except ModuleNotFoundError:
        raise MissingDependency.of("XM601", library="ai-edge-litert", command='pip install "xmaker[litert]"') from None
    hush()  # it says that it works
    try:
        interpreter = Interpreter(str(path), num_threads=1)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ProjectError.of("XM499", file=path, reason=in_short(error)) from None
    return interpreter


def _answer(interpreter: Any) -> Callable[[Any], Any]:
    """Return what runs the network in LiteRT: (1, 3, height, width) → (1, classes)."""
    taken, made = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def answer(tensor: Any) -> Any:
        interpreter.set_tensor(taken, tensor.transpose(0, 2, 3, 1))
        interpreter.invoke()
        return interpreter.get_tensor(made).reshape(1, -1).copy()

    return answer


def _card(path: Path) -> ModelCard | None:
    """Return the card beside the file, or what its labels.txt tells; None without either."""
    from xmaker_toolbox.editing.card import read_card

    try:
        return read_card(str(path.absolute()))
    except ProjectError:
        return None


def _picture(card: ModelCard | None, height: int, width: int) -> tuple[ModelInput, list[str], list[str]]:
    """Return how pictures are prepared, the axes as ONNX has them, and what of it and of their numbers was guessed."""
    if card is not None and card.input.mean is not None:
        return msgspec.structs.replace(card.input, layout="NCHW", dtype="float32"), list(card.guessed), []
    size = {"width": width, "height": height}
    made = {**size, "layout": "NCHW", "dtype": "float32", "colour": "RGB", "mean": HALF, "std": HALF}
    return msgspec.convert(made, ModelInput), [], ["RGB, -1 … 1"]


def _graph(path: Path, classes: int) -> tuple[Any, str]:
    """Return the network, (1, 3, height, width) → (1, classes), and its last operation. Raises ProjectError."""
    from onnx import TensorProto, helper

    from xmaker_toolbox.convert.tflite_files.operations import Operations

    made = Operations(path)
    try:
        last = made.convert(INPUT, SCORES)
    except NotImplementedError as error:
        raise ProjectError.of("XM545", file=path, reason=error) from None
    height, width = made.sides
    ends = [
        helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [1, 3, height, width]),
        helper.make_tensor_value_info(SCORES, TensorProto.FLOAT, [1, classes]),
    ]
    graph = helper.make_graph(made.nodes, path.stem, ends[:1], ends[1:], made.weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=7), last
