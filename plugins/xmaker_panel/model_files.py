"""The models of a project: files beside its file, and in its folder `models`, to which uploads go."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from xmaker_toolbox.files import RESERVED, whole
from xmaker_toolbox.pictures import ENDINGS

from xmaker import ProjectError, XMakerError, card_beside
from xmaker_panel.jobs import inside, work_folder

FOLDER = "models"
LARGEST = 100 * 1_000_000
"""Bytes of an upload: twice the largest network that a board runs in a reasonable time."""
LARGEST_LABELS = 100_000
"""Characters: a thousand labels have 20,000."""
LEFT_OVER = 100 * 1_000_000
"""Bytes that stay free on the disk."""
MOST = 50
UPLOADED = (".onnx", ".pth", ".pt")
SHOWN = (*UPLOADED, ".tflite", ".json")
LONGEST = 60
"""Characters of a name without its ending."""
DEEP = 3
"""Folders in folders in which pictures are looked for."""
COUNTED = 2000
LARGEST_CARD = 5_000_000


class Entry(msgspec.Struct):
    """One model of a project."""

    name: str
    """Its path from the project's folder, as a project file names it."""
    bytes: int
    uploaded: bool
    """Whether it lies in the folder for that, and may be removed."""


class Pictures(msgspec.Struct):
    """A folder of a project with pictures in it."""

    folder: str
    count: int
    labelled: bool
    """Whether they lie in a folder for each label."""


class ModelFiles:
    """The models of one project, and its pictures to try them on."""

    def __init__(self, project: Path) -> None:
        self._project = project

    def entries(self) -> list[Entry]:
        """Return the models, by name."""
        found = []
        for folder in (self._project, inside(self._project, FOLDER)):
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                if not path.name.startswith(".") and path.is_file() and not path.is_symlink() and _is_model(path):
                    name = path.relative_to(self._project).as_posix()
                    found.append(Entry(name, path.stat().st_size, folder != self._project))
        return found

    def path(self, name: str) -> Path:
        """Return where a model lies. Raises ProjectError when there is none of that name."""
        if name not in {entry.name for entry in self.entries()}:
            raise ProjectError.of("XM979", name=name)
        return inside(self._project, *name.split("/"))

    def uploaded(self, name: str) -> Path:
        """Return where an upload lies. Raises ProjectError when there is none of that name."""
        if not any(entry.uploaded for entry in self.entries() if entry.name == name):
            raise ProjectError.of("XM979", name=name)
        return self.path(name)

    @asynccontextmanager
    async def received(self, name: str, size: int | None, pieces: AsyncIterator[bytes], place: Path) -> AsyncIterator[Path]:
        """Give an upload, under a name that is safe, in a folder in `place` that is gone afterwards: `put` keeps it.

        `size` is what is said of it, in bytes. Raises ProjectError for what is too large or too much.
        """
        clean = clean_name(name)
        if len([entry for entry in self.entries() if entry.uploaded]) >= MOST:
            raise ProjectError.of("XM981", count=MOST, folder=FOLDER)
        folder = work_folder(place)
        try:
            await _receive(folder / clean, clean, size, pieces)
            yield folder / clean
        except OSError as error:
            raise ProjectError.of("XM490", file=clean, reason=error.strerror or error) from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def put(self, file: Path, name: str) -> str:
        """Move a file in under a name that is free, and return that."""
        folder = inside(self._project, FOLDER)
        folder.mkdir(exist_ok=True)
        stem, ending, number = Path(name).stem, Path(name).suffix, 1
        while (folder / name).exists() or (folder / name).is_symlink():
            number += 1
            name = f"{stem}_{number}{ending}"
        shutil.move(file, folder / name)  # it may come from another disk
        return f"{FOLDER}/{name}"

    def remove(self, name: str) -> None:
        """Delete an upload, with its labels."""
        path = self.uploaded(name)
        path.unlink()
        labels = path.with_suffix(".txt")
        if labels.is_file() and not labels.is_symlink():
            labels.unlink()

    def label(self, name: str, labels: list[str]) -> None:
        """Write the labels of a model beside it."""
        path = self.path(name).with_suffix(".txt")
        if path.is_symlink():
            raise ProjectError.of("XM983", name=name)
        with whole(path) as part:
            part.write_text("\n".join(labels) + "\n", encoding="utf-8")

    def pictures(self) -> list[Pictures]:
        """Return the project's folders with pictures in them."""
        folders = [path for path in sorted(self._project.iterdir()) if path.is_dir() and not path.is_symlink()]
        inside_of = {path: _pictures(path, DEEP) for path in folders if not path.name.startswith(".")}
        return [
            Pictures(folder.name, len(inner), any(path.parent != folder for path in inner))
            for folder, inner in inside_of.items()
            if inner
        ]

    def picture_folder(self, name: str) -> Path:
        """Return one of them. Raises ProjectError when there is none of that name."""
        if name not in {one.folder for one in self.pictures()}:
            raise ProjectError.of("XM979", name=name)
        return inside(self._project, name)


def labels_in(name: str, text: str) -> list[str]:
    """Return the labels in what was typed for a model: one a line, or in one line with commas. Raises ProjectError."""
    found = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if len(found) == 1:
        found = [one.strip() for one in re.split("[,，、]", found[0]) if one.strip()]
    if not found or any(not one.isprintable() for one in found):
        raise ProjectError.of("XM983", name=name)
    return found


def clean_name(name: str) -> str:
    """Return a file's name that is safe on every system. Raises ProjectError for one that is not a model's."""
    name = unicodedata.normalize("NFKC", name).replace("\\", "/").rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    ending = f".{ending.lower()}"
    if ending not in UPLOADED:
        raise ProjectError.of("XM975", name=name[:LONGEST] or "-", endings=", ".join(UPLOADED))
    stem = re.sub(r"[^\w-]+", "_", stem).strip("_.-")[:LONGEST] or "model"
    return f"{'model_' if RESERVED.match(stem) else ''}{stem}{ending}"


async def _receive(part: Path, name: str, size: int | None, pieces: AsyncIterator[bytes]) -> None:
    """Write what comes, as it comes. Raises ProjectError when it is too much."""
    if size is not None and size > LARGEST:
        raise ProjectError.of("XM974", name=name, limit=LARGEST // 1_000_000)
    if shutil.disk_usage(part.parent).free < (size or LARGEST) + LEFT_OVER:
        raise ProjectError.of("XM491", file=name)
    count = 0
    with part.open("wb") as file:
        async for piece in pieces:
            count += len(piece)
            if count > LARGEST:
                raise ProjectError.of("XM974", name=name, limit=LARGEST // 1_000_000)
            file.write(piece)


def _is_model(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return path.suffix.lower() in SHOWN
    try:
        return path.stat().st_size < LARGEST_CARD and bool(card_beside(path).task)
    except XMakerError:
        return False  # some other program's


def _pictures(folder: Path, deep: int) -> list[Path]:
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if len(found) >= COUNTED or path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir() and deep > 1:
            found += _pictures(path, deep - 1)
        elif path.suffix.lower() in ENDINGS:
            found.append(path)
    return found
