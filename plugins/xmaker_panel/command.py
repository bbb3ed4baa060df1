"""The command `xmaker panel`."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from xmaker import MissingDependency, ProjectError
from xmaker.cli.app import INTERRUPTED
from xmaker.errors import message


@click.command("panel")
@click.argument("folder", default=".", type=click.Path(path_type=Path))
@click.option("--host", default="", metavar="ADDRESS", help="The panel's address, for other computers too; it asks for a PIN.")
@click.option("--port", type=click.IntRange(1, 65535), help="The panel's port.")
def panel(folder: Path, host: str, port: int | None) -> int:
    """List a folder's projects, and XMaker's own, in a browser: start, stop, open and copy them."""
    if not folder.is_dir():
        raise ProjectError.of("XM969", folder=folder)
    try:
        from xmaker_panel.projects import listing
    except ImportError as error:
        library = (error.name or "starlette").partition(".")[0]
        raise MissingDependency.of("XM601", library=library, command="pip install 'xmaker[panel]'") from None
    ending = threading.Event()
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, lambda *_: ending.set())
    with listing(folder, host, port or 0) as words:
        click.echo(words)
        try:
            while not ending.wait(0.5):  # Python sees Ctrl-C when it wakes
                continue
        except KeyboardInterrupt:
            click.echo(message("XM712", "what"), err=True)
    return INTERRUPTED
