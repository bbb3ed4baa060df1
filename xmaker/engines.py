"""What runs a network: the interface of an engine (ONNX Runtime, ncnn, …) and of a model that it has loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from xmaker.cards import ModelCard
from xmaker.values import Array


class Session(Protocol):
    """A loaded model."""

    outputs: Sequence[str]
    """The names of what `run` returns."""

    def run(self, array: Array) -> Sequence[Array]:
        """Run the network on one input tensor; return the card's output, or every output where it names none."""


class Engine:
    """Base of what runs networks (ONNX Runtime, ncnn, …)."""

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    """The endings of the files that it can run."""

    def load(self, card: ModelCard, threads: int) -> Session:
        """Load a model. Raises XMakerError when the file cannot be used."""
        raise NotImplementedError
