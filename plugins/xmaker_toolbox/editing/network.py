"""A network in an .onnx file that is to be changed, and the file that becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from xmaker import MissingDependency, ModelCard, Plugins, ProjectError, read_onnx
from xmaker_toolbox.files import PRODUCER, require_own, whole
from xmaker_toolbox.quantizing.runtime import in_short
from xmaker_toolbox.quantizing.saved import card_of, said

INSTALL = 'pip install "xmaker[toolbox]"'
NO_CARD = ("XM606", "XM650", "XM651")
"""What is said of files that nobody knows how to show pictures to; their graphs can be changed all the same."""


class Network(msgspec.Struct):
    """A network as it came."""

    path: Path
    graph: Any
    """onnx.ModelProto, with the weights that lie in other files."""
    card: ModelCard | None
    size: int
    """Bytes on disk."""


def onnx() -> Any:
    """Return the library. Raises MissingDependency."""
    try:
        import onnx as library
    except ModuleNotFoundError:
        raise MissingDependency.of("XM601", library="onnx", command=INSTALL) from None
    return library


def new_file(out: str | Path, original: Path, command: str) -> Path:
    """Return the file to write. Raises ProjectError when it is the original, or no .onnx file."""
    target = Path(out).expanduser()
    if target.suffix.lower() != ".onnx" or (target.exists() and target.samefile(original)):
        raise ProjectError.of("XM552", file=target, command=command, name=original.stem)
    require_own(target)
    return target


def open_network(model: str) -> Network:
    """Open a name of the catalog or an .onnx file, with a card or without one. Raises ProjectError, MissingDependency."""
    card = _card_of(model)
    path = card.path if card and card.path else Path(model).expanduser()
    if path.suffix.lower() != ".onnx":
        raise ProjectError.of("XM553", file=path)
    library = onnx()
    file = read_onnx(path)
    if file.missing:
        raise ProjectError.of("XM652", file=path, missing=", ".join(file.missing))
    try:
        graph = library.load(str(path))
    except Exception as error:  # noqa: BLE001  # protobuf's own
        raise ProjectError.of("XM618", file=path, reason=in_short(error)) from None
    return Network(path, graph, card, file.size)


def _card_of(model: str) -> ModelCard | None:
    try:
        return Plugins.load().model(model, Path.cwd())
    except ProjectError as error:
        if error.code in NO_CARD:
            return None
        raise


def write_network(network: Network, graph: Any, out: Path) -> None:
    """Write a graph with the card of `network`, whose `input` may be another by now, and all that its file said of itself."""
    told = {entry.key: entry.value for entry in network.graph.metadata_props}
    if card := network.card:
        own = card_of(card, out, card.calibration, card.accuracy)
        told["xmaker"] = msgspec.json.encode(said(own)).decode()
    onnx().helper.set_model_props(graph, told)
    graph.producer_name = PRODUCER
    with whole(out) as part:
        part.write_bytes(graph.SerializeToString(deterministic=True))


def graphs(graph: Any) -> Iterator[Any]:
    """Yield a GraphProto and those inside its nodes (If, Loop)."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs) if attribute.HasField("g") or attribute.graphs else ():
                yield from graphs(inner)


def forget_unused(model: Any) -> None:
    """Take out what is only noted: shapes in between, weights that nothing reads, weights listed as inputs (old files)."""
    every = list(graphs(model.graph))
    used = {name for graph in every for node in graph.node for name in node.input}
    used |= {one.name for graph in every for one in graph.output}
    for graph in every:
        _keep(graph.initializer, [tensor for tensor in graph.initializer if tensor.name in used])
        del graph.value_info[:]
    weights = {tensor.name for tensor in model.graph.initializer}
    if model.ir_version > 3:  # before, they had to be listed
        _keep(model.graph.input, [one for one in model.graph.input if one.name not in weights])
    domains = {node.domain for graph in every for node in graph.node} | {"", "ai.onnx"}
    _keep(model.opset_import, [one for one in model.opset_import if one.domain in domains])


def _keep(field: Any, kept: list[Any]) -> None:
    """Let a repeated field hold only these of its messages."""
    copies = [type(one).FromString(one.SerializeToString()) for one in kept]
    del field[:]
    field.extend(copies)
