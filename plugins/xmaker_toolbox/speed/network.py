"""What a network's file is: how large with its weights, and whether it calculates in floats or in bytes."""

from __future__ import annotations

import re
from pathlib import Path

from xmaker import read_onnx

ENDINGS = {"_int8": "INT8", "_fp16": "FP16", "_fp32": "FP32"}
"""How the names of a model's files end: cats_int8.onnx."""
_BYTES = {
    ".onnx": rb"QuantizeLinear|QLinearConv|QLinearMatMul|ConvInteger|MatMulInteger",
    ".xml": rb'type="FakeQuantize"|element_type="[iu]8"[^>]*size="\d{4,}',
    ".param": rb"(?m)^(?:Convolution|ConvolutionDepthWise|InnerProduct) .* 8=[1-9]",  # int8_scale_term
}
"""Ending → what stands in files of networks that calculate in bytes."""


def name_of(path: Path) -> str:
    """Return the name that the files of one network share: cats of cats_int8.onnx and of cats.ncnn.param."""
    stem = _stem(path)
    return next((stem.removesuffix(ending) for ending in ENDINGS if stem.endswith(ending)), stem)


def precision_of(path: Path) -> str:
    """Return FP32, FP16 or INT8, by the file's name, else by what is in it."""
    for ending, precision in ENDINGS.items():
        if _stem(path).endswith(ending):
            return precision
    if path.suffix == ".tflite":
        return _precision_of_tflite(path)
    marks = _BYTES.get(path.suffix)
    return "INT8" if marks and re.search(marks, path.read_bytes()) else "FP32"


def megabytes(path: Path) -> float:
    """Return the size of a network's file, in 1,000,000 bytes, with the weights that lie beside it."""
    if path.suffix == ".onnx":
        return read_onnx(path).size / 1e6
    weights = path.with_suffix(".bin")
    beside = weights.stat().st_size if path.suffix in (".xml", ".param") and weights.is_file() else 0
    return (path.stat().st_size + beside) / 1e6


def _stem(path: Path) -> str:
    return path.name.partition(".")[0] if path.suffix == ".param" else path.stem


def _precision_of_tflite(path: Path) -> str:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        return "FP32"
    kinds = [one["dtype"].__name__ for one in Interpreter(str(path)).get_tensor_details() if len(one["shape"]) == 4]
    return "INT8" if 2 * sum(kind in ("int8", "uint8") for kind in kinds) > len(kinds) else "FP32"
