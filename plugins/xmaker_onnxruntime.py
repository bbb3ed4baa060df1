"""Runs ONNX models with ONNX Runtime."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from typing import Any, ClassVar

from xmaker import Engine, MissingDependency, ModelCard, ProjectError, hookimpl

BAD_ON_ARM = "1.21.0"
"""This release dies with an illegal instruction on Cortex-A35 and A53."""


class OnnxSession:
    """A loaded ONNX model that looks at one picture."""

    def __init__(self, session: Any, output: str) -> None:
        self._run = session.run
        first, *others = session.get_inputs()
        self._input, self._single = first.name, len(first.shape) == 3
        """Some networks take a picture without a batch around it: R-CNNs of the ONNX zoo."""
        self._size = next((one.name for one in others if one.shape[-1:] == [2]), "")
        """Some want to be told the picture's height and width, too: YOLOv3 of the ONNX zoo. It is that of the tensor."""
        self.outputs: Sequence[str] = [output] if output else [one.name for one in session.get_outputs()]

    def run(self, array: Any) -> Sequence[Any]:
        feeds = {self._input: array[0] if self._single else array}
        if self._size:
            feeds[self._size] = self._size_of(array)
        return self._run(self.outputs, feeds)  # type: ignore[no-any-return]

    @staticmethod
    def _size_of(array: Any) -> Any:
        import numpy as np

        return np.array([array.shape[2:]], np.float32)  # such networks take their pictures as NCHW


class OnnxRuntime(Engine):
    """ONNX Runtime on the processor."""

    name: ClassVar[str] = "onnxruntime"
    suffixes: ClassVar[tuple[str, ...]] = (".onnx",)

    def load(self, card: ModelCard, threads: int) -> OnnxSession:
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # from 1.29 on it would phone home
        # first of all: onnxruntime begins at numpy's inside, and a camera's thread, which begins outside, would get half of it
        import numpy  # noqa: F401

        try:
            import onnxruntime as ort
        except ImportError:
            raise MissingDependency.of("XM601", library="onnxruntime", command="pip install onnxruntime") from None
        if ort.__version__ == BAD_ON_ARM and platform.machine() == "aarch64":
            raise MissingDependency.of("XM601", library="onnxruntime", command=f"pip install 'onnxruntime!={BAD_ON_ARM}'")
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = threads
        # Spinning threads burn 40 % of a core at 10 frames a second.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        try:
            session = ort.InferenceSession(str(card.path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001  # its errors share no base class
            reason = str(error).split(" : ")[-1].strip().partition("\n")[0][:200]
            raise ProjectError.of("XM618", file=card.path, reason=reason) from None
        return OnnxSession(session, card.output)


@hookimpl
def xmaker_engines() -> list[type[Engine]]:
    return [OnnxRuntime]
