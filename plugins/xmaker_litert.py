"""Runs .tflite models with LiteRT (TensorFlow Lite): the fastest for many INT8 networks, and small."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, ClassVar

from xmaker import Engine, MissingDependency, ModelCard, ProjectError, XMakerError, card_beside, hookimpl

if TYPE_CHECKING:
    from xmaker import Tensor


class LiteRtSession:
    """A loaded TFLite model with one input. Its tensors are whatever was exported; those outside are the card's."""

    def __init__(self, interpreter: Any, layout: str) -> None:
        interpreter.allocate_tensors()
        self._interpreter = interpreter
        self._input, self._outputs = interpreter.get_input_details()[0], interpreter.get_output_details()
        self.outputs: Sequence[str] = [one["name"] for one in self._outputs]
        channels_last = int(self._input["shape"][-1]) in (1, 3)
        self._axes = (0, 2, 3, 1) if layout == "NCHW" and channels_last else None

    def run(self, array: Any) -> Sequence[Any]:
        if self._axes:
            array = array.transpose(self._axes)
        self._interpreter.set_tensor(self._input["index"], _stored(array, self._input))
        self._interpreter.invoke()
        return [_real(self._interpreter.get_tensor(one["index"]), one) for one in self._outputs]

    def close(self) -> None:
        del self._interpreter


def _stored(array: Any, detail: dict[str, Any]) -> Any:
    """Return real numbers as the model stores them: in bytes, with a scale and a zero point."""
    import numpy as np

    kind, (scale, zero) = detail["dtype"], detail["quantization"]
    if not scale or array.dtype == kind:
        return array.astype(kind, copy=False)
    limits = np.iinfo(kind)
    return np.clip(np.rint(array / scale) + zero, limits.min, limits.max).astype(kind)


def _real(array: Any, detail: dict[str, Any]) -> Any:
    scale, zero = detail["quantization"]
    return (array.astype("float32") - zero) * scale if scale and array.dtype.kind in "iu" else array


class LiteRt(Engine):
    """LiteRT on the processor."""

    name: ClassVar[str] = "litert"
    suffixes: ClassVar[tuple[str, ...]] = (".tflite",)

    def there(self) -> bool:
        return find_spec("ai_edge_litert") is not None

    def load(self, card: ModelCard, threads: int) -> LiteRtSession:
        if not self.there():
            raise MissingDependency.of("XM601", library="ai-edge-litert", command='pip install "xmaker[litert]"')
        try:
            return LiteRtSession(_interpreter(card.path, threads), card.input.layout)
        except (ValueError, RuntimeError) as error:
            raise ProjectError.of("XM618", file=card.path, reason=str(error).strip().partition("\n")[0][:200]) from None


def _interpreter(path: Path | None, threads: int = 1) -> Any:
    from ai_edge_litert.interpreter import Interpreter
    from xmaker_audio.quiet import hush

    hush()  # it says that it works
    return Interpreter(str(path), num_threads=threads)


@hookimpl
def xmaker_engines() -> list[type[Engine]]:
    return [LiteRt]


@hookimpl
def xmaker_read_card(path: Path) -> ModelCard | None:
    """A .tflite file with its card beside it, or a classifier with labels.txt, as Teachable Machine exports it."""
    if path.suffix.lower() != ".tflite":
        return None
    with suppress(XMakerError):  # cats.json may be something else
        card = card_beside(path.with_suffix(".json"))
        if card.file == path.name:
            return card
    if not find_spec("ai_edge_litert"):
        command = f"xmaker model convert {quote(str(path))} {quote(str(path.with_suffix('.onnx')))}"
        raise ProjectError.of("XM659", file=path, command='pip install "xmaker[litert]"', convert=command)
    from xmaker_vision.guess import labelled_card

    from xmaker import OnnxFile

    try:
        interpreter = _interpreter(path)
    except ValueError:
        raise ProjectError.of("XM605", file=path) from None
    file = OnnxFile(path, inputs=[_tensor(one) for one in interpreter.get_input_details()])
    file.outputs = [_tensor(one) for one in interpreter.get_output_details()]
    file.last = {one.name: "Softmax" for one in file.outputs}
    return labelled_card(file)


def _tensor(detail: dict[str, Any]) -> Tensor:
    from xmaker import Tensor

    kind = detail["dtype"].__name__
    shape = tuple(int(size) for size in detail["shape"])
    return Tensor(detail["name"], "float32" if kind == "int8" else kind, shape)  # the session makes bytes of real numbers
