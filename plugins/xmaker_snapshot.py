"""Saves pictures."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from time import localtime, strftime
from typing import Any, ClassVar

from xmaker import Count, Event, Frame, Output, XMakerError, action, hookimpl

INDEX = ".snapshots"
"""The file in the folder that lists the pictures we saved, the oldest first: only those may ever be deleted."""


@dataclass
class Snapshot(Output):
    """Saves the newest picture of a camera: `photo: {use: snapshot, from: camera}`, then `photo.save`.
    保存摄像头最新的画面：`photo: {use: snapshot, from: camera}`，然后 `photo.save`。
    """

    use: ClassVar[str] = "snapshot"
    takes: ClassVar = (Frame,)
    blocking: ClassVar[bool] = True
    folder: str = "snapshots"
    """Where the pictures go, in the project's folder.
    图片放到项目里的哪个文件夹。"""
    keep: Count = 1000
    """How many of its pictures stay; its oldest make room. Other pictures in the folder are never touched.
    保留多少张自己拍的图片；旧的先删。文件夹里别的图片从不动。"""
    _newest: Any = field(init=False, default=None, repr=False)
    _path: Path = field(init=False, repr=False)

    def open(self) -> None:
        self._path = self.host.output_path(self.folder)

    def receive(self, event: Event) -> None:
        self._newest = event.value.image

    @action
    def save(self, name: str = "") -> None:
        """Save the picture, under this name or under the date and the time.
        保存画面，用这个名字，或用日期和时间。"""
        import cv2

        if self._newest is None:
            self.host.notice("XM850", node=self.host.name)
            return
        folder = self._path
        stem = "".join(letter if letter.isalnum() or letter in "-_ " else "_" for letter in name).strip()
        stem = stem or strftime("%Y-%m-%d %H-%M-%S", localtime())
        _, data = cv2.imencode(".jpg", self._newest)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = _free_name(folder, stem)
            _write(path, data.tobytes())
            _make_room(folder, path.name, self.keep)
        except OSError as error:
            # the folder, not the picture: a full disk is told of once
            raise XMakerError.of("XM858", file=self.folder, reason=error.strerror or error) from error


def _free_name(folder: Path, stem: str) -> Path:
    path, number = folder / f"{stem}.jpg", 1
    while path.exists():
        number += 1
        path = folder / f"{stem} {number}.jpg"
    return path


def _write(path: Path, data: bytes) -> None:
    """Write a file so that a power cut or a full disk leaves no half one behind."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _make_room(folder: Path, name: str, keep: int) -> None:
    """Put a new picture on the list, and delete the oldest ones of the list."""
    index = folder / INDEX
    with index.open("a", encoding="utf-8") as file:
        file.write(f"{name}\n")
    listed = dict.fromkeys(reversed(index.read_text(encoding="utf-8", errors="replace").splitlines()))
    ours = [one for one in reversed(listed) if one == Path(one).name and one.endswith(".jpg") and (folder / one).is_file()]
    if len(ours) > keep:
        for old in ours[:-keep]:
            (folder / old).unlink(missing_ok=True)
        _write(index, "".join(f"{one}\n" for one in ours[-keep:]).encode())


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Snapshot]
