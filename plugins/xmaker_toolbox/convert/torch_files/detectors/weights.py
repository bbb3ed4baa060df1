"""A network's weights by their names, and the layers that they make: MMDetection's names say where each one belongs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import count, takewhile
from typing import Any

from xmaker_toolbox.convert.torch_files.chains import normalised
from xmaker_toolbox.convert.torch_files.libraries import torch

Activation = Callable[[Any], Any]


class Weights:
    """Weights, normalisation already multiplied into the convolutions; remembers which were asked for."""

    def __init__(self, weights: Mapping[str, Any], epsilon: float = 1e-5) -> None:
        """`epsilon` is what the batch normalisation adds to the variance."""
        self._tensors = {name: one for name, one in weights.items() if not name.endswith("num_batches_tracked")}
        for name in [name for name in self._tensors if name.endswith(".running_mean")]:
            self._multiply_in(name.removesuffix(".running_mean"), epsilon)
        self._used: set[str] = set()

    def _multiply_in(self, norm: str, epsilon: float) -> None:
        layer = re.sub(r"downsample\.1$", "downsample.0", re.sub(r"bn(\d?)$", r"conv\1", norm))
        made = normalised(self._tensors, norm, self._tensors[f"{layer}.weight"], epsilon)
        self._tensors[f"{layer}.weight"], self._tensors[f"{layer}.bias"] = made
        for part in ("weight", "bias", "running_mean", "running_var"):
            del self._tensors[f"{norm}.{part}"]

    @property
    def tensors(self) -> list[Any]:
        return [*self._tensors.values()]

    @property
    def unused(self) -> list[str]:
        """The names of weights that no layer has asked for: then the network is another one than was thought."""
        return [name for name in self._tensors if name not in self._used]

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def __getitem__(self, name: str) -> Any:
        self._used.add(name)
        return self._tensors[name]

    def _found(self, name: str) -> Any:
        return self[name] if name in self._tensors else None

    def numbers(self, name: str) -> list[int]:
        """Return the numbers of the weights that are there under a name with a gap, `neck.convs.{}.weight`: 0, 1, 2 …"""
        return [*takewhile(lambda number: name.format(number) in self, count())]

    def rows(self, layer: str) -> int:
        """Return how many numbers a layer gives for each place."""
        return int(self._tensors[f"{layer}.weight"].shape[0])

    def layer(self, name: str, x: Any, stride: int = 1, act: Activation | None = None) -> Any:
        """Return what a convolution gives that keeps the size, but for `stride`; with one input a kernel it is depthwise."""
        kernel = self[f"{name}.weight"]
        bias = self._found(f"{name}.bias")
        groups = kernel.shape[0] if kernel.shape[1] == 1 else 1
        made = torch().nn.functional.conv2d(x, kernel, bias, stride, kernel.shape[-1] // 2, 1, groups)
        return act(made) if act else made

    def conv(self, name: str, x: Any, stride: int = 1, act: Activation | None = None) -> Any:
        """Return what one of mmcv's ConvModule gives."""
        return self.layer(f"{name}.conv", x, stride, act)

    def matrix(self, name: str, x: Any) -> Any:
        """Return what a fully connected layer gives."""
        return torch().nn.functional.linear(x, self[f"{name}.weight"], self[f"{name}.bias"])
