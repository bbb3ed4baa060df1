"""The network that is to be quantized: its card, and its graph with all that training left taken out."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from shutil import disk_usage
from typing import Any

import msgspec

from xmaker import MissingDependency, ModelCard, ProjectError, read_onnx
from xmaker_toolbox.files import whole
from xmaker_toolbox.quantizing.network import Network
from xmaker_toolbox.quantizing.runtime import hushed, in_short, onnxruntime
from xmaker_toolbox.quantizing.saved import card_of, with_card

INSTALL = 'pip install "xmaker[toolbox]"'
OLDEST = (1, 20)
"""The first version of onnxruntime whose calibrators can be shown pictures a few at a time."""
OPSET = 13
"""The first in which weights can have a scale per channel."""
INTEGERS = ("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger", "QGemm")
ROOM = 6
"""So many times the network's size is written on the way, and removed at the end."""
HALVES = (10, 16)
"""TensorProto.DataType of float16 and bfloat16."""


class OnnxSource(msgspec.Struct):
    """A network as it came."""

    card: ModelCard
    path: Path
    size: int
    sha256: str
    graph: Any
    """onnx.ModelProto: batch 1, opset 13 or later, constants folded, shapes known, every node with a name of its own."""
    prepared: Path
    """The same as a file."""
    metadata: dict[str, str]
    """What the file says of itself: other programs may look for their own entries."""

    @property
    def input(self) -> str:
        """The name of what goes in."""
        return str(self.graph.graph.input[0].name)

    def original(self) -> Network:
        return self.session(self.prepared.read_bytes())

    def session(self, model: bytes) -> Network:
        return Network(model, self.path, self.card.output)

    def file(self, made: Any, name: str, noted: dict[str, Any], accuracy: Sequence[dict[str, Any]] = ()) -> bytes:
        card = card_of(self.card, Path(f"{name}.onnx"), {**noted, "original": self.sha256}, accuracy)
        return with_card(made, card, self.metadata)

    def write(self, made: Any, out: Path, noted: dict[str, Any], accuracy: Sequence[dict[str, Any]]) -> None:
        with whole(out) as part:
            part.write_bytes(self.file(made, out.stem, noted, accuracy))


def libraries() -> None:
    """Import what is compiled. Raises MissingDependency."""
    import cv2  # noqa: F401

    library = onnxruntime()
    if tuple(map(int, library.__version__.split(".")[:2])) < OLDEST:
        raise MissingDependency.of("XM601", library="onnxruntime ≥ 1.20", command=INSTALL)
    try:
        import onnx  # noqa: F401
    except ModuleNotFoundError:
        raise MissingDependency.of("XM601", library="onnx", command=INSTALL) from None


def open_onnx(card: ModelCard, folder: Path) -> OnnxSource:
    """Open a model; `folder` takes what is made on the way. Raises ProjectError, MissingDependency."""
    assert card.path is not None
    libraries()
    import onnx

    try:
        given = onnx.load(str(card.path))
    except Exception as error:  # noqa: BLE001  # protobuf's own, or that a file with weights is not there
        raise ProjectError.of("XM618", file=card.path, reason=in_short(error)) from None
    _refuse_short_numbers(given, card.path)
    if disk_usage(folder).free < ROOM * given.ByteSize():  # the libraries' own words for that lead astray
        raise ProjectError.of("XM491", file=folder)
    try:
        graph = _prepared(given, card, folder)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  # each step of the libraries raises its own
        raise ProjectError.of("XM584", file=card.path, reason=in_short(error)) from None
    told = {entry.key: entry.value for entry in given.metadata_props}
    size, digest = read_onnx(card.path).size, sha256(card.path.read_bytes()).hexdigest()
    return OnnxSource(card, card.path, size, digest, graph, folder / "prepared.onnx", told)


def _refuse_short_numbers(given: Any, path: Path) -> None:
    short = {node.op_type for node in given.graph.node if node.op_type in INTEGERS or node.op_type.startswith("QLinear")}
    if not short and any(tensor.data_type in HALVES for tensor in given.graph.initializer):
        short = {"float16"}
    if short:
        raise ProjectError.of("XM580", file=path, found=", ".join(sorted(short)))


def _prepared(given: Any, card: ModelCard, folder: Path) -> Any:
    """Return the graph with a fixed size, constants folded and batch normalisation taken into the weights."""
    import onnx
    from onnx import version_converter

    library = onnxruntime()
    from onnxruntime.quantization.shape_inference import quant_pre_process
    from onnxruntime.tools.onnx_model_utils import fix_output_shapes, make_input_shape_fixed

    inputs = _forget_weights(given)
    if len(inputs) != 1:
        raise ValueError(f"it takes {len(inputs)} inputs: {', '.join(one.name for one in inputs)}")
    if shape := _shape(card, len(inputs[0].type.tensor_type.shape.dim)):
        make_input_shape_fixed(given.graph, inputs[0].name, shape)
        fix_output_shapes(given)
    version = next((one.version for one in given.opset_import if one.domain in ("", "ai.onnx")), 0)
    if version < OPSET:
        given = version_converter.convert_version(given, OPSET)
    onnx.save(given, str(folder / "given.onnx"))
    library.InferenceSession(str(folder / "given.onnx"), providers=["CPUExecutionProvider"])  # what is wrong, it says best
    with hushed():
        quant_pre_process(str(folder / "given.onnx"), str(folder / "prepared.onnx"), skip_symbolic_shape=True)
    made = onnx.load(str(folder / "prepared.onnx"))
    _name_nodes(made)
    forget_domains(made)
    onnx.save(made, str(folder / "prepared.onnx"))
    return made


def _forget_weights(given: Any) -> list[Any]:
    """Take the weights, which old files list there too, out of the inputs; return the inputs."""
    weights = {tensor.name for tensor in given.graph.initializer}
    inputs = [one for one in given.graph.input if one.name not in weights]
    del given.graph.input[:]
    given.graph.input.extend(inputs)
    return list(given.graph.input)


def _shape(card: ModelCard, sides: int) -> list[int]:
    """Return the shape of the tensor that the card speaks of; [] where it changes with the picture."""
    wanted = card.input
    colours = 1 if wanted.colour.startswith("GREY") else 3
    size = [wanted.height, wanted.width]
    shape = [1, colours, *size] if wanted.layout == "NCHW" else [1, *size, colours]
    return [] if wanted.pad else shape[-sides:]


def _name_nodes(model: Any) -> None:
    """Give every node a name that no other has: layers are left out by name."""
    seen: set[str] = set()
    for number, node in enumerate(model.graph.node):
        if not node.name or node.name in seen:
            node.name = f"{node.op_type}_{number}"
        seen.add(node.name)


def forget_domains(model: Any) -> None:
    """Take out the sets of operations that ONNX Runtime lists and nothing uses: other engines refuse what they do not know."""
    used = {node.domain for node in model.graph.node}
    kept = [one for one in model.opset_import if one.domain in ("", "ai.onnx") or one.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)
