"""The list of projects: those of one folder, and those that came with XMaker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from xmaker import ProjectError, XMakerError
from xmaker.cli.gallery import FILE, gallery
from xmaker.errors import language
from xmaker.yaml_reader import read_file
from xmaker_panel.copying import copy_project, free_name

HERE, SHIPPED = "here", "shipped"
MOST = 200
"""Projects of a folder that are listed."""


class Entry(msgspec.Struct):
    """One project."""

    id: str
    name: str
    """That of its folder or file."""
    path: Path
    title: str
    doc: str = ""
    """The first lines of its README."""


class Shelf:
    """Finds projects in a folder. Whatever is asked for is looked up in the list, so no path ever comes from a browser."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def entries(self) -> list[Entry]:
        """Return all, those of the folder first."""
        return [_entry(where, path) for where, path in self._paths()]

    def find(self, wanted: str) -> Path:
        """Return the path of a project in the list: a folder or a file. Raises ProjectError."""
        found = {f"{where}/{path.name}": path for where, path in self._paths()}
        if wanted not in found:
            raise ProjectError.of("XM967", name=wanted, folder=self.folder)
        return found[wanted]

    def copy(self, wanted: str) -> str:
        """Copy a project into the folder; return the copy's name. Raises ProjectError."""
        path = self.find(wanted)
        target = free_name(self.folder, path.stem if path.is_file() else path.name)
        copy_project(path, target)
        return target.name

    def _paths(self) -> Iterator[tuple[str, Path]]:
        count = 0
        for path in sorted(self.folder.iterdir()):
            if not path.name.startswith(".") and _is_project(path) and self._is_inside(path) and count < MOST:
                count += 1
                yield HERE, path
        if gallery() != self.folder:
            yield from ((SHIPPED, file.parent) for file in sorted(gallery().glob(f"*/{FILE}")))

    def _is_inside(self, path: Path) -> bool:
        """Return whether neither it nor its file is a link to another place."""
        file = path / FILE if path.is_dir() else path
        return file.resolve().is_relative_to(self.folder)


def _is_project(path: Path) -> bool:
    return (path / FILE).is_file() if path.is_dir() else path.suffix in (".yaml", ".yml") and path.is_file()


def _entry(where: str, path: Path) -> Entry:
    return Entry(f"{where}/{path.name}", path.name, path, _title(path), _doc(path))


def _title(path: Path) -> str:
    """Return what a project calls itself; a broken one is listed, too."""
    try:
        item, _ = read_file(path / FILE if path.is_dir() else path)
        return item.value["name"].shown() if isinstance(item.value, dict) and "name" in item.value else path.stem
    except (XMakerError, OSError):
        return path.stem


def _doc(path: Path) -> str:
    readme = path / ("README.zh.md" if language() == "zh" else "README.md")
    if not path.is_dir() or not readme.is_file() or readme.is_symlink():
        return ""
    paragraphs = readme.read_text(encoding="utf-8", errors="replace")[:4000].split("\n\n")
    first = next((one for one in paragraphs if one.strip()[:1] not in ("", "#", "!", "`", "[")), "")
    without = re.sub(r"\[([^\]]*)\]\(([^)]*)\)", lambda link: "" if link[2].startswith("README") else link[1], first)
    return " ".join(without.replace("`", "").split())
