"""The words in the box, and the command that teaches others. Where they are from and what they reach say the cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xmaker import ModelCard, card_beside, hookimpl

FOLDER = Path(__file__).parent


@hookimpl
def xmaker_models() -> list[ModelCard]:
    return [card_beside(FOLDER / "digits.json"), card_beside(FOLDER / "lamp-zh.json")]


@hookimpl
def xmaker_commands(cli: Any) -> None:
    import click

    from xmaker_keywords.command import teach

    cli.get_command(click.Context(cli), "model").add_command(teach)
