"""The fields of a protobuf message: what ONNX files are written in."""

from __future__ import annotations

from collections.abc import Iterator
from mmap import mmap

Where = int | slice
"""A field's value, or where its bytes lie."""


def fields(data: bytes | mmap, where: Where) -> Iterator[tuple[int, Where]]:
    """Yield each field of a protobuf message: its number, and its value or where it lies. Raises ValueError or IndexError."""
    if not isinstance(where, slice):
        raise ValueError
    at, end = where.start, where.stop
    while at < end:
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        else:
            length, at = (8, at) if kind == 1 else (4, at) if kind == 5 else _varint(data, at)
            if kind not in (1, 2, 5) or at + length > end:
                raise ValueError
            yield tag >> 3, slice(at, at := at + length)
    if at > end:
        raise ValueError


def _varint(data: bytes | mmap, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, the lowest first, and where it ends."""
    value = shift = 0
    while shift < 70:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            break
    return value, at
