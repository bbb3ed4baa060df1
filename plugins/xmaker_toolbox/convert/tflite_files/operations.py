"""The operations of a .tflite file as nodes of ONNX: those that networks which classify pictures have."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from xmaker_toolbox.convert.tflite_files.tensors import NCHW, Tensors

SAME = 0
ACTIVATIONS = {1: (0.0, None), 2: (-1.0, 1.0), 3: (0.0, 6.0)}
"""TFLite's number for what is done within an operation → between which numbers its result is kept."""
SIMPLE = {"LOGISTIC": "Sigmoid", "RELU": "Relu", "HARD_SWISH": "HardSwish", "TANH": "Tanh"}
OF_TWO = {"ADD": "Add", "SUB": "Sub", "MUL": "Mul", "DIV": "Div"}


class Operations(Tensors):
    """Turns a file's operations into nodes, one after the other."""

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width of the picture."""
        shape = self.shape(int(self.part.inputs[0]))
        return shape[1], shape[2]

    def convert(self, picture: str, scores: str) -> str:
        """Convert all; return the last operation's name. Raises NotImplementedError for one that is not known."""
        self.values[int(self.part.inputs[0])] = picture
        name = ""
        for operation in self.part.operators:
            code = self.file.operatorCodes[operation.opcodeIndex]
            name = self.names[max(code.builtinCode, code.deprecatedBuiltinCode)]
            inputs, output = [int(number) for number in operation.inputs], int(operation.outputs[0])
            if value := self._made(name, inputs, output, operation.builtinOptions):
                self.values[output] = value
        last = int(self.part.outputs[0])
        self.add("Reshape", self.plain(last), self.constant(_whole([1, self.shape(last)[-1]])))
        self.nodes[-1].output[0] = scores
        return name

    def _made(self, name: str, inputs: list[int], output: int, options: Any) -> str:
        method = getattr(self, f"_{name.lower()}", None)
        if method is not None:
            return str(method(inputs, output, options))
        if name in SIMPLE:
            return self.add(SIMPLE[name], self.value(inputs[0]))
        if name in OF_TWO:
            most = max(len(self.shape(one)) for one in inputs)
            made = self.add(OF_TWO[name], *(self.value(one, most) for one in inputs))
            return self._kept(made, options.fusedActivationFunction)
        raise NotImplementedError(name)

    def _kept(self, value: str, activation: int) -> str:
        """Apply what TFLite does within an operation."""
        if not activation:
            return value
        if activation not in ACTIVATIONS:
            raise NotImplementedError(f"activation {activation}")
        low, high = ACTIVATIONS[activation]
        if high is None:
            return self.add("Relu", value)
        return self.add("Clip", value, self.floats(low), self.floats(high))

    def _pads(self, options: Any, tensor: int, kernel: Sequence[int], apart: Sequence[int] = (1, 1)) -> list[int]:
        """Return the padding [top, left, bottom, right]; an odd one is larger at the end."""
        if options.padding != SAME:
            return [0, 0, 0, 0]
        ends = []
        steps = (options.strideH, options.strideW)
        for length, size, stride, wide in zip(self.shape(tensor)[1:3], kernel, steps, apart, strict=True):
            both = max((ceil(length / stride) - 1) * stride + (size - 1) * wide + 1 - length, 0)
            ends.append((both // 2, both - both // 2))
        return [ends[0][0], ends[1][0], ends[0][1], ends[1][1]]

    def _convolution(self, inputs: list[int], options: Any, axes: Sequence[int], groups: int) -> str:
        weights = self.data(inputs[1])
        kernel, apart = weights.shape[1:3], [options.dilationHFactor or 1, options.dilationWFactor or 1]
        parts = [self.value(inputs[0]), self.floats(weights.transpose(axes))]
        if len(inputs) > 2 and inputs[2] >= 0:
            parts.append(self.floats(self.data(inputs[2])))
        where = {"pads": self._pads(options, inputs[0], kernel, apart), "strides": [options.strideH, options.strideW]}
        made = self.add("Conv", *parts, kernel_shape=kernel, dilations=apart, group=groups, **where)
        return self._kept(made, options.fusedActivationFunction)

    def _conv_2d(self, inputs: list[int], output: int, options: Any) -> str:
        return self._convolution(inputs, options, NCHW, 1)

    def _depthwise_conv_2d(self, inputs: list[int], output: int, options: Any) -> str:
        return self._convolution(inputs, options, (3, 0, 1, 2), self.shape(inputs[0])[3])

    def _pool(self, operation: str, inputs: list[int], options: Any) -> str:
        kernel = [options.filterHeight, options.filterWidth]
        where = {"pads": self._pads(options, inputs[0], kernel), "strides": [options.strideH, options.strideW]}
        made = self.add(operation, self.value(inputs[0]), kernel_shape=kernel, **where)
        return self._kept(made, options.fusedActivationFunction)

    def _average_pool_2d(self, inputs: list[int], output: int, options: Any) -> str:
        return self._pool("AveragePool", inputs, options)

    def _max_pool_2d(self, inputs: list[int], output: int, options: Any) -> str:
        return self._pool("MaxPool", inputs, options)

    def _mean(self, inputs: list[int], output: int, options: Any) -> str:
        sides = len(self.shape(inputs[0]))
        axes = [int(axis) % sides for axis in self.data(inputs[1]).reshape(-1)]
        if sides == 4:
            axes = [NCHW.index(axis) for axis in axes]
            if len(self.shape(output)) not in (2, 4):
                raise NotImplementedError("MEAN")
        return self.add("ReduceMean", self.value(inputs[0]), axes=sorted(axes), keepdims=int(options.keepDims))

    def _pad(self, inputs: list[int], output: int, options: Any) -> str:
        ends = self.data(inputs[1])[list(NCHW)] if len(self.shape(output)) == 4 else self.data(inputs[1])
        return self.add("Pad", self.value(inputs[0]), self.constant(_whole([*ends[:, 0], *ends[:, 1]])))

    def _reshape(self, inputs: list[int], output: int, options: Any) -> str:
        made = self.add("Reshape", self.plain(inputs[0]), self.constant(_whole(self.shape(output))))
        return self.add("Transpose", made, perm=NCHW) if len(self.shape(output)) == 4 else made

    _squeeze = _reshape

    def _fully_connected(self, inputs: list[int], output: int, options: Any) -> str:
        weights = self.data(inputs[1])
        rows = self.add("Reshape", self.plain(inputs[0]), self.constant(_whole([-1, weights.shape[1]])))
        parts = [rows, self.floats(weights)]
        if len(inputs) > 2 and inputs[2] >= 0:
            parts.append(self.floats(self.data(inputs[2])))
        return self._kept(self.add("Gemm", *parts, transB=1), options.fusedActivationFunction)

    def _softmax(self, inputs: list[int], output: int, options: Any) -> str:
        if len(self.shape(output)) != 2 or options.beta != 1:
            raise NotImplementedError("SOFTMAX")
        return self.add("Softmax", self.value(inputs[0]), axis=1)

    def _relu6(self, inputs: list[int], output: int, options: Any) -> str:
        return self._kept(self.value(inputs[0]), 3)

    def _concatenation(self, inputs: list[int], output: int, options: Any) -> str:
        axis = int(options.axis) % len(self.shape(output))
        axis = NCHW.index(axis) if len(self.shape(output)) == 4 else axis
        made = self.add("Concat", *(self.value(one) for one in inputs), axis=axis)
        return self._kept(made, options.fusedActivationFunction)

    def _dequantize(self, inputs: list[int], output: int, options: Any) -> str:
        data = self.data(inputs[0])
        if data is None or data.dtype != "float16":
            raise NotImplementedError("int8")
        self.constants[output] = data.astype("float32")
        return ""


def _whole(numbers: Sequence[int]) -> Any:
    import numpy as np

    return np.array([int(number) for number in numbers], np.int64)
