"""`xmaker model simplify`, `fold` and `card`: changes to a model's file that leave what it has learnt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from xmaker import ProjectError
from xmaker.cli.answers import table
from xmaker.errors import Problem, message
from xmaker.words import columns
from xmaker_toolbox.report_file import OutFile

if TYPE_CHECKING:
    from xmaker_toolbox.editing.simplify import Simplified

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("simplify")
@click.argument("model")
@click.argument("out", type=OutFile())
def simplify(model: str, out: Path) -> None:
    """Take out of an .onnx file what training left and what need not be done; the answers stay the same."""
    from xmaker_toolbox.editing.simplify import simplify as work
    from xmaker_toolbox.progress import bar

    with bar() as progress:
        _simplified(work(model, out, progress=progress))


def _simplified(made: Simplified) -> None:
    if made.trained:
        what = ", ".join(f"{count} {name}" for name, count in made.trained.most_common())
        click.echo(Problem("XM555", {"what": what}, warning=True).show(), err=True)
    sizes = (("before", made.before), ("after", made.after))
    words = columns("XM554")
    rows = [
        [word, sum(size.nodes.values()), f"{size.weights:,}", f"{size.bytes / 1e6:.3f}"]
        for word, (_, size) in zip(words[-2:], sizes, strict=True)
    ]
    table(words[:-2], rows)
    if made.taken:
        click.echo(message("XM557", "what", what=", ".join(f"{count} {name}" for name, count in made.taken.most_common())))
    click.echo(message("XM558", "what", difference=f"{made.difference:.1e}", count=made.tried, file=made.path))
    if made.after.bytes >= made.before.bytes:
        click.echo(Problem("XM665", {"file": made.path}, warning=True).show(), err=True)


@click.command("fold")
@click.argument("model")
@click.argument("out", type=OutFile())
@click.option(
    "--colour",
    type=click.Choice(["BGR", "RGB"], case_sensitive=False),
    default="BGR",
    show_default=True,
    help="Of the bytes that go in.",
)
def fold(model: str, out: Path, colour: Literal["BGR", "RGB"]) -> None:
    """Put what is done to pictures into the .onnx file: it takes their bytes then, (1, height, width, 3) uint8."""
    from xmaker_toolbox.editing.fold import fold as work
    from xmaker_toolbox.progress import bar

    with bar() as progress:
        made = work(model, out, colour=colour, progress=progress)
    shape = ", ".join(map(str, made.shape))
    click.echo(message("XM563", "what", shape=shape, colour=made.colour, steps=", ".join(made.steps)))
    click.echo(message("XM564", "what", difference=f"{made.difference:.1e}", count=made.tried, file=made.path))


@click.command("card")
@click.argument("model")
@click.option("--set", "values", multiple=True, metavar="KEY=VALUE", help="Change a detail; may be given again.")
@click.option("--labels", type=FILE, help="A text file with the name of a class a line.")
@click.option("--labels-zh", type=FILE, help="The same names in Chinese.")
@click.option("--out", type=OutFile(), help="Write a new file, and leave this one as it is.")
def card(model: str, values: tuple[str, ...], labels: Path | None, labels_zh: Path | None, out: Path | None) -> None:
    """Show what a model's file says of itself, or change it: labels, title, licence, task, how pictures are prepared."""
    from xmaker_toolbox.editing.card import edit_card, read_card
    from xmaker_toolbox.editing.fields import details

    for wrong in (one for one in values if "=" not in one):
        raise ProjectError.of("XM565", key=wrong, known="title=…, input.mean=…", near=f"{wrong}=…")
    if not values and not labels and not labels_zh and not out:
        for key, text in details(read_card(model)).items():
            click.echo(f"{key}: {text or '-'}")
        return
    typed = {key.strip(): text for key, _, text in (one.partition("=") for one in values)}
    made = edit_card(model, out, values=typed, labels=labels, labels_zh=labels_zh)
    before, after = details(made.before), details(made.after)
    for key in dict.fromkeys([*before, *after]):
        if (old := before.get(key, "")) != (new := after.get(key, "")):
            click.echo(f"{key}: {old or '-'} → {new or '-'}")
    click.echo(message("XM569", "what", file=made.path))
