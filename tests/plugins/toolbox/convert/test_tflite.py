"""`xmaker model convert` of a .tflite file: the same scores in ONNX, or a message and no file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from xmaker_catalog.download import bring
from xmaker_catalog.entry import known
from xmaker_toolbox.convert.run import convert
from xmaker_toolbox.nodes import opened

from tests.conftest import Run
from tests.plugins.toolbox.quantizing.networks import made, write_tflite
from xmaker import Frame, Plugins, ProjectError, XMakerError

schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
CODES, OPTIONS = schema.BuiltinOperator, schema.BuiltinOptions
RED = np.full((40, 40, 3), (20, 30, 250), np.uint8)
Step = tuple[str, list[Any], list[int], str, dict[str, Any]]
"""Operation, inputs (a step's number, -1 for the picture, or an array), shape of its result, kind of options, options."""


def write(path: Path, steps: list[Step], side: int = 8) -> Path:
    """Write a .tflite file of these steps; the last one's result comes out."""
    import flatbuffers

    model, graph = made(schema.ModelT, version=3), made(schema.SubGraphT, inputs=[0], outputs=[len(steps)])
    graph.tensors = [made(schema.TensorT, name="t0", shape=[1, side, side, 3], buffer=0)]
    graph.tensors += [made(schema.TensorT, name=f"t{n + 1}", shape=one[2], buffer=0) for n, one in enumerate(steps)]
    model.buffers, model.operatorCodes, graph.operators = [made(schema.BufferT)], [], []
    for number, (name, takes, _, kind, options) in enumerate(steps):
        inputs = [one + 1 if isinstance(one, int) else _store(model, graph, one) for one in takes]
        code = getattr(CODES, name)
        model.operatorCodes.append(
            made(schema.OperatorCodeT, builtinCode=code, deprecatedBuiltinCode=min(code, 127), version=1)
        )
        step = made(schema.OperatorT, opcodeIndex=number, inputs=inputs, outputs=[number + 1])
        if kind:
            step.builtinOptionsType, step.builtinOptions = getattr(OPTIONS, kind), made(getattr(schema, f"{kind}T"), **options)
        graph.operators.append(step)
    model.subgraphs, model.signatureDefs = [graph], []
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


def _store(model: Any, graph: Any, array: Any) -> int:
    kinds = {"float32": 0, "float16": 1, "int32": 2, "int8": 9}
    model.buffers.append(made(schema.BufferT, data=np.frombuffer(array.tobytes(), np.uint8)))
    tensor = made(schema.TensorT, name=f"c{len(graph.tensors)}", shape=[*array.shape], buffer=len(model.buffers) - 1)
    tensor.type = kinds[array.dtype.name]
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def network(random: np.random.Generator) -> list[Step]:
    """Return a network with every operation that is read, once at least."""

    def weights(*shape: int) -> Any:
        return random.normal(0, 0.5, shape).astype(np.float32)

    conv = {"strideH": 2, "strideW": 2, "padding": 0}
    wide = {"strideH": 1, "strideW": 1, "padding": 0, "dilationHFactor": 2, "dilationWFactor": 2, "depthMultiplier": 1}
    pool = {"strideH": 1, "strideW": 1, "filterHeight": 2, "filterWidth": 2, "padding": 0}
    return [
        ("PAD", [-1, np.array([[0, 0], [1, 0], [0, 1], [0, 0]], np.int32)], [1, 9, 9, 3], "PadOptions", {}),
        ("DEQUANTIZE", [weights(4, 3, 3, 3).astype(np.float16)], [4, 3, 3, 3], "DequantizeOptions", {}),
        ("CONV_2D", [0, 1, weights(4)], [1, 5, 5, 4], "Conv2DOptions", {**conv, "fusedActivationFunction": 3}),
        ("DEPTHWISE_CONV_2D", [2, weights(1, 3, 3, 4), weights(4)], [1, 5, 5, 4], "DepthwiseConv2DOptions", wide),
        ("HARD_SWISH", [3], [1, 5, 5, 4], "HardSwishOptions", {}),
        ("ADD", [4, 2], [1, 5, 5, 4], "AddOptions", {"fusedActivationFunction": 1}),
        ("MUL", [5, weights(4)], [1, 5, 5, 4], "MulOptions", {}),
        ("AVERAGE_POOL_2D", [6], [1, 5, 5, 4], "Pool2DOptions", pool),
        ("MAX_POOL_2D", [6], [1, 5, 5, 4], "Pool2DOptions", pool),
        ("CONCATENATION", [7, 8], [1, 5, 5, 8], "ConcatenationOptions", {"axis": 3}),
        ("LOGISTIC", [9], [1, 5, 5, 8], "", {}),
        ("MEAN", [10, np.array([1, 2], np.int32)], [1, 1, 1, 8], "ReducerOptions", {"keepDims": True}),
        ("RESHAPE", [11, np.array([1, 8], np.int32)], [1, 8], "ReshapeOptions", {"newShape": [1, 8]}),
        ("FULLY_CONNECTED", [12, weights(3, 8), weights(3)], [1, 3], "FullyConnectedOptions", {}),
        ("SOFTMAX", [13], [1, 3], "SoftmaxOptions", {"beta": 1.0}),
    ]


LABELS = ["cat", "dog", "other"]


@pytest.mark.parametrize("seed", range(4))
def test_every_operation_gives_the_same(seed: int, tmp_path: Path) -> None:
    source = write(tmp_path / "net.tflite", network(np.random.default_rng(seed)))
    done = convert(source, tmp_path / "net.onnx", labels=LABELS)
    assert done.difference < 1e-5 and done.labels == LABELS
    assert done.guessed  # how pictures are prepared, nobody says
    picture = Plugins.load().model(str(done.path), tmp_path).input
    assert (picture.layout, picture.width, picture.height, picture.colour) == ("NCHW", 8, 8, "RGB")


def test_the_card_beside_says_the_labels_and_how_pictures_are_prepared(tmp_path: Path) -> None:
    write_tflite(tmp_path / "colours.tflite")
    done = convert(tmp_path / "colours.tflite", tmp_path / "new/colours.onnx")
    assert done.difference < 1e-5 and not done.guessed
    assert "Softmax" in {node.op_type for node in onnx.load(done.path).graph.node}  # the source gave logits
    with opened(Plugins.load(), "classifier", model=str(done.path)) as node:
        label = node.run(Frame(RED))
    assert label.label == "red" and label.score > 0.5


def test_labels_beside_are_those_of_teachable_machine(tmp_path: Path) -> None:
    source = write(tmp_path / "model_unquant.tflite", network(np.random.default_rng(0)))
    (tmp_path / "labels.txt").write_text("0 猫\n1 狗\n2 其他\n", encoding="utf-8")
    assert convert(source, tmp_path / "net.onnx").labels == ["猫", "狗", "其他"]


def unknown(steps: list[Step]) -> None:
    steps[4] = ("ELU", [3], [1, 5, 5, 4], "", {})


def weights_of_8_bits(steps: list[Step]) -> None:
    name, takes, *rest = steps[13]
    steps[13] = (name, [takes[0], np.ones((3, 8), np.int8), takes[2]], *rest)  # type: ignore[assignment]


@pytest.mark.parametrize("change, reason", [(unknown, "ELU"), (weights_of_8_bits, None)])
def test_what_is_not_known_is_told_of(change: Callable[[list[Step]], None], reason: str | None, tmp_path: Path) -> None:
    steps = network(np.random.default_rng(0))
    change(steps)
    source = write(tmp_path / "net.tflite", steps)
    with pytest.raises(ProjectError, match=reason) as caught:
        convert(source, tmp_path / "net.onnx", labels=LABELS)
    assert caught.value.code in ("XM545", "XM499")  # LiteRT itself may refuse it
    assert [path.name for path in tmp_path.iterdir()] == ["net.tflite"]


def test_without_labels_or_with_a_damaged_file_nothing_is_written(tmp_path: Path, xmaker: Run) -> None:
    source = write(tmp_path / "net.tflite", network(np.random.default_rng(0)))
    ran = xmaker("model", "convert", source, tmp_path / "net.onnx")
    assert ran.code == 1 and "XM536" in ran.err
    (tmp_path / "bad.tflite").write_bytes(source.read_bytes()[:200])
    ran = xmaker("model", "convert", tmp_path / "bad.tflite", tmp_path / "net.onnx")
    assert ran.code == 1 and "XM499" in ran.err and "torch" not in ran.err
    assert not (tmp_path / "net.onnx").exists()


def test_the_command_converts(tmp_path: Path, xmaker: Run) -> None:
    source = write(tmp_path / "net.tflite", network(np.random.default_rng(0)))
    (tmp_path / "labels.txt").write_text("\n".join(LABELS))
    ran = xmaker("model", "convert", source, tmp_path / "net.onnx", "--labels", tmp_path / "labels.txt")
    assert ran.code == 0 and "TensorFlow Lite → " in ran.out and "3 labels" in ran.out
    assert "3: cat, dog, other" in xmaker("model", "info", tmp_path / "net.onnx").out


@pytest.mark.slow
def test_a_real_network_gives_the_same(tmp_path: Path) -> None:
    """EfficientNet-Lite0, which `xmaker model get imagenet-float` brings: that needs the network."""
    try:
        folder = bring(known()["imagenet-float"], tmp_path, lambda here: None)
    except XMakerError as error:
        pytest.skip(str(error))
    done = convert(folder / "efficientnet_lite0.tflite", tmp_path / "net.onnx")
    assert done.difference < 1e-5 and len(done.labels) == 1000
