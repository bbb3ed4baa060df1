"""Commands that answer at once: check, nodes, plugins, model, explain, export, schema, completion, version."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import distributions
from pathlib import Path
from string import Formatter
from typing import Any

import click

from xmaker import (
    Input,
    Model,
    ModelCard,
    ModelInput,
    Output,
    Plugins,
    Project,
    ProjectError,
    XMakerError,
    __version__,
    read_onnx,
)
from xmaker.cli.app import DONE, PROJECTS_FAULT, cli
from xmaker.cli.gallery import FILE, complete, find, target_argument
from xmaker.engines import too_large
from xmaker.errors import catalog, language, message
from xmaker.nodes import EVERY_NODE, Node, actions_of, fields_of
from xmaker.rules.functions import text_of
from xmaker.words import action_doc, card_word, columns, node_doc, option_rows

UNUSUAL = ("mean", "std", "crop", "pad", "normalise_first", "average", "rounding", "sampling")
"""What is told of how pictures are prepared only where it is not as for most models."""
LONG = 200
"""Characters of a card's detail that is no longer shown: weights, anchors."""


def _plugins() -> Plugins:
    """Load the installed plugins, and the project's own ones when this folder is a project."""
    return Plugins.load(Path.cwd() if Path(FILE).is_file() else None)


def _completed(offer: Callable[[Plugins], Iterable[str]]) -> Any:
    return lambda context, parameter, typed: [name for name in offer(_plugins()) if name.startswith(typed)]


