"""The command `xmaker model evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from xmaker.errors import message
from xmaker_toolbox.evaluation.result import Evaluation
from xmaker_toolbox.progress import bar, span
from xmaker_toolbox.report_file import ReportFile

FEW = 12
"""Classes whose confusion matrix fits into a terminal."""
OFTEN = 5
"""Most frequent mistakes that are told of."""


@click.command("evaluate")
@click.argument("models", nargs=-1, required=True, metavar="MODEL…")
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Pictures, or recordings of words, whose labels are known."
)
@click.option("--engine", default="", metavar="NAME", help="What runs the network; nothing is the usual one.")
@click.option("--report", type=ReportFile(".html", ".htm"), help="Write a page for the browser (.html).")
@click.option("--json", type=ReportFile(".json"), help="Write all figures as JSON.")
def evaluate(models: tuple[str, ...], data: Path, engine: str, report: Path | None, json: Path | None) -> None:
    """Count how often models are right on pictures, or recordings of words, whose labels are known.

    --data is a folder with a folder for each class, or a table (file,label); for detectors a COCO file, or a folder with
    YOLO's labels.
    """
    import msgspec

    from xmaker_toolbox.evaluation.report import page
    from xmaker_toolbox.evaluation.run import evaluate as measure
    from xmaker_toolbox.evaluation.run import task_of
    from xmaker_toolbox.files import write_text

    for model in models:
        task_of(model)  # what is wrong with the last one is said before the first one's pictures
    with bar() as progress:
        steps = [span(progress, number / len(models), (number + 1) / len(models)) for number in range(len(models))]
        found = [measure(model, data, engine=engine, progress=step) for model, step in zip(models, steps, strict=True)]
    try:  # before anything is shown: who looks only at the first lines (`| head`) gets the files, too
        if json:
            write_text(json, msgspec.json.encode([one.to_json() for one in found]).decode() + "\n")
        if report:
            write_text(report, page(found))
    finally:
        show(found)
    for file in filter(None, (json, report)):
        click.echo(message("XM444", "what", file=file))


def show(found: Sequence[Evaluation]) -> None:
    """Print a table of all models, and for a single one where it goes wrong."""
    from xmaker.cli.answers import table
    from xmaker_toolbox.evaluation.tables import classes, notices, summary

    table(*summary(found, "{:.3f}".format))
    for notice in dict.fromkeys(notice for one in found for notice in notices(one)):
        click.echo(notice)
    if len(found) == 1 and found[0].confusion:
        _where_it_goes_wrong(found[0])
    elif len(found) == 1:
        click.echo()
        table(*classes(found[0].classes, FEW))


def _where_it_goes_wrong(one: Evaluation) -> None:
    labels = [of.label for of in one.classes]
    confusion(labels, one.confusion)
    pairs = [
        f"{labels[true]} → {labels[said]}" + (f" ×{count}" if count > 1 else "") for true, said, count in one.confused()[:OFTEN]
    ]
    if pairs:
        click.echo("\n" + message("XM442", "what", mistakes=", ".join(pairs)))


def confusion(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
    """Print how often each class was taken for which; nothing where there are too many of them."""
    from xmaker.words import columns, width

    if len(labels) > FEW:
        return
    it_is, it_says, *_ = columns("XM441")
    rows = [[it_is, *labels]] + [[label, *(str(one or "·") for one in row)] for label, row in zip(labels, counts, strict=True)]
    first, *widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    click.echo(f"\n{' ' * first}  {it_says}")
    for label, *cells in rows:
        padded = [" " * (room - width(cell)) + cell for cell, room in zip(cells, widths, strict=True)]
        click.echo("  ".join([label + " " * (first - width(label)), *padded]))
