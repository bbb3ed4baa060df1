"""Runs ONNX models, and OpenVINO's own .xml and .bin, with OpenVINO: fast on Intel's processors and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, ClassVar

from xmaker import Engine, MissingDependency, ModelCard, ProjectError, hookimpl


class OpenVinoSession:
    """A compiled model with one input."""

    def __init__(self, compiled: Any, output: str) -> None:
        from openvino import Tensor

        self._tensor_of, self._request, self._array = Tensor, compiled.create_infer_request(), None
        names = [one.get_any_name() if one.get_names() else "" for one in compiled.outputs]
        places = [names.index(output)] if output in names else range(len(names))
        self.outputs: Sequence[str] = [names[place] for place in places]
        self._results = [self._request.get_output_tensor(place).data for place in places]
        self._places = list(places)
        self._fixed = all(not one.partial_shape.is_dynamic for one in compiled.outputs)

    def run(self, array: Any) -> Sequence[Any]:
        if array is not self._array:
            self._request.set_input_tensor(self._tensor_of(array, shared_memory=True))
            self._array = array
        self._request.infer()
        if self._fixed:
            return self._results
        return [self._request.get_output_tensor(place).data for place in self._places]

    def close(self) -> None:
        del self._request, self._results


class OpenVino(Engine):
    """OpenVINO on the processor."""

    name: ClassVar[str] = "openvino"
    suffixes: ClassVar[tuple[str, ...]] = (".xml", ".onnx")

    def there(self) -> bool:
        return find_spec("openvino") is not None

    def load(self, card: ModelCard, threads: int) -> OpenVinoSession:
        if not self.there():
            raise MissingDependency.of("XM601", library="openvino", command='pip install "xmaker[openvino]"')
        import openvino

        wanted = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
        try:
            return OpenVinoSession(openvino.Core().compile_model(str(card.path), "CPU", wanted), card.output)
        except RuntimeError as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            raise ProjectError.of("XM618", file=card.path, reason=lines[-1][:200]) from None


@hookimpl
def xmaker_engines() -> list[type[Engine]]:
    return [OpenVino]
