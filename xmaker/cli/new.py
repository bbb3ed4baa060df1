"""`xmaker new`: writes a project or a plugin to begin with, from the templates beside this module."""

from __future__ import annotations

import keyword
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from string import Template

import click

from xmaker.cli.gallery import gallery
from xmaker.errors import Problem, ProjectError, language, message
from xmaker.plugins import Plugins

TEMPLATES = Path(__file__).parent / "templates"


def _address(text: str) -> str:
    """Read an address on the I2C bus, as a data sheet writes it: 0x76, or 118."""
    with suppress(ValueError):
        if 0x08 <= int(text, 0) <= 0x77:
            return f"0x{int(text, 0):02X}"
    raise click.BadParameter(message("XM709", "what"))


@click.group("new")
def new_command() -> None:
    """Write a project or a plugin to begin with."""


@new_command.command("project")
@click.argument("name")
def project(name: str) -> None:
    """Write a folder with a project that runs: a camera, a model, a lamp and a screen."""
    folder = Path(name)
    _check_name(folder.name, "project", "XM205")
    _write(folder, "XM713", ("project", f"project/{language()}"), name=folder.name)
    shutil.copytree(gallery() / "cat_dog" / "media", folder / "media")  # so that it runs without a camera, too


@new_command.command("plugin")
@click.argument("name")
@click.option("--i2c", type=_address, metavar="0x08…0x77", help="It is a sensor on the I2C bus, at this address.")
def plugin(name: str, i2c: str | None) -> None:
    """Write a folder with a sensor plugin, its test, and what pip needs."""
    _check_name(name, "plugin", "XM205" if name.isascii() else "XM724")
    if name in Plugins.load().nodes:
        raise ProjectError.of("XM725", name=name)
    words = {"name": name, "address": i2c or "", "title": "".join(part[:1].upper() + part[1:] for part in name.split("_"))}
    _write(Path(f"xmaker-{name}"), "XM714", ("plugin", "plugin/i2c" if i2c else "plugin/pin"), **words)


def _check_name(name: str, kind: str, code: str) -> None:
    if code == "XM724" or not name.isidentifier() or name.startswith("_") or keyword.iskeyword(name):
        better = re.sub(r"\W+", "_", name, flags=re.ASCII if code == "XM724" else 0).strip("_")
        better = better if better.isidentifier() and not keyword.iskeyword(better) else f"my_{kind}"
        raise ProjectError(problems=[Problem(code, {"name": name, "better": better}, None, f"xmaker new {kind} {better}")])


def _write(folder: Path, code: str, templates: tuple[str, ...], **words: str) -> None:
    """Fill the templates in and say so. Raises ProjectError, and writes nothing, when the folder is there already."""
    if os.path.lexists(folder):
        raise ProjectError.of("XM704", path=folder)
    folder.mkdir(parents=True)
    for template in [file for name in templates for file in sorted((TEMPLATES / name).glob("*.txt"))]:
        text = Template(template.read_text(encoding="utf-8")).substitute(words)
        (folder / Template(template.stem).substitute(words)).write_text(text, encoding="utf-8")
    click.echo(f"{message(code, 'what', folder=folder)}\n{message(code, 'mend', folder=folder)}")
