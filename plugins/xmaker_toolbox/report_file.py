"""Files that commands write: where a folder is missing that is said at once, and a report ends as its kind does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xmaker.errors import message


class OutFile(click.Path):
    """A file to write. Its folder need not be there; that it will be made is said on stderr, before the work begins."""

    def __init__(self, dir_okay: bool = False) -> None:
        super().__init__(dir_okay=dir_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(str(super().convert(value, param, ctx)))
        _tell_of_folder(path)
        return path


class ReportFile(click.Path):
    """The same for a report, so that no other file is written over. `endings` are those of its kind, the usual one first."""

    def __init__(self, *endings: str) -> None:
        super().__init__(dir_okay=False, path_type=Path)
        self._endings = endings

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from xmaker_toolbox.files import require_report

        path = Path(str(super().convert(value, param, ctx)))
        require_report(path, *self._endings)
        _tell_of_folder(path)
        return path


def _tell_of_folder(path: Path) -> None:
    if not path.parent.exists():
        click.echo(message("XM919", "what", folder=path.parent), err=True)
