"""The command `xmaker model get`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from xmaker.errors import message
from xmaker_speech import models


@click.command("get")
@click.argument("name", required=False)
@click.option("--from", "source", default="", help="Another address, or a zip file on this computer, of the same model.")
def get(name: str | None, source: str) -> None:
    """Download a model for speech; without a name, list those that there are."""
    if name is None:
        for known in models.known_models().values():
            click.echo(f"{known.name}  {known.language}  {known.size / 1e6:.0f} MB  {models.find(known.name) or '-'}")
        return
    if name not in models.known_models():
        raise models.absent(name)
    if (found := models.find(name)) is not None:
        click.echo(message("XM829", "what", model=name, folder=found))
        return
    click.echo(message("XM829", "what", model=name, folder=_bring(models.known_models()[name], source)))


def _bring(known: models.Known, source: str) -> Path:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    from xmaker_speech.download import bring

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(known.name, total=known.size)
        return bring(known, source or known.url, models.home(), lambda here: progress.update(task, completed=here))
