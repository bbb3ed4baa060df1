"""What a .tflite file holds, and the ONNX graph that is made of it, step by step.

The fields are those of tensorflow/lite/schema/schema.fbs, as the package ai-edge-litert has it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

TYPES = {0: "float32", 1: "float16", 2: "int32", 4: "int64"}
"""TFLite's number for a type → numpy's name; other kinds are not read."""
NCHW, NHWC = (0, 3, 1, 2), (0, 2, 3, 1)


class Tensors:
    """A file's tensors. In the graph, those of four dimensions have their colours before height and width, as ONNX wants it."""

    def __init__(self, path: Path) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self.file: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
        self.part: Any = self.file.subgraphs[0]
        self.names = {number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.values: dict[int, str] = {}
        """Tensor → the value of the graph that holds it."""
        self.constants: dict[int, Any] = {}
        """Tensors that are computed from constants alone."""

    def shape(self, tensor: int) -> list[int]:
        return [int(length) for length in self.part.tensors[tensor].shape]

    def data(self, tensor: int) -> Any:
        """Return a constant as it is stored; None for what is computed. Raises NotImplementedError for 8 bits."""
        import numpy as np

        if tensor in self.constants:
            return self.constants[tensor]
        data = self.file.buffers[self.part.tensors[tensor].buffer].data
        if data is None or not len(data):
            return None
        kind = TYPES.get(self.part.tensors[tensor].type)
        if kind is None:
            raise NotImplementedError("int8")
        return np.frombuffer(bytes(bytearray(data)), kind).reshape(self.shape(tensor))

    def constant(self, array: Any) -> str:
        """Store an array and return its name."""
        import numpy as np
        from onnx import numpy_helper

        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def floats(self, array: Any) -> str:
        import numpy as np

        return self.constant(np.asarray(array, np.float32))

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        """Add a node and return its output's name."""
        from onnx import helper

        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [name], name=name, **attributes))
        return name

    def value(self, tensor: int, beside: int = 0) -> str:
        """Return the value of a tensor; of a constant, in the shape in which it meets one of so many dimensions."""
        if tensor in self.values:
            return self.values[tensor]
        data = self.data(tensor)
        if data.ndim == 4:
            return self.floats(data.transpose(NCHW))
        if beside == 4 and data.ndim == 1:
            return self.floats(data.reshape(1, -1, 1, 1))
        if beside == 4 and data.ndim > 1:
            raise NotImplementedError(f"{data.ndim} + 4")
        return self.floats(data)

    def plain(self, tensor: int) -> str:
        """Return the value of a tensor with its axes in TFLite's order."""
        value = self.value(tensor)
        return self.add("Transpose", value, perm=NHWC) if len(self.shape(tensor)) == 4 else value
