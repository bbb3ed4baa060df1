"""A network of PyTorch with its weights, before it is exported."""

from __future__ import annotations

from typing import Any

import msgspec

from xmaker import ModelInput


class Built(msgspec.Struct, kw_only=True):
    """What becomes of a checkpoint; the fields mean the same as those of `Source`."""

    module: Any
    picture: ModelInput
    origin: str
    classes: int
    logits: bool = True
    backbone: str = "MobileNet"
    told: dict[str, str] | None = None
    guessed: list[str] = []
