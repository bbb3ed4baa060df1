"""The words in the box, and the command that teaches others. Where they are from and what they reach say the cards."""

from __future__ import annotations

from pathlib import Path

from xmaker import ModelCard, card_beside, hookimpl

FOLDER = Path(__file__).parent


@hookimpl
def xmaker_models() -> list[ModelCard]:
    return [card_beside(FOLDER / "digits.json"), card_beside(FOLDER / "lamp-zh.json")]
