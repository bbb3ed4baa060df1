"""A .tflite file as Google's ai-edge-quantizer takes it: older ones lack two things that it reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

KEY, INPUT, OUTPUT = "serving_default", "input", "output"
"""What the signature is called, its input, and the start of its outputs' names."""


def readable(path: Path, folder: Path) -> Path:
    """Return the file, or a copy in `folder` that also says what the quantizer asks for.

    Files of TensorFlow before 2.4 give their operations by one byte alone: the quantizer takes all of them for additions, and
    weights for answers. And a file without a signature it cannot run.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(path.read_bytes())
    codes = [(one, max(one.builtinCode, one.deprecatedBuiltinCode)) for one in model.operatorCodes or []]
    if model.signatureDefs and all(one.builtinCode == code for one, code in codes):
        return path
    for one, code in codes:
        one.builtinCode = code
    model.signatureDefs = model.signatureDefs or [_signature(schema, model.subgraphs[0])]
    builder = flatbuffers.Builder(path.stat().st_size)
    builder.Finish(model.Pack(builder), b"TFL3")
    copy = folder / "readable.tflite"
    copy.write_bytes(builder.Output())
    return copy


def _signature(schema: Any, graph: Any) -> Any:
    """Return names for what goes into a graph and comes out of it."""
    made = schema.SignatureDefT()
    made.signatureKey, made.subgraphIndex = KEY, 0
    made.inputs = [_named(schema, INPUT, graph.inputs[0])]
    made.outputs = [_named(schema, f"{OUTPUT}{number}", index) for number, index in enumerate(graph.outputs)]
    return made


def _named(schema: Any, name: str, index: int) -> Any:
    made = schema.TensorMapT()
    made.name, made.tensorIndex = name, int(index)
    return made
