"""Looks into an ONNX file without loading its network: what it says of itself, what goes in, what comes out.

An ONNX file is the protobuf message `ModelProto`; the field numbers here are those of onnx.proto.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path

import msgspec

from xmaker.errors import ProjectError
from xmaker.protobuf import Where, fields

_KINDS = {1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64", 9: "bool", 10: "float16", 11: "float64", 16: "bfloat16"}
"""TensorProto.DataType, as far as networks take it."""
_PASSED_ON = ("QuantizeLinear", "DequantizeLinear", "Cast", "Identity", "Reshape", "Flatten", "Squeeze")
"""Operations that leave scores what they are."""


class Tensor(msgspec.Struct, frozen=True):
    """What goes into a network or comes out of it. A dimension that is not fixed is 0."""

    name: str
    kind: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.kind} [{', '.join(str(size or '?') for size in self.shape)}]"


class OnnxFile(msgspec.Struct):
    """What an ONNX file says of itself."""

    path: Path
    metadata: dict[str, str] = {}
    inputs: list[Tensor] = []
    outputs: list[Tensor] = []
    last: dict[str, str] = {}
    """Output → the operation that made it ("Softmax"), the ones that only pass on left out."""
    elsewhere: list[str] = []
    """The names of the files, beside this one, that hold weights."""

    @property
    def size(self) -> int:
        """Bytes on disk, weights in other files included."""
        files = [self.path, *(self.path.parent / name for name in self.elsewhere)]
        return sum(file.stat().st_size for file in files if file.is_file())

    @property
    def missing(self) -> list[str]:
        """The names of files with weights that are not there."""
        return [name for name in self.elsewhere if not (self.path.parent / name).is_file()]


def onnx_metadata(path: Path) -> dict[str, str]:
    """Return an ONNX file's metadata, quickly. Raises ProjectError when it is no whole ONNX file."""
    seen, metadata = set(), {}
    with _opened(path) as data:
        for number, value in fields(data, slice(0, len(data))):
            seen.add(number)
            if number == 14:  # metadata_props: key 1, value 2
                entry = {part: _text(data, text) for part, text in fields(data, value)}
                metadata[entry.get(1, "")] = entry.get(2, "")
        if not {1, 7} <= seen:  # ir_version, graph
            raise ValueError
    return metadata


def read_onnx(path: Path) -> OnnxFile:
    """Return what an ONNX file says of itself. Raises ProjectError when it is no whole ONNX file."""
    file = OnnxFile(path, onnx_metadata(path))
    with _opened(path) as data:
        graph = next(value for number, value in fields(data, slice(0, len(data))) if number == 7)
        weights: set[str] = set()
        made_by: dict[str, tuple[str, str]] = {}
        for number, value in fields(data, graph):
            if number == 1:
                made_by.update(_node(data, value))
            elif number == 5:
                weights.add(_weights(data, value, file.elsewhere))
            elif number in (11, 12):
                (file.inputs if number == 11 else file.outputs).append(_tensor(data, value))
    file.inputs = [one for one in file.inputs if one.name not in weights]  # old files list their weights here too
    file.last = {one.name: _last(one.name, made_by) for one in file.outputs}
    return file


@contextmanager
def _opened(path: Path) -> Iterator[mmap]:
    try:
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            yield data
    except (ValueError, IndexError, StopIteration):
        raise ProjectError.of("XM605", file=path) from None


def _node(data: mmap, where: Where) -> dict[str, tuple[str, str]]:
    """Return, for each output of a node, its operation and its first input (NodeProto: input 1, output 2, op_type 4)."""
    parts = [(number, _text(data, value)) for number, value in fields(data, where) if number in (1, 2, 4)]
    first = next((text for number, text in parts if number == 1), "")
    operation = next((text for number, text in parts if number == 4), "")
    return {text: (operation, first) for number, text in parts if number == 2}


def _last(name: str, made_by: dict[str, tuple[str, str]]) -> str:
    operation = ""
    for _ in range(10):
        operation, name = made_by.get(name, ("", ""))
        if operation not in _PASSED_ON:
            break
    return operation


def _weights(data: mmap, where: Where, elsewhere: list[str]) -> str:
    """Return the name of a TensorProto (name 8), and note the file that it is in (external_data 13: `location`)."""
    name = ""
    for number, value in fields(data, where):
        if number == 8:
            name = _text(data, value)
        elif number == 13:
            entry = {part: _text(data, text) for part, text in fields(data, value)}
            if entry.get(1) == "location" and (file := entry.get(2, "")) not in elsewhere:
                elsewhere.append(file)
    return name


def _tensor(data: mmap, where: Where) -> Tensor:
    """Return a ValueInfoProto: name 1, type 2 → tensor_type 1 → elem_type 1, shape 2 → dim 1 → dim_value 1."""
    name, kind, shape = "", "", []
    for number, value in fields(data, where):
        if number == 1:
            name = _text(data, value)
        elif number == 2:
            for inner, tensor in fields(data, value):
                for part, found in fields(data, tensor) if inner == 1 else ():
                    if part == 1:
                        kind = _KINDS.get(_number(found), "?")
                    elif part == 2:
                        shape = [_size(data, dimension) for one, dimension in fields(data, found) if one == 1]
    return Tensor(name, kind, tuple(shape))


def _size(data: mmap, where: Where) -> int:
    size = next((_number(value) for number, value in fields(data, where) if number == 1), 0)
    return size if size < 1 << 31 else 0  # -1 stands for any


def _number(value: Where) -> int:
    if isinstance(value, slice):
        raise ValueError
    return value


def _text(data: mmap, where: Where) -> str:
    if not isinstance(where, slice):
        raise ValueError
    return data[where].decode("utf-8", "replace")
