"""The command `xmaker model get`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from xmaker import ProjectError
from xmaker.errors import language, message, nearest
from xmaker.words import columns
from xmaker_catalog import entry as entries
from xmaker_catalog.entry import Entry

DONE = ("classify", "detect", "keywords", "speech")
"""The tasks that node types do."""


@click.command("get")
@click.argument("name", required=False)
@click.option("--from", "source", default="", help="Another address, or a file on this computer, of the same file.")
@click.option("--mirror", default="", metavar="URL", help="Another server with the same files; for a package, another index.")
@click.option("--catalog", type=click.Path(path_type=Path), help="A catalog of your own (.json) instead of XMaker's.")
def get(name: str | None, source: str, mirror: str, catalog: Path | None) -> None:
    """Download a network, or a model for speech; without a name, list those that there are."""
    known = entries.known() if catalog is None else entries.read_catalog(catalog)
    if name is None:
        _list(known)
        return
    if name not in known:
        raise ProjectError.of("XM570", model=name, known=", ".join(known), near=nearest(name, known))
    entry = known[name]
    folder = place_of(entry) or _bring(entry, source, mirror)
    click.echo(message("XM829", "what", model=name, folder=folder))
    if entry.card_file.is_file():
        click.echo(message("XM574", "what", model=name))
    elif entry.task not in DONE:
        click.echo(message("XM575", "what", task=entry.task))


def place_of(entry: Entry) -> Path | None:
    """Return the folder of a model that is on this computer; speech's may have been put there by Vosk itself."""
    if entry.here:
        return entry.place
    if entry.task != "speech":
        return None
    from xmaker_speech.models import find

    return find(entry.folder)


def _list(known: dict[str, Entry]) -> None:
    from xmaker.cli.answers import table

    *headings, yes = columns("XM573")
    rows = (
        [
            entry.name,
            entry.task,
            entry.title.get(language()) or entry.title.get("en", ""),
            f"{entry.size / 1e6:.1f}",
            entry.licence,
            yes if place_of(entry) else None,
        ]
        for entry in known.values()
    )
    table(headings, rows)


def _bring(entry: Entry, source: str, mirror: str) -> Path:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    from xmaker_catalog.download import bring

    shown = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    with Progress(*shown, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(entry.name, total=entry.size)

        def tell(here: int) -> None:
            progress.update(task, completed=here)

        return bring(entry, entries.home(), tell, source=source, mirror=mirror)
