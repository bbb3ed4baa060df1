"""The network in the box: EfficientNet-Lite0, under two names. Where it is from and what it reaches say the cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xmaker import ModelCard, card_beside, hookimpl

FOLDER = Path(__file__).parent


@hookimpl
def xmaker_models() -> list[ModelCard]:
    return [card_beside(FOLDER / "imagenet.json"), card_beside(FOLDER / "cat-dog.json")]


@hookimpl
def xmaker_commands(cli: Any) -> None:
    import click

    @click.command("objects")
    @click.argument("word", default="")
    def objects(word: str) -> None:
        """Search the 1,000 objects that the model imagenet knows, in English or Chinese."""
        for name in card_beside(FOLDER / "imagenet.json").label_names():
            if word.lower() in name.lower() or word in name.other:
                click.echo(f"{name}  {name.other}")

    cli.add_command(objects)
