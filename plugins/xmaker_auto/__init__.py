"""`engine: auto` measures, once for each board and model, which engine, file and number of threads is the fastest."""

from __future__ import annotations

from typing import Any

from xmaker import Engine, hookimpl


@hookimpl
def xmaker_engines() -> list[type[Engine]]:
    from xmaker_auto.auto import Auto

    return [Auto]


@hookimpl
def xmaker_commands(cli: Any) -> None:
    from xmaker_auto.bench import bench

    cli.get_command(None, "model").add_command(bench)
