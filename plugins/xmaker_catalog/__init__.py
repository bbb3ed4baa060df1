"""Brings networks and models for speech from public servers, when `xmaker model get` is typed and at no other time."""

from __future__ import annotations

from typing import Any

from xmaker import ModelCard, card_beside, hookimpl
from xmaker_catalog.entry import home


@hookimpl
def xmaker_models() -> list[ModelCard]:
    """The networks that have been brought."""
    return [card_beside(card) for card in sorted(home().glob("*/*.json")) if card.stem == card.parent.name]


@hookimpl
def xmaker_commands(cli: Any) -> None:
    from xmaker_catalog.command import get

    cli.get_command(None, "model").add_command(get)
