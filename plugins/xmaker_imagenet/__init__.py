"""The network in the box: EfficientNet-Lite0, under two names. Where it is from and what it reaches say the cards."""

from __future__ import annotations

from pathlib import Path

from xmaker import ModelCard, card_beside, hookimpl

FOLDER = Path(__file__).parent


@hookimpl
def xmaker_models() -> list[ModelCard]:
    return [card_beside(FOLDER / "imagenet.json"), card_beside(FOLDER / "cat-dog.json")]
