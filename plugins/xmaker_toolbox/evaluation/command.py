"""The command `xmaker model evaluate`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from xmaker.cli.answers import table
from xmaker.errors import message
from xmaker.words import columns, width
from xmaker_toolbox.evaluation.result import Evaluation
from xmaker_toolbox.evaluation.run import evaluate as measure
from xmaker_toolbox.files import whole
from xmaker_toolbox.progress import bar, span

FEW = 12
"""Classes whose confusion matrix fits into a terminal."""
FIGURES = ("top-1", "top-5", "mAP", "AP50", "AP75")


@click.command("evaluate")
@click.argument("models", nargs=-1, required=True)
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Pictures whose labels are known.")
@click.option("--engine", default="", help="What runs the network; nothing is the usual one.")
@click.option("--report", type=click.Path(path_type=Path), help="Write a page for the browser (.html).")
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write all figures as JSON.")
def evaluate(models: tuple[str, ...], data: Path, engine: str, report: Path | None, as_json: Path | None) -> None:
    """Count how often models are right on pictures whose labels are known.

    --data is a folder with a folder for each class, a table (file,label), or for detectors a COCO file or a folder with
    images and labels.
    """
    with bar() as progress:
        steps = [span(progress, number / len(models), (number + 1) / len(models)) for number in range(len(models))]
        found = [measure(model, data, engine=engine, progress=step) for model, step in zip(models, steps, strict=True)]
    show(found)
    if as_json:
        with whole(as_json) as part:
            part.write_bytes(msgspec.json.format(msgspec.json.encode(found, enc_hook=str), indent=2) + b"\n")
        click.echo(message("XM444", "what", file=as_json))
    if report:
        from xmaker_toolbox.evaluation.report import page

        with whole(report) as part:
            part.write_text(page(found), encoding="utf-8")
        click.echo(message("XM444", "what", file=report))


def show(found: list[Evaluation]) -> None:
    """Print a table of all models, and for a single one where it goes wrong."""
    name, pictures, *figures, size = columns("XM440")
    used = [(key, heading) for key, heading in zip(FIGURES, figures, strict=True) if any(key in one.figures for one in found)]
    rows = []
    for one in found:
        numbers = [f"{one.figures[key]:.3f}" if key in one.figures else "-" for key, _ in used]
        rows.append([one.model, one.pictures, *numbers, f"{one.megabytes:.1f}"])
    table([name, pictures, *(heading for _, heading in used), size], rows)
    for one in found[:1]:
        if one.skipped:
            names = ", ".join(path.name for path in one.skipped[:8])
            click.echo(message("XM435", "what", count=len(one.skipped), names=names))
        if one.left_out:
            click.echo(message("XM443", "what", model=one.model, names=", ".join(one.left_out)))
    if len(found) == 1:
        _where_it_goes_wrong(found[0])


def _where_it_goes_wrong(one: Evaluation) -> None:
    confusion([of.label for of in one.classes], one.confusion)
    pairs = Counter((mistake.true, mistake.said) for mistake in one.mistakes if mistake.true)
    if pairs:
        said = ", ".join(f"{true} → {said} ×{count}" for (true, said), count in pairs.most_common(5))
        click.echo("\n" + message("XM442", "what", mistakes=said))


def confusion(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
    """Print how often each class was taken for which; nothing where there are too many of them."""
    if not counts or len(labels) > FEW:
        return
    click.echo("\n" + message("XM441", "what"))
    rows = [["", *labels]] + [[label, *(str(count or "·") for count in row)] for label, row in zip(labels, counts, strict=True)]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(" " * (room - width(cell)) + cell for cell, room in zip(row, widths, strict=True)))
