"""Compare a converted network with the TFLite interpreter."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from ai_edge_litert.interpreter import Interpreter

PICTURES = Path(__file__).resolve().parents[2] / "projects/cat_dog/media"


def largest_difference(file: Path, model: onnx.ModelProto, size: int) -> float:
    """Return how far the answers are apart at most, for some photos and for noise."""
    interpreter = Interpreter(str(file))
    interpreter.allocate_tensors()
    into, outputs = interpreter.get_input_details()[0], interpreter.get_output_details()
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    noise = np.random.default_rng(1).integers(0, 256, (size, size, 3), dtype=np.uint8)
    photos = [cv2.resize(cv2.imread(str(path)), (size, size)) for path in sorted(PICTURES.glob("*.jpg"))]
    largest = 0.0
    for picture in [*photos, noise]:
        rgb = picture[None, :, :, ::-1]
        interpreter.set_tensor(
            into["index"],
            rgb if into["dtype"] is np.uint8 else (rgb.astype(np.float32) - np.float32(127.5)) / np.float32(127.5),
        )
        interpreter.invoke()
        given = session.run(None, {"picture": picture[None]})
        wanted = [interpreter.get_tensor(output["index"]) for output in outputs]
        largest = max(largest, *(float(np.abs(ours - theirs).max()) for ours, theirs in zip(given, wanted, strict=True)))
    return largest
