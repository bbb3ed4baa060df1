"""Saves pictures."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from time import localtime, strftime
from typing import Any, ClassVar

from xmaker import Count, Event, Frame, Output, action, hookimpl


@dataclass
class Snapshot(Output):
    """Saves the newest picture of a camera: `photo: {use: snapshot, from: camera}`, then `photo.save`."""

    use: ClassVar[str] = "snapshot"
    takes: ClassVar = (Frame,)
    blocking: ClassVar[bool] = True
    folder: str = "snapshots"
    """Where the pictures go, in the project's folder."""
    keep: Count = 1000
    """How many pictures stay; the oldest of the folder make room."""
    _newest: Any = field(init=False, default=None, repr=False)

    def receive(self, event: Event) -> None:
        self._newest = event.value.image

    @action
    def save(self, name: str = "") -> None:
        """Save the picture, under this name or under the date and the time."""
        import cv2

        if self._newest is None:
            self.host.notice("XM850", node=self.host.name)
            return
        folder = self.host.files / Path(self.folder).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        stem = "".join(letter if letter.isalnum() or letter in "-_ " else "_" for letter in name).strip()
        path = _free_name(folder, stem or strftime("%Y-%m-%d %H-%M-%S", localtime()))
        _, data = cv2.imencode(".jpg", self._newest)
        part = path.with_suffix(".part")
        part.write_bytes(data.tobytes())
        os.replace(part, path)  # a power cut leaves no half picture behind
        for old in sorted(folder.glob("*.jpg"), key=lambda file: file.stat().st_mtime_ns)[: -self.keep]:
            old.unlink(missing_ok=True)


def _free_name(folder: Path, stem: str) -> Path:
    path, number = folder / f"{stem}.jpg", 1
    while path.exists():
        number += 1
        path = folder / f"{stem} {number}.jpg"
    return path


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Snapshot]