def table(headings: list[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table; nothing when it has no rows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 200)  # a pipe wants whole lines
    made = Table(*headings, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for row in rows:
        made.add_row(*(Text("-" if cell in (None, "") else text_of(cell)) for cell in row))
    if made.row_count:
        made.columns[0].no_wrap = True
        console.print(made)


@click.command("check")
@click.argument("targets", nargs=-1, required=True, shell_complete=complete)
def check_command(targets: tuple[str, ...]) -> int:
    """Look for mistakes in projects without running them."""
    code = DONE
    for target in targets:
        try:
            project = Project.load(find(target))
            for problem in project.warnings:
                click.echo(problem.show(), err=True)
            click.echo(message("XM711", "what", target=target, nodes=len(project.nodes), rules=len(project.rules)))
        except XMakerError as error:
            click.echo(error.show(), err=True)
            code = PROJECTS_FAULT
    return code


@click.command("nodes")
@click.argument("name", required=False, shell_complete=_completed(lambda plugins: plugins.nodes))
def nodes_command(name: str | None) -> None:
    """List the node types, or explain one: its options, what it gives, its actions."""
    plugins, kinds = _plugins(), list(zip((Input, Model, Output), columns("XM727"), strict=True))
    if name is None:
        found = [(one, word) for kind, word in kinds for _, one in sorted(plugins.nodes.items()) if issubclass(one, kind)]
        table(columns("XM715"), ((one.use, word, node_doc(one).partition("\n")[0]) for one, word in found))
    elif name in plugins.nodes:
        _explain_node(plugins.nodes[name], next(word for kind, word in kinds if issubclass(plugins.nodes[name], kind)))
    else:
        raise ProjectError(problems=[plugins.unknown_node(name, Node)])


def _explain_node(node_type: type[Node], kind: str) -> None:
    click.echo(f"{node_type.use} ({kind}, {node_type.__module__})\n\n{node_doc(node_type)}\n")
    table(columns("XM716"), option_rows(node_type))
    gives: Any = getattr(node_type, "gives", None)
    fields = gives.items() if isinstance(gives, Mapping) else ()
    ranges = {name: (one.unit, f"{one.low:g} … {one.high:g}") for name, one in fields if one.kind == "number"}
    table(columns("XM717"), ((name, *ranges.get(name, ("", kind))) for name, kind in fields_of(gives).kinds.items()))
    if issubclass(node_type, Output):
        specs = [spec for spec in actions_of(node_type).values() if spec.name not in EVERY_NODE]
        names = (f"{spec.name}({', '.join(one.name for one in spec.parameters)})".removesuffix("()") for spec in specs)
        table(columns("XM718"), zip(names, map(action_doc, specs), strict=True))


@click.command("plugins")
def plugins_command() -> None:
    """List the plugins, their state, and what they offer."""
    plugins, words = _plugins(), dict(zip(("on", "off", "failed"), columns("XM721")[-3:], strict=True))
    table(
        columns("XM719"),
        ((one.name, words[one.state], ", ".join(one.nodes + plugins.offers_of(one.name))) for one in plugins.states),
    )
    for problem in plugins.warnings:
        click.echo(problem.show(), err=True)
    for state in plugins.failed():
        click.echo(state.error.show() if state.error else state.name)


@click.group("model")
def model_command() -> None:
    """List and explain models."""


@model_command.command("list")
def list_models() -> None:
    """List the models that a project can name."""
    table(columns("XM720"), (list(_facts(card, 3).values())[:6] for card in _plugins().models()))


@model_command.command("info")
@click.argument("name", shell_complete=_completed(lambda plugins: [card.name for card in plugins.models()]))
def info(name: str) -> None:
    """Show what there is to know about a model: a name of the catalog, or a file."""
    plugins = _plugins()
    try:
        card = plugins.model(name, Path.cwd())
    except ProjectError as error:
        if error.code == "XM606":
            _show(_without_card(Path(name).expanduser(), plugins))
        raise
    _show(facts_of_model(card, plugins))
    headings = list(dict.fromkeys(key for row in card.accuracy for key in row))
    table([card_word(heading) for heading in headings], ([row.get(heading) for heading in headings] for row in card.accuracy))


def _show(facts: Mapping[str, object]) -> None:
    for key, value in facts.items():
        click.echo(f"{card_word(key)}: {('; '.join(map(str, value)) if isinstance(value, list) else value) or '-'}")


def _without_card(path: Path, plugins: Plugins) -> dict[str, object]:
    """Return what can be seen of a file that does not say how it is used."""
    facts: dict[str, object] = {"model": path.stem, "size": f"{path.stat().st_size / 1e6:.1f} MB", "file": path}
    if path.suffix.lower() != ".onnx":
        return facts
    file = read_onnx(path)
    shape = file.inputs[0].shape if file.inputs else ()
    height, width = (side or 1 for side in (shape[1:3] if shape[-1:] == (3,) else shape[-2:] if len(shape) > 2 else (1, 1)))
    card = ModelCard(name=path.stem, task="detect", input=ModelInput(width=width, height=height), path=path)
    seen = {key: value for key, value in plugins.facts_of(card).items() if value != "?"}
    return {**facts, "size": f"{file.size / 1e6:.1f} MB", "inputs": file.inputs, "outputs": file.outputs, **seen}


def facts_of_model(card: ModelCard, plugins: Plugins) -> dict[str, object]:
    """Return all that there is to know about a model, under short names."""
    return _facts(card, 8) | _inside(card) | plugins.facts_of(card) | _guessed(card) | _memory(card)


def _facts(card: ModelCard, few: int) -> dict[str, object]:
    """Return what is worth showing of a model; the first six are the columns of the list."""
    names = [" ".join(dict.fromkeys((str(name), name.other))) for name in card.label_names()]
    labels = f"{len(names)}: {', '.join(names[:few])}{' …' if len(names) > few else ''}"
    file = card.path if card.path and card.path.is_file() else None  # a head has none: it is all in its card
    size = f"{file.stat().st_size / 1e6:.1f} MB" if file else ""
    title = card.title.get(language()) or card.title.get("en", "")
    task = card_word(card.task)
    facts = {"model": card.name, "title": title, "task": task, "labels": labels, "size": size, "licence": card.licence}
    source = card.source if isinstance(card.source, Mapping) else {"source": card.source}
    return {**facts, "file": file, "sha256": card.sha256, **source}


def _inside(card: ModelCard) -> dict[str, object]:
    """Return how a model is used: what goes in, and what comes out."""
    wanted = card.input
    plain = ModelInput(width=wanted.width, height=wanted.height)
    more = [f"{key} {value}" for key in UNUSUAL if (value := getattr(wanted, key)) != getattr(plain, key)]
    picture = [f"{wanted.width}×{wanted.height}", wanted.colour, wanted.layout, wanted.dtype, wanted.resize, *more]
    facts: dict[str, object] = {"format": card.format or "XMaker", "picture": ", ".join(picture)}
    if wanted.height == 1:  # no picture
        facts = {"format": card.format or "XMaker", "sound": f"{wanted.width} samples, {wanted.dtype}"}
    if card.path and card.path.suffix == ".onnx":
        file = read_onnx(card.path)
        facts |= {"size": f"{file.size / 1e6:.1f} MB", "inputs": file.inputs, "outputs": file.outputs}  # with weights beside it
    short = {
        key: value for key, value in card.decode.items() if isinstance(value, str | int | float) and len(str(value)) < LONG
    }
    decode = [f"{key} {value}" for key, value in short.items() if key != "layout"]
    return {**facts, "decode": decode}


def _memory(card: ModelCard) -> dict[str, object]:
    """Return the warning that a model is too large for the memory that is free here; {} when it is not."""
    if not (card.path and card.path.is_file() and (sizes := too_large(card.path))):
        return {}
    return {"memory": message("XM653", "what", file=card.path.name, size=sizes[0], free=sizes[1])}


def _guessed(card: ModelCard) -> dict[str, object]:
    return {"guessed": card.guessed or [card_word("nothing")]}


@click.command("explain")
@click.argument("code", required=False)
def explain_command(code: str | None) -> None:
    """Explain a message by its code, such as XM203; without a code, list them all."""
    if code is None:
        click.echo("\n".join(f"{known}  {_part(known, 'what')}" for known in catalog() if known != "XM001"))
    elif (known := code.upper()) not in catalog():
        raise XMakerError.of("XM707", code=code)
    else:
        mend, why = _part(known, "mend"), message(known, "why")
        click.echo(f"{known}: {_part(known, 'what')}" + (f"\n  → {mend}" if mend else "") + (f"\n\n{why}" if why else ""))


def _part(code: str, part: str) -> str:
    """Return a part of a message with its details left open: `<node>`."""
    parts = Formatter().parse(catalog()[code].get(part, {}).get(language(), ""))
    return "".join(text + (f"<{name}>" if name else "") for text, name, _, _ in parts)


@click.command("export")
@click.argument("form", type=click.Choice(["python"]), metavar="python", expose_value=False)
@target_argument
def export_command(target: str) -> None:
    """Print a project as a Python program that does the same."""
    from xmaker.export import export_python

    click.echo(export_python(Project.load(find(target))), nl=False)


@click.command("schema")
@click.option("-o", "--output", default="-", help="Write it into this file.")
def schema_command(output: str) -> None:
    """Print the JSON Schema of project files, which lets editors complete and check them."""
    from xmaker.schema import project_schema

    text = json.dumps(project_schema(Plugins.load()), indent=1, ensure_ascii=False)
    with click.open_file(output, "w", encoding="utf-8") as file:
        click.echo(text, file=file)


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), required=False)
def completion_command(shell: str | None) -> None:
    """Print the script that completes xmaker's commands in a shell: eval "$(xmaker completion bash)"."""
    from click.shell_completion import BashComplete, get_completion_class

    completer = get_completion_class(shell or Path(os.environ.get("SHELL", "")).name) or BashComplete
    click.echo(completer(cli, {}, "xmaker", "_XMAKER_COMPLETE").source())


@click.command("version")
def version_command() -> None:
    """Show the versions of XMaker and of what it stands on."""
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    found = sorted(f"{one.name} {one.version}" for one in distributions() if one.name.startswith(("onnxruntime", "opencv-")))
    click.echo("\n".join([f"xmaker {__version__}", system, Plugins.load().board().title, *found]))
