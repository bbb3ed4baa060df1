"""Networks whose weights alone are in 8 bits, and networks in floats of 16 bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xmaker_toolbox.quantizing.runtime import hushed, onnxruntime


def dynamic(prepared: Path) -> Any:
    """Return a graph (its file is given) with weights in 8 bits, whose other numbers are measured anew for each picture."""
    onnxruntime()
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    made = prepared.with_name("dynamic.onnx")
    with hushed():  # U8 weights: the kernel of dynamic convolutions takes no others
        quantize_dynamic(prepared, made, per_channel=False, weight_type=QuantType.QUInt8)
    return onnx.load(str(made))


def halves(graph: Any) -> Any:
    """Return a copy of an onnx.ModelProto in floats of 16 bits; what goes in and comes out stays as it was."""
    onnxruntime()
    from onnx import ModelProto
    from onnxruntime.transformers.float16 import convert_float_to_float16

    copy = ModelProto()
    copy.CopyFrom(graph)
    with hushed():
        return convert_float_to_float16(copy, keep_io_types=True)
