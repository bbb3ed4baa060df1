"""Pictures to teach with: a folder for each label, in the project's folder `pictures`, as `xmaker capture` makes it too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from xmaker_toolbox.capture.collectors import label_folder
from xmaker_toolbox.files import whole
from xmaker_toolbox.pictures import ENDINGS, load_picture

from xmaker import ProjectError
from xmaker_panel.jobs import inside

FOLDER = "pictures"
LONGEST = 40
"""Characters of a label."""
MOST_LABELS, MOST_PICTURES = 50, 1000
"""Labels, and pictures of each."""
QUALITY = 95
THUMBNAIL = 144
"""Pixels of a small picture's longer side."""


class Kind(msgspec.Struct):
    """One label and its pictures' names, the newest first."""

    label: str
    pictures: list[str]


class Album:
    """The labels and pictures of a project. What a link leads out of the project is refused: ProjectError."""

    def __init__(self, project: Path) -> None:
        self._project = project

    @property
    def folder(self) -> Path:
        return inside(self._project, FOLDER)

    def kinds(self) -> list[Kind]:
        """Return all labels with their pictures."""
        if not self.folder.is_dir():
            return []
        folders = [path for path in self.folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
        return [Kind(path.name, _pictures(path)) for path in sorted(folders) if not path.is_symlink()]

    def add(self, label: str) -> None:
        """Begin a label. Raises ProjectError as `room` does."""
        path = self.room(label)
        _written(path, lambda: path.mkdir(parents=True))

    def rename(self, label: str, to: str) -> None:
        """Give a label another name."""
        old, new = self.known(label), self.new(to)
        _written(new, lambda: old.rename(new))

    def remove(self, label: str) -> None:
        """Delete a label with its pictures; what else lies in its folder stays."""
        folder = self.known(label)
        for name in self._pictures(label):
            (folder / name).unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()

    def take(self, label: str, image: Any) -> str:
        """Save a picture, (height, width, 3) uint8 in BGR; return its name."""
        import cv2

        folder, taken = self.known(label), self._pictures(label)
        if len(taken) >= MOST_PICTURES:
            raise ProjectError.of("XM981", count=MOST_PICTURES, folder=f"{FOLDER}/{label}")
        number = max((int(name.partition(".")[0]) for name in taken if name.partition(".")[0].isdecimal()), default=0) + 1
        path = folder / f"{number:04d}.jpg"
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        with whole(path) as part:
            part.write_bytes(data)
        return path.name

    def drop(self, label: str, picture: str) -> None:
        """Delete a picture."""
        self.path(label, picture).unlink(missing_ok=True)

    def path(self, label: str, picture: str) -> Path:
        """Return where a picture lies. Raises ProjectError when there is none of that name."""
        if picture not in self._pictures(label):
            raise ProjectError.of("XM979", name=f"{label}/{picture}")
        return self.known(label) / picture

    def thumbnail(self, label: str, picture: str) -> bytes:
        """Return a picture, small, as JPEG; b"" for one that cannot be read."""
        import cv2

        image = load_picture(self.path(label, picture))
        if image is None:
            return b""
        scale = THUMBNAIL / max(image.shape[:2])
        size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])

    def _pictures(self, label: str) -> list[str]:
        return _pictures(self.known(label))

    def room(self, label: str) -> Path:
        """Return the folder for one more label. Raises ProjectError as `new` does, and for too many."""
        path = self.new(label)
        if len(self.kinds()) >= MOST_LABELS:
            raise ProjectError.of("XM981", count=MOST_LABELS, folder=FOLDER)
        return path

    def known(self, label: str) -> Path:
        """Return the folder of a label. Raises ProjectError where there is none."""
        folder = inside(self._project, FOLDER, self._name(label))
        if not folder.is_dir() or folder.is_symlink():
            raise ProjectError.of("XM979", name=label)
        return folder

    def new(self, label: str) -> Path:
        """Return the folder for a label. Raises ProjectError for one that is there, or that is no name of a folder."""
        folder = inside(self._project, FOLDER, self._name(label))
        if folder.exists() or folder.is_symlink():
            raise ProjectError.of("XM978", label=label)
        return folder

    def _name(self, label: str) -> str:
        label = label.strip()
        if len(label) > LONGEST or not label.isprintable() or label.endswith("."):
            raise ProjectError.of("XM475", label=label)
        return label_folder(label)


def _pictures(folder: Path) -> list[str]:
    found = [path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and not path.name.startswith(".")]
    return [path.name for path in sorted(found, reverse=True) if path.is_file() and not path.is_symlink()]


def _written(path: Path, write: Any) -> None:
    try:
        write()
    except OSError as error:
        raise ProjectError.of("XM490", file=path, reason=error.strerror or error) from None
