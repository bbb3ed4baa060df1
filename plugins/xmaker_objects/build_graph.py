"""From TFLite to ONNX, for the operations that the two networks in the box have.

The answers stay what the TFLite interpreter gives: 8-bit tensors keep their scales and zero points (moved by 128, from
signed to unsigned bytes), and ONNX Runtime computes between them in integers too. TFLite's pictures are NHWC, ONNX's are
NCHW, so every tensor of four dimensions is turned on its way in and out.

Operations and their fields: tensorflow/lite/schema/schema.fbs, here as the package ai-edge-litert has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from xmaker_objects.build_sums import Bytes, agreeing_scales

Array = NDArray[Any]
TYPES = {0: np.float32, 1: np.float16, 2: np.int32, 3: np.uint8, 9: np.int8}
"""TFLite's number for a type → numpy's type."""
NAMES = {number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}
RELU6, SAME = 3, 0
TO_NCHW, TO_NHWC = (0, 3, 1, 2), (0, 2, 3, 1)


class Graph:
    """An ONNX graph that grows node by node."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, array: Any) -> str:
        """Store an array and return its name."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def add(self, operation: str, *inputs: str, output: str = "", outputs: int = 1, **attributes: Any) -> str:
        """Add a node and return its (first) output's name."""
        names = [output or f"t{len(self.nodes)}", *(f"t{len(self.nodes)}_{number}" for number in range(1, outputs))]
        self.nodes.append(helper.make_node(operation, inputs, names, **attributes))
        return names[0]


