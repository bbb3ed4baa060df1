"""The 8-bit half of `build_model`: which numbers occur, and how to store them in a byte."""

from __future__ import annotations

import tarfile
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from xmaker_toolbox.quantizing.weights import fixed, weight_rows, weight_scales

Picture = NDArray[np.uint8]
FloatArray = NDArray[np.float32]

SIZE = 224
CROP = 0.875
MEAN, SCALE = 127, 128

CALIBRATION = (
    ("foolbox", "data/imagenet_*.jpg"),
    ("skimage", "data/astronaut.png"),
    ("skimage", "data/chelsea.png"),
    ("skimage", "data/coffee.png"),
    ("skimage", "data/rocket.jpg"),
    ("sklearn", "datasets/images/*.jpg"),
    ("alibi", "data/cats.tar.gz"),
)
"""Pictures that show the quantiser which numbers occur: 30 of them, used here only."""


class Crops(CalibrationDataReader):  # type: ignore[misc]
    """Hands the calibration pictures to ONNX Runtime one by one."""

    def __init__(self) -> None:
        crops = [centre_crop(picture) for picture in calibration_pictures()]
        crops += [crop[:, ::-1] for crop in crops]
        self.feeds = iter([{"image": normalise(crop)} for crop in crops])

    def get_next(self) -> dict[str, FloatArray] | None:
        """Return the next picture, or None after the last."""
        return next(self.feeds, None)


def calibration_pictures() -> list[Picture]:
    """Return the calibration pictures, always in the same order."""
    files: list[bytes] = []
    for package, pattern in CALIBRATION:
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise SystemExit(f"{package} is not installed")
        for path in sorted(Path(spec.submodule_search_locations[0]).glob(pattern)):
            files += archived(path) if path.suffix == ".gz" else [path.read_bytes()]
    pictures = [cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR) for file in files]
    return [np.asarray(picture, np.uint8) for picture in pictures]


def archived(path: Path) -> list[bytes]:
    """Return the JPEG files of a tar archive, sorted by name."""
    with tarfile.open(path) as archive:
        members = sorted(archive.getmembers(), key=lambda member: member.name)
        files = [archive.extractfile(member) for member in members if member.name.endswith(".jpg")]
        return [file.read() for file in files if file]


def centre_crop(picture: Picture) -> Picture:
    """Cut the centre square out and resize it, as XMaker does with a camera frame."""
    height, width = picture.shape[:2]
    side = round(min(height, width) * CROP)
    top, left = (height - side) // 2, (width - side) // 2
    square = picture[top : top + side, left : left + side]
    return np.asarray(cv2.resize(square, (SIZE, SIZE)), np.uint8)


def normalise(crop: Picture) -> FloatArray:
    """Return the crop as the unfolded network wants it: float NCHW around zero."""
    scaled = (crop.astype(np.float32) - MEAN) / SCALE
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[np.newaxis])


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the network in 8 bits: U8 activations, S8 weights with a scale per channel."""
    overrides: dict[str, Any] = {"image": [fixed(1 / SCALE, MEAN, np.uint8)]}
    for node in model.graph.node:
        if node.op_type in {"Conv", "Gemm"}:
            weights = numpy_helper.to_array(initializer(model, node.input[1]))
            rows, _ = weight_rows(node.op_type, weights, transposed=True)
            scales = [fixed(scale, 0, np.int8) for scale in weight_scales(rows, pairs=weights.shape[1] > 1)]
            scales[0] |= {"axis": 0, "quant_type": QuantType.QInt8}
            overrides[node.input[1]] = scales
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        quantize_static(
            model,
            path,
            Crops(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={
                "TensorQuantOverrides": overrides,
                "OpTypesToExcludeOutputQuantization": ["Gemm"],
            },
        )
        return onnx.load(str(path))


def initializer(model: onnx.ModelProto, name: str) -> onnx.TensorProto:
    """Return the stored tensor of that name."""
    return next(tensor for tensor in model.graph.initializer if tensor.name == name)
