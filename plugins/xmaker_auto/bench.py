"""`xmaker model bench NAME`: a table of all the ways to run a model here."""

from __future__ import annotations

from pathlib import Path

import click

from xmaker import Plugins
from xmaker.cli.answers import table
from xmaker.errors import message
from xmaker.words import columns
from xmaker_auto import Auto
from xmaker_auto.choosing import best_of, candidates, reference, thread_counts
from xmaker_auto.measuring import Result, measured

EACH = 60.0
"""Seconds that one row may take."""


@click.command("bench")
@click.argument("name")
@click.option("--threads", type=click.IntRange(1), default=Auto.threads, help="The most threads to try.")
def bench(name: str, threads: int) -> None:
    """Measure every engine and file that can run a model here, each in a process of its own."""
    plugins = Plugins.load()
    card = plugins.model(name, Path.cwd())
    engines = plugins.engine(card, Auto.name).others
    usual = reference(engines, card)
    rows = [one for count in (1, *thread_counts(threads)) for one in candidates(engines, card, count)]
    results = []
    with click.progressbar(rows, label=message("XM659", "what", count=len(rows))) as shown:
        for row in shown:
            results += measured(card, usual, [row], EACH)
    best = best_of(results, usual)
    ranked = sorted(results, key=lambda one: (bool(one.error), one.ratio))
    table(columns("XM660"), ([*_row(one), one.error or ("◀" if one.way == best else "")] for one in ranked))


def _row(one: Result) -> list[object]:
    numbers = (f"{one.ms:.2f}", f"{one.ratio:.2f}", f"{one.agreement:.3f}", f"{one.megabytes:.0f}")
    return [one.way.engine, Path(one.way.file).name, one.way.threads, *(numbers if not one.error else [""] * 4)]
