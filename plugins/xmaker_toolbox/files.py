"""Files that are there whole or not at all, and that take nobody's place."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xmaker import ProjectError, XMakerError, card_beside
from xmaker.protobuf import fields

PRODUCER = "xmaker"
"""What the toolbox's networks say of who made them."""

RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that Windows has for devices (https://learn.microsoft.com/windows/win32/fileio/naming-a-file)."""


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give a path beside `target` to write to; it becomes `target` when all went well, and is removed when not.

    Its name ends as the target's does: libraries look at that. Raises ProjectError when it cannot be written.
    """
    part = target.with_name(f".{target.stem}.{os.getpid()}{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield part
        os.replace(part, target)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise ProjectError.of("XM491" if full else "XM490", file=target, reason=error.strerror or error) from None
    finally:
        with suppress(OSError):
            part.unlink()


def write_text(target: Path, text: str) -> None:
    """Write a text, whole or not at all. Raises ProjectError when it cannot be written."""
    with whole(target) as part:
        part.write_text(text, encoding="utf-8")


def require_own(target: Path) -> None:
    """Raise ProjectError for a network that the toolbox did not write: it is somebody's work; and for a folder."""
    if target.is_dir():
        raise ProjectError.of("XM490", file=target, reason=os.strerror(errno.EISDIR))
    if target.exists() and not (_producer(target) == PRODUCER if target.suffix.lower() == ".onnx" else _has_card(target)):
        raise ProjectError.of("XM538", file=target)


def require_report(target: Path, *endings: str) -> None:
    """Raise ProjectError for a report whose name is that of another kind of file, and for one in the place of a model."""
    if target.suffix.lower() not in endings:
        raise ProjectError.of("XM663", file=target, endings=", ".join(endings), better=target.with_suffix(endings[0]).name)
    if target.suffix.lower() == ".json" and target.exists() and _names_model(target):
        raise ProjectError.of("XM538", file=target)


def _producer(network: Path) -> str:
    """Return who made an ONNX file (producer_name 2); "" for what is none."""
    data = network.read_bytes()
    try:
        found = next((value for number, value in fields(data, slice(0, len(data))) if number == 2), 0)
    except (ValueError, IndexError):
        return ""
    return data[found].decode("utf-8", "replace") if isinstance(found, slice) else ""


def _has_card(network: Path) -> bool:
    """Whether a card lies beside it, as beside each network of another kind that the toolbox writes."""
    beside = network.with_suffix(".json")
    return beside.is_file() and _names_model(beside)


def _names_model(card: Path) -> bool:
    try:
        return bool(card_beside(card).task)
    except XMakerError:
        return False
