"""The versions that a project file had before: each save keeps the one that it replaces.

They lie beside the project, in `.xmaker/versions/`, and not in the user's cache: so they go along to another computer or a
board, and nobody who cleans a cache throws work away. They are numbered, because a board without a battery loses its clock.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from xmaker import ProjectError

MOST = 50
"""Versions that are kept of one file; the oldest go."""


class Version(msgspec.Struct):
    """One of them."""

    number: int
    written: float
    """When it was written, in seconds since 1970."""
    size: int


class Versions:
    """The earlier versions of one project file."""

    def __init__(self, file: Path) -> None:
        self._folder = file.parent / ".xmaker" / "versions" / file.name
        self._ending = file.suffix

    def keep(self, data: bytes, written: float) -> None:
        """Keep one more; what is the same as the newest is there already. Raises ProjectError and OSError."""
        self._stay_here()
        known = self._files()
        newest = max(known, default=0)
        if newest and known[newest].read_bytes() == data:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{newest + 1:06}{self._ending}"
        path.write_bytes(data)
        os.utime(path, (written, written))
        for number in sorted(known)[: max(0, len(known) + 1 - MOST)]:
            known[number].unlink(missing_ok=True)

    def list(self) -> list[Version]:
        """Return what there is, the newest first. Raises ProjectError."""
        self._stay_here()
        found = []
        for number, path in sorted(self._files().items(), reverse=True):
            known = path.stat()
            found.append(Version(number, known.st_mtime, known.st_size))
        return found

    def read(self, number: int) -> bytes:
        """Return one of them. Raises ProjectError where it is not there."""
        self._stay_here()
        path = self._files().get(number)
        if path is None:
            raise ProjectError.of("XM963", number=number)
        return path.read_bytes()

    def _files(self) -> dict[int, Path]:
        paths = self._folder.glob(f"*{self._ending}") if self._folder.is_dir() else ()
        return {int(path.stem): path for path in paths if path.stem.isdecimal() and path.is_file() and not path.is_symlink()}

    def _stay_here(self) -> None:
        for folder in (self._folder, *self._folder.parents[:2]):
            if folder.is_symlink():
                raise ProjectError.of("XM962", path=folder)
