"""Runs .ncnn.param and .ncnn.bin with ncnn: small, and there for 32-bit boards too."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, ClassVar

from xmaker import Engine, MissingDependency, ModelCard, ProjectError, hookimpl


class NcnnSession:
    """A loaded ncnn model with one input, as pnnx writes it: channels first, floats, no batch."""

    def __init__(self, ncnn: Any, net: Any, card: ModelCard) -> None:
        self._ncnn, self._net = ncnn, net
        self._last = card.input.layout == "NHWC"
        self._input = net.input_names()[0]
        self.outputs: Sequence[str] = sorted(net.output_names(), key=_place)

    def run(self, array: Any) -> Sequence[Any]:
        import numpy as np

        picture = array[0].transpose(2, 0, 1) if self._last else array[0]
        extractor = self._net.create_extractor()
        extractor.input(self._input, self._ncnn.Mat(np.ascontiguousarray(picture, np.float32)))
        return [np.array(extractor.extract(name)[1])[None] for name in self.outputs]

    def close(self) -> None:
        self._net.clear()


def _place(name: str) -> int:
    """Return which output of the original it was: pnnx calls them out0, out1, …, and ncnn lists them as they come."""
    number = name.removeprefix("out")
    return int(number) if number.isdigit() else 0


class Ncnn(Engine):
    """ncnn on the processor."""

    name: ClassVar[str] = "ncnn"
    suffixes: ClassVar[tuple[str, ...]] = (".ncnn.param",)

    def there(self) -> bool:
        return find_spec("ncnn") is not None

    def load(self, card: ModelCard, threads: int) -> NcnnSession:
        if not self.there():
            raise MissingDependency.of("XM601", library="ncnn", command='pip install "xmaker[ncnn]"')
        import ncnn

        assert card.path is not None
        net, weights = ncnn.Net(), card.path.with_suffix(".bin")
        net.opt.num_threads = threads
        net.opt.use_vulkan_compute = False
        if not weights.is_file():
            raise ProjectError.of("XM652", file=card.path, missing=weights.name)
        if net.load_param(str(card.path)) or net.load_model(str(weights)):
            raise ProjectError.of("XM618", file=card.path, reason="ncnn")
        return NcnnSession(ncnn, net, card)


@hookimpl
def xmaker_engines() -> list[type[Engine]]:
    return [Ncnn]
