"""`xmaker model export MODEL OUT`."""

from __future__ import annotations

from pathlib import Path

import click

from xmaker.errors import message
from xmaker_toolbox.report_file import OutFile


@click.command("export")
@click.argument("model")
@click.argument("out", type=OutFile())
def export(model: str, out: Path) -> None:
    """Write an .onnx file for another engine: OUT ends in .ncnn.param (ncnn), .xml (OpenVINO) or .tflite (LiteRT)."""
    from xmaker_toolbox.exporting.run import export as work
    from xmaker_toolbox.progress import bar

    with bar() as progress:
        made = work(model, out, progress=progress)
    files = " ".join(map(str, made.files))
    click.echo(message("XM558", "what", difference=f"{made.difference:.1e}", count=made.tried, file=files))
    click.echo(message("XM579", "what", card=made.files[-1], engine=made.engine))