class Converter:
    """Turns the operations of one TFLite file into nodes. With `exact` False, 8-bit weights become 32-bit ones."""

    def __init__(self, path: Path, exact: bool = True) -> None:
        self._file = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
        self._part = self._file.subgraphs[0]
        self._tensors = self._part.tensors
        self._exact = exact
        self.graph = Graph()
        self._values: dict[int, str] = {}
        """Tensor → the ONNX value that holds it, turned to NCHW where it has four dimensions."""
        self._constants: dict[int, Array] = {}
        """Tensors that TFLite computes from constants alone."""
        self._stored: dict[tuple[Any, ...], str] = {}
        """What is in the graph already: layers share weights."""
        self._bytes: dict[str, str] = {}
        """Value → the same as bytes, where it has been rounded to them."""

    def convert(self, picture: str) -> list[str]:
        """Convert every operation. Return the outputs' values. `picture` is the input, uint8 NHWC in BGR order."""
        self._values[int(self._part.inputs[0])] = self._entrance(self.graph.add("Transpose", picture, perm=TO_NCHW))
        for operation in self._part.operators:
            code = self._file.operatorCodes[operation.opcodeIndex]
            name = NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)].lower()
            inputs, output = [int(number) for number in operation.inputs], int(operation.outputs[0])
            value = getattr(self, f"_{name}")(inputs, output, operation.builtinOptions)
            if value:
                self._values[output] = value
        return self.outputs

    @property
    def outputs(self) -> list[str]:
        """The values of the file's outputs."""
        return [self._values[int(number)] for number in self._part.outputs]

    def quantized(self, value: str, tensor: int) -> str:
        """Return a value rounded to the bytes of an 8-bit tensor, and back to a float."""
        if self._scale(tensor)[0] is None or not self._exact:
            return value
        pair = self._pair(tensor)
        made = self.graph.add("QuantizeLinear", value, *pair)
        value = self.graph.add("DequantizeLinear", made, *pair)
        self._bytes[value] = made
        return value

    def heads(self, output: int) -> list[str]:
        """Return what an output is put together from: what each level's last convolution gives, as bytes if it has them."""
        values = [self._values[tensor] for tensor in self._heads(output)]
        return [self._bytes.get(value, value) for value in values]

    def floats(self, value: str, output: int) -> str:
        """Return what numbers taken from an output's heads stand for."""
        return self.graph.add("DequantizeLinear", value, *self._pair(self._heads(output)[0])) if self._exact else value

    def sigmoid(self, value: str, output: int) -> str:
        """Return the sigmoid, rounded to the bytes that the file has for that output."""
        tensor = self._makers()[int(self._part.outputs[output])][0]
        return self.quantized(self.graph.add("Sigmoid", value), tensor)

    def _makers(self) -> dict[int, list[int]]:
        """Return what each tensor is made from."""
        return {int(operation.outputs[0]): [int(one) for one in operation.inputs] for operation in self._part.operators}

    def _heads(self, output: int) -> list[int]:
        """Return the nearest tensors before an output that have four dimensions."""
        makers, tensors = self._makers(), [int(self._part.outputs[output])]
        while not all(len(self._shape(tensor)) == 4 for tensor in tensors):
            steps = ([tensor] if len(self._shape(tensor)) == 4 else makers[tensor] for tensor in tensors)
            tensors = [tensor for step in steps for tensor in step if tensor in makers]
        return tensors

    def _entrance(self, picture: str) -> str:
        """Return the picture as numbers around zero: its own bytes where the network takes bytes."""
        scale, zero = self._scale(int(self._part.inputs[0]))
        if scale is not None and self._exact:
            return self.graph.add("DequantizeLinear", picture, *self._pair(int(self._part.inputs[0])))
        middle, half = (zero[0], 1 / scale[0]) if scale is not None else (127.5, 127.5)  # BlazeFace is told in floats
        moved = self.graph.add(
            "Sub", self.graph.add("Cast", picture, to=TensorProto.FLOAT), self.graph.constant(np.float32(middle))
        )
        return self.graph.add("Div", moved, self.graph.constant(np.float32(half)))

    def _pair(self, tensor: int) -> tuple[str, str]:
        meaning = self._meaning(tensor)
        return self.graph.constant(meaning.scale), self.graph.constant(np.uint8(meaning.zero))

    def _meaning(self, tensor: int) -> Bytes:
        """Return what an 8-bit tensor's bytes stand for, once they are unsigned."""
        scale, zero = self._scale(tensor)
        assert scale is not None
        return Bytes(scale[0], int(zero[0]) + (128 if TYPES[self._tensors[tensor].type] is np.int8 else 0))

    def _scale(self, tensor: int) -> tuple[Array | None, Array]:
        """Return the scales and zero points of an 8-bit tensor; no scales for any other."""
        found = self._tensors[tensor].quantization
        if found is None or found.scale is None or not len(found.scale):
            return None, np.zeros(0)
        return np.asarray(found.scale, np.float32), np.asarray(found.zeroPoint, np.int64)

    def _shape(self, tensor: int) -> list[int]:
        return [int(length) for length in self._tensors[tensor].shape]

    def _data(self, tensor: int) -> Array | None:
        """Return a constant as it is stored, or None for what is computed."""
        if tensor in self._constants:
            return self._constants[tensor]
        data = self._file.buffers[self._tensors[tensor].buffer].data
        if data is None or not len(data):
            return None
        return np.frombuffer(bytes(bytearray(data)), TYPES[self._tensors[tensor].type]).reshape(self._shape(tensor))

    def _constant(self, tensor: int, axes: Sequence[int] | None = None) -> str:
        """Return a constant, its axes in this order, as a float or as bytes with their scales."""
        scale, _ = self._scale(tensor)
        data = self._data(tensor)
        assert data is not None
        key = data.shape, data.tobytes(), None if scale is None else scale.tobytes(), axes
        if key not in self._stored:
            self._stored[key] = self._made_constant(tensor, data, axes)
        return self._stored[key]

    def _made_constant(self, tensor: int, data: Array, axes: Sequence[int] | None) -> str:
        scale, zero = self._scale(tensor)
        if scale is not None and not self._exact:
            assert not zero.any(), "weights are symmetric"
            shape = [-1 if axis == self._tensors[tensor].quantization.quantizedDimension else 1 for axis in range(data.ndim)]
            data = data.astype(np.float32) * (scale.reshape(shape) if len(scale) > 1 else scale[0])
        turned = data if axes is None else data.transpose(axes)
        if turned.ndim == 4 and turned.shape[1] == 3:
            turned = turned[:, ::-1]  # the first layer: it was trained on RGB and will be given BGR
        if scale is None or not self._exact:
            return self.graph.constant(turned.astype(np.float32))
        each = len(scale) > 1  # a scale for each output channel, or one for all
        pair = (
            self.graph.constant(scale if each else scale[0]),
            self.graph.constant(zero.astype(data.dtype) if each else data.dtype.type(zero[0])),
        )
        axis: dict[str, Any] = {"axis": 0} if each else {}
        return self.graph.add("DequantizeLinear", self.graph.constant(turned), *pair, **axis)

    def _finished(self, value: str, output: int, activation: int = 0) -> str:
        """Apply what TFLite does within an operation: ReLU6, which in bytes their range does already, and rounding."""
        if activation == RELU6 and not self._exact:
            value = self.graph.add("Clip", value, self.graph.constant(np.float32(0)), self.graph.constant(np.float32(6)))
        elif activation == RELU6:
            scale, zero = self._meaning(output)
            low, high = (np.array([0, 255]) - zero) * scale
            assert low == 0 and high < 6.05, "the bytes must end where ReLU6 does"
        else:
            assert activation == 0, activation
        return self.quantized(value, output)

    def _pads(self, options: Any, tensor: int, kernel: Sequence[int]) -> list[int]:
        """Return the padding [top, left, bottom, right]; an odd one is larger at the end."""
        if options.padding != SAME:
            return [0, 0, 0, 0]
        _, height, width, _ = self._shape(tensor)
        ends = []
        for length, size, stride in zip((height, width), kernel, (options.strideH, options.strideW), strict=True):
            both = max((ceil(length / stride) - 1) * stride + size - length, 0)
            ends.append((both // 2, both - both // 2))
        return [ends[0][0], ends[1][0], ends[0][1], ends[1][1]]

    def _convolution(self, inputs: list[int], output: int, options: Any, axes: Sequence[int], groups: int) -> str:
        kernel = self._shape(inputs[1])[1:3]
        assert (options.dilationHFactor or 1, options.dilationWFactor or 1) == (1, 1)
        parts = [self._values[inputs[0]], self._constant(inputs[1], axes), self._constant(inputs[2])]
        strides, pads = [options.strideH, options.strideW], self._pads(options, inputs[0], kernel)
        value = self.graph.add("Conv", *parts, kernel_shape=kernel, strides=strides, pads=pads, group=groups)
        return self._finished(value, output, options.fusedActivationFunction)

    def _conv_2d(self, inputs: list[int], output: int, options: Any) -> str:
        return self._convolution(inputs, output, options, TO_NCHW, 1)

    def _depthwise_conv_2d(self, inputs: list[int], output: int, options: Any) -> str:
        return self._convolution(inputs, output, options, (3, 0, 1, 2), self._shape(inputs[0])[3])

    def _add(self, inputs: list[int], output: int, options: Any) -> str:
        values = [self._values[number] for number in inputs]
        if self._exact and self._scale(output)[0] is not None:
            scales = agreeing_scales(*(self._meaning(number) for number in (*inputs, output)))
            values = [
                self.graph.add("DequantizeLinear", self._bytes[value], self.graph.constant(scale), self._pair(number)[1])
                for value, number, scale in zip(values, inputs, scales, strict=True)
            ]
        return self._finished(self.graph.add("Add", *values), output, options.fusedActivationFunction)

    def _max_pool_2d(self, inputs: list[int], output: int, options: Any) -> str:
        kernel = [options.filterHeight, options.filterWidth]
        strides, pads = [options.strideH, options.strideW], self._pads(options, inputs[0], kernel)
        value = self.graph.add("MaxPool", self._values[inputs[0]], kernel_shape=kernel, strides=strides, pads=pads)
        return self._finished(value, output, options.fusedActivationFunction)

    def _resize_nearest_neighbor(self, inputs: list[int], output: int, options: Any) -> str:
        assert not options.alignCorners
        _, height, width, channels = self._shape(output)
        size = self.graph.constant(np.array([1, channels, height, width], np.int64))
        where = "half_pixel" if options.halfPixelCenters else "asymmetric"
        how: dict[str, Any] = {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": where}
        return self._finished(self.graph.add("Resize", self._values[inputs[0]], "", "", size, **how), output)

    def _reshape(self, inputs: list[int], output: int, options: Any) -> str:
        value = self._values[inputs[0]]
        if len(self._shape(inputs[0])) == 4:
            value = self.graph.add("Transpose", value, perm=TO_NHWC)
        value = self.graph.add("Reshape", value, self.graph.constant(np.array(self._shape(output), np.int64)))
        return self._finished(value, output)

    def _concatenation(self, inputs: list[int], output: int, options: Any) -> str:
        assert len(self._shape(output)) == 3
        return self._finished(self.graph.add("Concat", *(self._values[one] for one in inputs), axis=options.axis), output)

    def _logistic(self, inputs: list[int], output: int, options: Any) -> str:
        return self._finished(self.graph.add("Sigmoid", self._values[inputs[0]]), output)

    def _relu(self, inputs: list[int], output: int, options: Any) -> str:
        return self._finished(self.graph.add("Relu", self._values[inputs[0]]), output)

    def _pad(self, inputs: list[int], output: int, options: Any) -> str:
        before, after = np.asarray(self._data(inputs[1]))[list(TO_NCHW)].T
        pads = self.graph.constant(np.concatenate([before, after]).astype(np.int64))
        return self._finished(self.graph.add("Pad", self._values[inputs[0]], pads), output)

    def _quantize(self, inputs: list[int], output: int, options: Any) -> str:
        return self._values[inputs[0]]  # from the picture's unsigned bytes to signed ones of the same meaning

    def _dequantize(self, inputs: list[int], output: int, options: Any) -> str:
        if (data := self._data(inputs[0])) is None:
            return self._values[inputs[0]]
        self._constants[output] = data.astype(np.float32)  # weights that were stored in 16 bits
        return ""
