"""Copies a project's folder to where its user may write."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

from xmaker import ProjectError
from xmaker.errors import message
from xmaker.project_file import FILE
from xmaker.runtime.live_file import LiveFile

MOST_BYTES = 200_000_000
"""What a copy may hold: a folder of pictures fits, a disk does not."""
LEFT = shutil.ignore_patterns(".xmaker", "__pycache__", ".git")


def copy_project(project: Path, target: Path) -> None:
    """Copy a project, its folder or its file alone: what else lies beside that may belong to others. Raises ProjectError.

    A link in a folder is left out, for it may lead anywhere.
    """
    if target.exists() or target.is_symlink():
        raise ProjectError.of("XM704", path=target.name)
    try:
        if project.is_file():
            target.mkdir()
            (target / FILE).write_bytes(project.read_bytes())
        elif sum(path.stat().st_size for path in project.rglob("*") if path.is_file() and not path.is_symlink()) > MOST_BYTES:
            raise ProjectError.of("XM965", folder=project.name, limit=MOST_BYTES // 1_000_000)
        else:
            shutil.copytree(project, target, ignore=_left_out)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise ProjectError.of("XM972", file=target.name, reason=error.strerror or error) from None


def move_to_own(file: LiveFile) -> str:
    """Have the file of a project that came with XMaker be one in a copy, where the user is; return the words that say so.

    "" where the project is the user's own. Raises ProjectError.
    """
    if not (file.project and file.project.came_along):
        return ""
    folder = file.path.parent
    target = free_name(Path.cwd(), folder.name)
    copy_project(folder, target)
    file.path = target / file.path.name
    return message("XM964", "what", folder=target)


def free_name(folder: Path, name: str) -> Path:
    """Return a path in a folder that is not there yet: `cat_dog`, `cat_dog_2`, …"""
    names = itertools.chain([name], (f"{name}_{number}" for number in itertools.count(2)))
    return next(path for path in map(folder.joinpath, names) if not path.exists() and not path.is_symlink())


def _left_out(folder: str, names: list[str]) -> set[str]:
    return LEFT(folder, names) | {name for name in names if Path(folder, name).is_symlink()}
