"""`xmaker model bench MODEL…`: how fast models run on this board; `--compare` shows several boards side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xmaker_toolbox.report_file import ReportFile

if TYPE_CHECKING:
    from xmaker_toolbox.speed.results import Benchmark


@click.command("bench")
@click.argument("models", nargs=-1, required=True, metavar="MODEL…")
@click.option("--engine", "engines", multiple=True, metavar="NAME", help="Only this engine; may be given again.")
@click.option("--pictures", type=click.Path(path_type=Path), metavar="FOLDER", help="Whole pictures: prepared, run, decoded.")
@click.option("--threads", type=click.IntRange(1), default=os.cpu_count() or 1, help="The most threads to try.")
@click.option("--rounds", type=click.IntRange(1), default=1, help="Measure so often, in turn; the least disturbed time counts.")
@click.option("--json", type=ReportFile(".json"), help="Write all that was measured into this file.")
@click.option("--csv", type=ReportFile(".csv"), help="Write a line for each way to run a model into this file.")
@click.option("--markdown", type=ReportFile(".md"), help="Write the tables into this file.")
@click.option("--plot", type=ReportFile(".svg"), help="Draw the table into this .svg file.")
@click.option("--compare", is_flag=True, help="Measure nothing: show these files of --json side by side.")
def bench(
    models: tuple[str, ...],
    engines: tuple[str, ...],
    pictures: Path | None,
    threads: int,
    rounds: int,
    json: Path | None,
    csv: Path | None,
    markdown: Path | None,
    plot: Path | None,
    compare: bool,
) -> None:
    """Measure how fast models run here: with each engine and file, each in a process of its own."""
    from xmaker.cli.answers import table
    from xmaker_toolbox.files import write_text
    from xmaker_toolbox.speed import plot as plotting
    from xmaker_toolbox.speed import table as tables

    if json and compare:
        raise click.UsageError("--compare measures nothing that --json could write")
    found = _compared(models) if compare else [_measured(models, engines, pictures, threads, rounds)]
    if not compare:
        table(*tables.ways(found[0]))
        click.echo()
    click.echo("\n".join(map(tables.caption, found)))
    table(*tables.boards(found))
    click.echo("\n".join(tables.footnotes(found)))
    if json:
        found[0].write(json)
    for path, make in ((csv, tables.comma_separated), (markdown, tables.markdown), (plot, plotting.plot)):
        if path:
            write_text(path, make(found))


def _measured(models: Sequence[str], engines: Sequence[str], pictures: Path | None, threads: int, rounds: int) -> Benchmark:
    from xmaker import Plugins, ProjectError
    from xmaker_toolbox.progress import bar
    from xmaker_toolbox.speed.bench import bench as measure
    from xmaker_toolbox.speed.results import Benchmark, this_machine

    machine = this_machine(Plugins.load())
    with bar() as progress:
        speeds = measure(models, engines=engines, pictures=pictures, threads=threads, rounds=rounds, progress=progress)
    if not any(one.runs or one.slow for one in speeds):
        reasons = "; ".join(dict.fromkeys(f"{one.engine}: {one.error}" for one in speeds))
        raise ProjectError.of("XM462", models=", ".join(models), reasons=reasons)
    return Benchmark.now(speeds, machine)


def _compared(files: Sequence[str]) -> list[Benchmark]:
    """Read what several boards have written. Raises ProjectError for what is no such file, or cannot be compared."""
    from xmaker import ProjectError
    from xmaker_toolbox.speed.results import Benchmark, told_apart

    found = [Benchmark.read(Path(file)) for file in files]
    whats = {one.what for benchmark in found for one in benchmark.speeds}
    if len(whats) > 1:
        raise ProjectError.of("XM464", files=", ".join(files))
    return told_apart(found, [Path(file).stem for file in files])
