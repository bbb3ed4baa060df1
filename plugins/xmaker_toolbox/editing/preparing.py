"""The steps from a picture's bytes to what a network wants, as a part of its graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from xmaker import ModelInput


class Steps(msgspec.Struct):
    """Nodes one behind the other, and the numbers that they use."""

    start: str
    """The tensor of bytes."""
    end: str
    """The tensor that the network reads."""
    nodes: list[Any] = []
    weights: list[Any] = []

    def step(self, operation: str, number: Any = None, **settings: Any) -> None:
        """Add an operation on what the last one made, and an array."""
        from onnx import helper, numpy_helper

        place = len(self.nodes)
        given = [self.nodes[-1].output[0] if place else self.start]
        if number is not None:
            given.append(f"{self.end}.number{place}")
            self.weights.append(numpy_helper.from_array(number, given[1]))
        result = f"{self.end}.{operation.lower()}{place}"
        self.nodes.append(helper.make_node(operation, given, [result], name=result, **settings))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(node.op_type for node in self.nodes)


def preparing(start: str, end: str, wanted: ModelInput, given: ModelInput) -> Steps:
    """Return the steps from a tensor of bytes as `given` says to one as `wanted` says.

    The order and the float32 roundings are those of xmaker_vision.prepare.Preparer; bytes are moved before they become floats.
    """
    import numpy as np

    made, first = Steps(start, end), wanted.layout == "NCHW"
    if first:
        made.step("Transpose", perm=[0, 3, 1, 2])
    if wanted.colour != given.colour:
        made.step("Gather", np.array([2, 1, 0], np.int64), axis=1 if first else 3)
    if wanted.dtype != "uint8":
        _normalise(made, wanted, first)
    if not made.nodes:
        made.step("Identity")
    made.nodes[-1].output[0] = end
    return made


def _normalise(made: Steps, wanted: ModelInput, first: bool) -> None:
    from onnx import TensorProto

    halves = wanted.dtype == "float16"
    made.step("Cast", to=TensorProto.FLOAT)
    if wanted.mean and any(wanted.mean):
        made.step("Sub", _along(wanted.mean, first))
    if wanted.std and any(one != 1 for one in wanted.std):
        if halves:  # so is it stored in between
            made.step("Cast", to=TensorProto.FLOAT16)
            made.step("Cast", to=TensorProto.FLOAT)
        made.step("Mul", _along([1 / one for one in wanted.std], first))
    if halves:
        made.step("Cast", to=TensorProto.FLOAT16)


def _along(values: Iterable[float], first: bool) -> Any:
    """Return a number for each channel, in the shape in which it meets the tensor; a single one where all are the same."""
    import numpy as np

    numbers = np.array(list(values), np.float64).astype(np.float32)
    if len(set(numbers.tolist())) == 1:
        return numbers[:1]
    return numbers.reshape(1, -1, 1, 1) if first else numbers
