"""`xmaker model quantize MODEL OUT --data PICTURES`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xmaker.cli.answers import table
from xmaker.errors import Problem, message
from xmaker.words import columns
from xmaker_toolbox.report_file import OutFile

FEW = 20
"""With fewer pictures the numbers that occur are known badly, and the loss is a guess."""


def _number(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if value != value:  # `nan` lies in every range
        raise click.BadParameter("nan")
    return value


@click.command("quantize")
@click.argument("model")
@click.argument("out", type=OutFile(dir_okay=True))
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Pictures: a folder, or a table (.csv).")
@click.option("--test", type=click.Path(path_type=Path), help="Other pictures, to compare on; else every other one of --data.")
@click.option("--kind", type=click.Choice(["static", "dynamic", "float16"]), default="static", show_default=True)
@click.option("--target", type=click.Choice(["auto", "x86", "arm"]), default="auto", help="The processor that it is for.")
@click.option(
    "--max-loss",
    type=click.FloatRange(0, 100),
    callback=_number,
    default=1.0,
    show_default=True,
    help="Points that may be lost.",
)
def quantize(model: str, out: Path, **options: Any) -> None:
    """Make a network smaller and faster: 8 bits a number instead of 32."""
    from xmaker_toolbox.progress import bar, held
    from xmaker_toolbox.quantizing.run import quantize as work
    from xmaker_toolbox.quantizing.source import libraries

    with held():
        libraries()

    with bar() as progress:
        made = work(model, out, progress=progress, **options)
    if made.skipped:
        names = ", ".join(path.name for path in made.skipped[:3]) + (" …" if len(made.skipped) > 3 else "")
        click.echo(Problem("XM583", {"count": len(made.skipped), "files": names}, warning=True).show(), err=True)
    if made.calibrated < FEW:
        click.echo(Problem("XM582", {"count": made.calibrated}, warning=True).show(), err=True)
    click.echo(message("XM599", "what", calibrated=made.calibrated, tested=made.tested, labelled=made.labelled))
    table(columns("XM593"), (_row(one, one is made.chosen) for one in (made.original, *made.candidates)))
    click.echo(made.reason)
    if out.parent != Path():
        click.echo(message("XM444", "what", file=out))


def _row(one: Any, chosen: bool) -> list[object]:
    accuracy = "" if one.accuracy is None else f"{one.accuracy:.3f}"
    numbers = (f"{one.bytes / 1e6:.2f}", f"{one.agreement:.3f}", accuracy, f"{one.loss:.2f}", f"{one.ms:.2f}")
    return [one.title, *numbers, "◀" if chosen else " "]
