"""The detectors in the box: 80 kinds of things, people alone, and faces."""

from __future__ import annotations

from pathlib import Path

from xmaker import ModelCard, card_beside, hookimpl

FOLDER = Path(__file__).parent


@hookimpl
def xmaker_models() -> list[ModelCard]:
    return [card_beside(FOLDER / f"{name}.json") for name in ("objects", "person", "face")]
