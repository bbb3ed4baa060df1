"""Puts another model into a project file: only the words after `model:` change, and the run goes on with it."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

from xmaker_toolbox.files import whole

from xmaker import Project, ProjectError
from xmaker.errors import Problem
from xmaker_panel.hub import Hub
from xmaker_panel.replies import own

SECTION, OPTION = "models", "model"


def use_model(hub: Hub, node: str, model: str) -> tuple[str, list[Problem]]:
    """Have a node use a model: write the file, which keeps the one before, and apply it.

    Return the words about a copy of the project (see `own`), and what is doubtful of it now.

    Raises ProjectError, and changes nothing, when the file cannot be changed there or would have mistakes.
    """
    text, tag = hub.source.read()
    changed = with_model(text, node, model)
    before, after = hub.file.check(text), hub.file.check(changed) if changed else None
    if after is None or not _is_only_change(before, after, node, model):
        raise ProjectError.of("XM980", file=hub.file.path.name, node=node, model=model)
    moved = own(hub)
    hub.source.write(changed, tag)
    hub.file.apply(hub.runtime)
    return moved, after.warnings


def _is_only_change(before: Project, after: Project, node: str, model: str) -> bool:
    """Whether one project is the other but for that model: YAML has more ways to write things than are looked for here."""
    if [*before.nodes] != [*after.nodes] or after.nodes[node].options.get(OPTION) != model:
        return False
    options = [{name: spec.options for name, spec in one.nodes.items() if name != node} for one in (before, after)]
    rest = [{**one.nodes[node].options, OPTION: ""} for one in (before, after)]
    return options[0] == options[1] and rest[0] == rest[1] and len(before.rules) == len(after.rules)


def with_model(text: str, node: str, model: str) -> str:
    """Return a project file's text with another model for a node; "" where there is no place for it."""
    import yaml

    section = _value(yaml.compose(text, yaml.SafeLoader), SECTION)
    place = _value(section, node)
    if place is None:
        return ""
    if (given := _value(place, OPTION)) is not None:
        start, end, words = given.start_mark.index, given.end_mark.index, _quoted(model)
    elif isinstance(place, yaml.ScalarNode):  # `pet: classifier`, or `classifier:`
        start, end = place.start_mark.index, place.end_mark.index
        words = f"{{use: {place.value}, {OPTION}: {_quoted(model)}}}" if place.value else f" {{{OPTION}: {_quoted(model)}}}"
    elif place.flow_style:  # behind the last
        start = end = place.value[-1][1].end_mark.index if place.value else place.end_mark.index - 1
        words = f"{', ' if place.value else ''}{OPTION}: {_quoted(model)}"
    else:  # a line of its own, before the first
        start = end = place.start_mark.index
        words = f"{OPTION}: {_quoted(model)}\n{' ' * place.start_mark.column}"
    return text[:start] + words + text[end:]


def _value(mapping: Any, name: str) -> Any:
    """Return the value of a key, however its letters are written; None when there is none."""
    import yaml

    pairs = mapping.value if isinstance(mapping, yaml.MappingNode) else ()
    return next((value for key, value in pairs if unicodedata.normalize("NFKC", str(key.value)) == name), None)


def _quoted(model: str) -> str:
    """Return a path as YAML reads it, between braces too."""
    from xmaker.yaml_mistakes import as_scalar

    return as_scalar(model, True)


def place_beside(project: Path, file: Path, stem: str) -> str:
    """Copy a taught head beside the project file, under a number that is free: what was taught before stays."""
    number = 1
    while (path := project / f"{stem}_{number}{file.suffix}").exists() or path.is_symlink():
        number += 1
    with whole(path) as part:
        part.write_bytes(file.read_bytes())
    return path.name
