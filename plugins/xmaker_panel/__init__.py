"""The panel: a running project seen and driven in a browser. Its libraries are loaded only when it is asked for."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from xmaker import MissingDependency, Runtime, hookimpl
from xmaker.runtime.live_file import LiveFile


@hookimpl
def xmaker_panel(file: LiveFile, runtime: Runtime, host: str, port: int) -> AbstractContextManager[str]:
    try:
        from xmaker_panel.server import serving
    except ImportError as error:
        library = (error.name or "starlette").partition(".")[0]
        raise MissingDependency.of("XM601", library=library, command="pip install 'xmaker[panel]'") from None
    return serving(file, runtime, host, port)


@hookimpl
def xmaker_commands(cli: Any) -> None:
    from xmaker_panel.command import panel

    cli.add_command(panel)
