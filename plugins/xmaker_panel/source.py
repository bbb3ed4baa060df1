"""The project file as text: what the editor reads, and how it is written without losing anything."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from xmaker import ProjectError
from xmaker.runtime.live_file import LiveFile, Stamp
from xmaker.yaml_reader import MAX_BYTES, decode
from xmaker_panel.versions import Versions


class Source:
    """The text of the file of a run. A text has a tag, by which two browsers, and other editors, are told apart."""

    def __init__(self, file: LiveFile) -> None:
        self._file = file
        self.place = tag_of(str(file.path.resolve()).encode())
        """What tells this run's project from another one, which may have its address later."""
        self._seen: tuple[Stamp, str] = (None, "")

    @property
    def path(self) -> Path:
        """Where it stands."""
        return self._file.path

    @property
    def versions(self) -> Versions:
        """What it was before."""
        return Versions(self.path)

    def tag(self) -> str:
        """Return the tag of what the file is now; "" while it is gone. The file is read only when it has changed."""
        stamp = self._file.stamp()
        if self._seen[0] != stamp:
            self._seen = stamp, ""
            with suppress(OSError):
                self._seen = stamp, tag_of(self._bytes())
        return self._seen[1] if stamp else ""

    def read(self) -> tuple[str, str]:
        """Return the text and its tag. Raises ProjectError and OSError where it cannot be read."""
        data = self._bytes()
        return text_of(data, self.path.name), tag_of(data)

    def write(self, text: str, tag: str) -> str:
        """Put a text in place of the one with this tag, which is kept; return the new tag.

        Lines end as they did. The file is replaced in one step, so a power cut leaves the old one or the new one.
        Raises ProjectError when somebody else has changed the file, or it cannot be written.
        """
        try:
            before = self._bytes() if self.path.exists() else b""
            if before and tag_of(before) != tag:
                raise ProjectError.of("XM960", file=self.path.name)
            data = (text.replace("\n", "\r\n") if b"\r\n" in before else text).encode()
            if data == before:
                return tag
            if before:
                self.versions.keep(before, self.path.stat().st_mtime)
            _replace(self.path.resolve(), data)
        except OSError as error:
            raise ProjectError.of("XM961", file=self.path.name, reason=error.strerror or error) from None
        return tag_of(data)

    def _bytes(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(MAX_BYTES + 1)


def tag_of(data: bytes) -> str:
    """Return what differs when a text differs."""
    return hashlib.sha256(data).hexdigest()[:16]


def text_of(data: bytes, name: str) -> str:
    """Return a text with plain line ends. One of a Chinese editor that is no UTF-8 is read, too: saving mends it."""
    try:
        text = decode(data, name)
    except ProjectError as error:
        if error.code != "XM104":
            raise
        text = data.decode("gb18030", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, name)
        else:
            Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
