"""Pictures to calibrate, teach or measure with: a folder for each class, a folder of any, or a table of names and labels."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from xmaker import ProjectError

ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".ppm", ".pgm", ".tif", ".tiff", ".gif")
NAMES = ("file", "filename", "path", "image", "图片", "文件")
LABELS = ("label", "class", "name", "class_name", "标签", "类别")
NUMBERS = ("class_index", "index", "class_id", "编号")


class Picture(msgspec.Struct, frozen=True):
    """A picture's file, and what is on it: a class's name, or its number, or nothing that anybody has said."""

    path: Path
    label: str | int | None = None
    name: str = ""
    """What a table calls it beside the number."""


def read_pictures(source: Path, endings: tuple[str, ...] = ENDINGS) -> list[Picture]:
    """List the pictures (or other files with these endings) of a folder or a table (.csv), in an order that is always the same.

    In a folder with folders, each folder's name is the label of the pictures in it. A table has a column with the file
    (relative to the table) and one with the label's name or number; its first line names them. Raises ProjectError.
    """
    if source.suffix.lower() == ".csv" and source.is_file():
        return _table(source)
    if not source.is_dir():
        raise ProjectError.of("XM492", file=source)
    labelled = [Picture(path, folder.name) for folder in _folders(source) for path in _files(folder, endings)]
    found = labelled or [Picture(path) for path in _files(source, endings)]
    if not found:
        raise ProjectError.of("XM493", folder=source, endings=" ".join(endings))
    return found


def load_picture(path: Path) -> Any:
    """Return a picture as (height, width, 3) uint8 in BGR, whatever it was: grey, masked, 16 bits, CMYK; else None."""
    import cv2
    import numpy as np

    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        return None
    try:
        return cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None  # turned as EXIF says; Chinese names work, too
    except cv2.error:
        return None  # more than 2^30 pixels


def read_text(path: Path) -> str:
    """Read a text that may have been saved by Windows: UTF-8 with or without a mark, UTF-16, or GBK. Raises ProjectError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ProjectError.of("XM492", file=path, reason=error.strerror) from None
    for encoding in _encodings(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ProjectError.of("XM494", file=path)


def _encodings(data: bytes) -> tuple[str, ...]:
    """Return what a text may be written in. In UTF-16 without a mark, every line's end has a byte of 0."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if 0 in data:
        return ("utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be",)
    return ("utf-8-sig", "gb18030")


def _folders(source: Path) -> Iterator[Path]:
    return (path for path in sorted(source.iterdir()) if path.is_dir() and not path.name.startswith("."))


def _files(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in endings and not path.name.startswith("."))


def _table(source: Path) -> list[Picture]:
    text = read_text(source)
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    columns = [name or "" for name in rows.fieldnames or ()]
    file, label, number = (
        next((one for one in columns if one.strip().lower() in known), "") for known in (NAMES, LABELS, NUMBERS)
    )
    if not file or not (label or number):
        raise ProjectError.of("XM495", file=source, columns=", ".join(columns) or "-")
    found = [Picture(source.parent / row[file], *_label(row, label, number)) for row in rows if row[file]]
    if not found:
        raise ProjectError.of("XM493", folder=source, endings=" ".join(ENDINGS))
    return found


def _label(row: dict[str, str], label: str, number: str) -> tuple[str | int | None, str]:
    name = (row[label] or "").strip() if label else ""
    if number and (row[number] or "").strip().isdigit():
        return int(row[number]), name
    return name or None, ""
