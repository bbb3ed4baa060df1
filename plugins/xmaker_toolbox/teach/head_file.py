"""A taught model without its network: a head of some kilobytes, in a card that names the network in the box.

It is what a project passes on: the network alone has 3.7 MB, and whoever has XMaker has it already. When such a file is used,
the two are put together, once, in the user's cache; from then on it is an ONNX file like any other, for every engine.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from zlib import crc32

import msgspec
from msgspec.structs import replace
from xmaker_keywords.head import Head

from xmaker import ModelCard, ProjectError, XMakerError, card_beside
from xmaker_toolbox.files import whole
from xmaker_toolbox.teach.graph import SIZE, taught_network, trunk

NETWORK = "imagenet"
SOURCE = "a head on XMaker's EfficientNet-Lite0"
"""What the card of a taught model says of where it is from."""


def shipped() -> ModelCard:
    """Return the card of the network in the box that heads are put on."""
    from xmaker_imagenet import xmaker_models

    return next(card for card in xmaker_models() if card.name == NETWORK)


def write_head(file: Path, head: Head, card: ModelCard, network: ModelCard) -> None:
    """Write a head, as 16-bit floats, and which network it was learnt on."""
    import base64

    import numpy as np

    kept = base64.b64encode(np.vstack((head.weights, head.bias)).astype("<f2").tobytes()).decode()
    made = replace(card, decode={"head": kept, "network": network.name, "sha256": network.sha256})
    file.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")


def completed(path: Path) -> ModelCard | None:
    """Return the card of a head together with its network; None when the file is no such head.

    Raises ProjectError when it is damaged, was learnt on another network, or cannot be put together anywhere.
    """
    card = card_beside(path)
    if "head" not in card.decode:
        return None
    head, network = _head(card, path), shipped()
    if card.decode.get("sha256") != network.sha256:
        raise ProjectError.of("XM486", file=path)
    assert network.path
    made = replace(card, decode={}, path=None)
    state = crc32(path.read_bytes() + network.sha256.encode())
    file = _cache() / f"{path.stem}-{state:08x}.onnx"
    if not file.is_file():
        with whole(file) as part:
            names = list(map(str, card.label_names()))
            part.write_bytes(taught_network(trunk(network.path.read_bytes()), head.weights, head.bias, made, names))
    return replace(made, path=file)


def is_taught(path: Path) -> bool:
    """Whether a file was written by an earlier lesson with pictures, and may be written over by a new one."""
    from xmaker import read_onnx

    try:
        if path.suffix.lower() == ".json":
            return "head" in card_beside(path).decode
        return SOURCE in read_onnx(path).metadata.get("xmaker", "")
    except (XMakerError, OSError):
        return False


def _head(card: ModelCard, path: Path) -> Head:
    import base64

    import numpy as np

    try:
        kept: Any = np.frombuffer(base64.b64decode(card.decode["head"], validate=True), "<f2").astype(np.float32)
        rows = kept.reshape(SIZE + 1, len(card.label_names()))
        good = rows.size > 0 and bool(np.isfinite(rows).all())
    except (ValueError, TypeError):
        good = False
    if not good:
        raise ProjectError.of("XM485", file=path)
    return Head(rows[:-1], rows[-1])


def _cache() -> Path:
    """Return where heads and networks are put together; a user without a home has the folder for temporary files."""
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:
        home = gettempdir()
    return Path(home) / "xmaker" / "taught"
