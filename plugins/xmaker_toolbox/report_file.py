"""Options of commands that name a report: it ends as its kind does, so that no other file is written over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class ReportFile(click.Path):
    """A file to write a report into. `endings` are those of its kind, the usual one first."""

    def __init__(self, *endings: str) -> None:
        super().__init__(dir_okay=False, path_type=Path)
        self._endings = endings

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from xmaker_toolbox.files import require_report

        path = Path(str(super().convert(value, param, ctx)))
        require_report(path, *self._endings)
        return path
