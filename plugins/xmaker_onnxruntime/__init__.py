"""Runs ONNX models with ONNX Runtime, on the processor or through one of its execution providers."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from xmaker import Engine, MissingDependency, ModelCard, ProjectError, hookimpl
from xmaker_onnxruntime import optimized
from xmaker_onnxruntime.optimized import processor

BAD_ON_ARM = "1.21.0"
"""This release dies with an illegal instruction on Cortex-A35 and A53."""


class OnnxSession:
    """A loaded ONNX model that looks at one picture."""

    def __init__(self, session: Any, output: str) -> None:
        self._session, self._run = session, session.run
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

    def close(self) -> None:
        del self._session, self._run


def _library() -> Any:
    """Return the library; None when it is not installed."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # from 1.29 on it would phone home
    # first of all: onnxruntime begins at numpy's inside, and a camera's thread, which begins outside, would get half of it
    import numpy  # noqa: F401

    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        if error.name != "onnxruntime":
            raise
        return None
    return onnxruntime


class OnnxRuntime(Engine):
    """ONNX Runtime on the processor."""

    name: ClassVar[str] = "onnxruntime"
    suffixes: ClassVar[tuple[str, ...]] = (".onnx",)
    provider: ClassVar[str] = "CPUExecutionProvider"
    package: ClassVar[str] = "onnxruntime"
    """What to install where it is missing."""
    system: ClassVar[str] = ""
    """The only system that has its provider, as `platform.system()` says; "" is any."""
    needs: ClassVar[str] = "-"
    """What must be on the computer besides its package, for a message."""
    spin: ClassVar[bool] = False
    """Whether its threads stay awake between two pictures: that burns 40 % of a core at 10 frames a second."""

    def there(self) -> bool:
        ort = _library()
        return ort is not None and self.provider in ort.get_available_providers()

    def prepare(self) -> None:
        _library()

    def load(self, card: ModelCard, threads: int) -> OnnxSession:
        ort = _library()
        if ort is None:
            raise MissingDependency.of("XM601", library="onnxruntime", command=f"pip install {self.package}")
        if ort.__version__ == BAD_ON_ARM and platform.machine() == "aarch64":
            raise MissingDependency.of("XM601", library="onnxruntime", command=f"pip install 'onnxruntime!={BAD_ON_ARM}'")
        if self.provider not in ort.get_available_providers():
            if self.system not in ("", platform.system()):
                raise ProjectError.of("XM661", engine=self.name, system=SYSTEMS[self.system])
            raise MissingDependency.of("XM601", library=self.provider, command=f"pip install {self.package}")
        exact = _saturates(card)

        def options() -> Any:
            made = ort.SessionOptions()
            made.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
            made.intra_op_num_threads = threads
            made.add_session_config_entry("session.intra_op.allow_spinning", str(int(self.spin)))
            if exact:
                made.add_session_config_entry("session.x64quantprecision", "1")
            made.log_severity_level = 4
            return made

        assert card.path is not None
        try:
            if self.provider == OnnxRuntime.provider:
                session = optimized.session(ort, card.path, options, str(exact), providers=[self.provider])
            else:
                session = self._provided(ort, card.path, options)
        except MissingDependency:
            raise
        except Exception as error:  # noqa: BLE001  # its errors share no base class
            reason = str(error).split(" : ")[-1].strip().partition("\n")[0][:200]
            raise ProjectError.of("XM618", file=card.path, reason=reason) from None
        _check_size(card, session.get_inputs()[0].shape)
        return OnnxSession(session, card.output)

    def _provided(self, ort: Any, path: Path, options: Callable[[], Any]) -> Any:
        """Return a session on the provider. Raises MissingDependency where only the processor would run it.

        ONNX Runtime would go on with the processor, and say so in lines of its own: no answer to who asked for a graphics card.
        """
        ort.set_default_logger_severity(4)
        try:
            made = ort.InferenceSession(str(path), options(), providers=[self.provider], enable_fallback=0)
            made.disable_fallback()  # while it runs, neither
        except Exception:  # noqa: BLE001  # its errors share no base class
            ort.InferenceSession(str(path), options(), providers=[OnnxRuntime.provider])  # else it is the file's fault
            made = None
        if made is None or self.provider not in made.get_providers():
            raise MissingDependency.of(
                "XM660", engine=self.name, provider=self.provider, package=self.package, needs=self.needs
            )
        return made


def _check_size(card: ModelCard, shape: Sequence[Any]) -> None:
    """Raise ProjectError when the card's pictures are of another size than the network's."""
    sides = shape[2:] if card.input.layout == "NCHW" else shape[1:3]
    said = (card.input.height, card.input.width)
    if len(shape) == 4 and any(isinstance(side, int) and side not in (0, one) for side, one in zip(sides, said, strict=True)):
        height, width = sides
        wanted = {"wanted": f"{width}×{height}", "width": width, "height": height}
        raise ProjectError.of("XM662", file=card.path, said=f"{said[1]}×{said[0]}", **wanted)


def _saturates(card: ModelCard) -> bool:
    """Whether sums of an INT8 network may overflow 16 bits here: on Intel's and AMD's processors without VNNI.

    XMaker's own networks are built so that they never do. Being exact makes others half as fast.
    """
    if isinstance(card.calibration, Mapping) and card.calibration.get("saturates") is False:
        return False
    return platform.machine().lower() in ("x86_64", "amd64") and "vnni" not in processor()


class Spinning(OnnxRuntime):
    """ONNX Runtime on the processor, its threads always awake: for files that are read as fast as they can be."""

    name: ClassVar[str] = "onnxruntime-spin"
    spin: ClassVar[bool] = True


SYSTEMS = {"Darwin": "macOS", "Windows": "Windows"}
PROVIDERS = {
    "cuda": ("CUDAExecutionProvider", "onnxruntime-gpu", "", "NVIDIA + CUDA + cuDNN"),
    "tensorrt": ("TensorrtExecutionProvider", "onnxruntime-gpu", "", "NVIDIA + CUDA + cuDNN + TensorRT"),
    "openvino": ("OpenVINOExecutionProvider", "onnxruntime-openvino", "", "OpenVINO"),
    "coreml": ("CoreMLExecutionProvider", "onnxruntime", "Darwin", "macOS"),
    "directml": ("DmlExecutionProvider", "onnxruntime-directml", "Windows", "DirectX 12"),
}
"""Name → the execution provider, the package that has it, the system that it is for, and what else it needs."""


@hookimpl(tryfirst=True)
def xmaker_engines() -> list[type[Engine]]:
    fields = ("provider", "package", "system", "needs")
    made = [
        type(f"OnnxRuntime_{name}", (OnnxRuntime,), {"name": f"onnxruntime-{name}", **dict(zip(fields, facts, strict=True))})
        for name, facts in PROVIDERS.items()
    ]
    return [OnnxRuntime, Spinning, *made]
