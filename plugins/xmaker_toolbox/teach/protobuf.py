"""Puts an ONNX file together without the package `onnx`: a board of 512 MB teaches, too. The field numbers are onnx.proto's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FLOAT, UINT8, INT64 = 1, 2, 7
"""TensorProto.DataType."""


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def field(number: int, value: bytes | str | int) -> bytes:
    """Return one field of a message."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def node(operation: str, inputs: Iterable[str], output: str, **attributes: int | Sequence[int]) -> bytes:
    """Return a NodeProto (input 1, output 2, op_type 4, attribute 5)."""
    made = b"".join([*(field(1, name) for name in inputs), field(2, output), field(4, operation)])
    for name, value in attributes.items():  # AttributeProto: name 1, i 3, ints 8, type 20 (INT 2, INTS 7)
        if isinstance(value, int):
            given = field(3, value) + field(20, 2)
        else:
            given = b"".join(field(8, one) for one in value) + field(20, 7)
        made += field(5, field(1, name) + given)
    return made


def tensor(name: str, array: Any) -> bytes:
    """Return a TensorProto of a numpy array (dims 1, data_type 2, name 8, raw_data 9)."""
    kind = {"float32": FLOAT, "uint8": UINT8, "int64": INT64}[array.dtype.name]
    dims = b"".join(field(1, size) for size in array.shape)
    return dims + field(2, kind) + field(8, name) + field(9, array.astype(array.dtype.newbyteorder("<")).tobytes())


def value_info(name: str, kind: int, shape: Sequence[int]) -> bytes:
    """Return a ValueInfoProto: name 1, type 2 → tensor_type 1 → elem_type 1, shape 2 → dim 1 → dim_value 1."""
    dims = b"".join(field(1, field(1, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, dims)))


def metadata(entries: Mapping[str, str]) -> bytes:
    """Return a model's metadata_props (14: key 1, value 2)."""
    return b"".join(field(14, field(1, key) + field(2, value)) for key, value in entries.items())
