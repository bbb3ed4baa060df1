"""Finds projects: those that came with XMaker by their name, all others by their path."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from xmaker.errors import ProjectError, nearest

FILE = "project.yaml"


def gallery() -> Path:
    """Return the folder of the projects that came with XMaker: inside the package, or beside it where it is worked on."""
    package = Path(__file__).resolve().parents[1]
    return package / "gallery" if (package / "gallery").is_dir() else package.parent / "projects"


def names() -> list[str]:
    """Return the names of the projects that came with XMaker."""
    return sorted(file.parent.name for file in gallery().glob(f"*/{FILE}"))


def find(target: str) -> Path:
    """Return the project that a user named; what lies here wins over the gallery. Raises ProjectError when it can be none."""
    path = Path(target)
    if path.suffix == ".py":
        raise ProjectError.of("XM705", name=target)
    if path.is_file() or (path / FILE).is_file():
        return path
    if target in names():
        return gallery() / target
    if path.exists() or path.suffix or len(path.parts) > 1:
        return path  # reading it says what is wrong
    raise ProjectError.of("XM701", name=target, near=nearest(target, names()), known=", ".join(names()) or "-")


def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a project: the gallery's names, then files."""
    found = map(CompletionItem, (name for name in names() if name.startswith(incomplete)))
    return [*found, CompletionItem(incomplete, type="file")]


target_argument = click.argument("target", shell_complete=complete)
