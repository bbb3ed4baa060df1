"""Brings a model from a server, or from a file: what was interrupted goes on, and what is not the right file is thrown away."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import Any

from xmaker import XMakerError
from xmaker_speech.models import Known, missing_part

BLOCK = 1 << 17
PATIENCE = 30.0
"""Seconds that a server may be silent."""
MOST_UNPACKED = 10
"""How many times as large as its zip file a model may be."""

Tell = Callable[[int], None]
"""Called with how many bytes are here by now."""


def bring(known: Known, source: str, home: Path, tell: Tell) -> Path:
    """Bring a model into the folder `home` and return its own folder. `source` is a web address or a zip file.

    Raises XMakerError. What is half here stays in `home` as a `.part`, unless it is wrong.
    """
    if "://" in source and not source.startswith(("http://", "https://")):
        raise XMakerError.of("XM824", reason=source)
    with _told(home, known):
        home.mkdir(parents=True, exist_ok=True)
        if "://" not in source:
            _unpack(_checked(known, Path(source).expanduser()), home, known)
        else:
            part = home / f"{known.folder}.zip.part"
            _download(known, source, part, tell)
            try:
                _unpack(_checked(known, part), home, known)
            finally:
                part.unlink(missing_ok=True)
    return home / known.folder


@contextmanager
def _told(home: Path, known: Known) -> Iterator[None]:
    """Say what went wrong in the user's words."""
    try:
        yield
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise XMakerError.of("XM824", reason=getattr(error, "reason", None) or error) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            free = shutil.disk_usage(home).free
            raise XMakerError.of("XM826", folder=home, free=_mega(free), needed=_mega(known.size)) from None
        raise XMakerError.of("XM751", reason=error) from None


def _download(known: Known, url: str, part: Path, tell: Tell) -> None:
    """Bring the rest of the file."""
    here = part.stat().st_size if part.exists() else 0
    if here >= known.size:
        return
    _need_room(part.parent, known.size - here)
    request = urllib.request.Request(url, headers={"User-Agent": "xmaker", "Range": f"bytes={here}-"})  # noqa: S310  # as above
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  # http or https, see above
        goes_on = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {here}-")
        here = here if goes_on else 0
        with part.open("ab" if goes_on else "wb") as file:
            while here < known.size and (block := answer.read(min(BLOCK, known.size - here))):
                file.write(block)
                here += len(block)
                tell(here)
    if here < known.size:
        raise XMakerError.of("XM825", here=_mega(here), size=_mega(known.size))


def _checked(known: Known, path: Path) -> Path:
    """Return the file if it is the right one; a download that is wrong is deleted by whoever asked."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != known.sha256:
        raise XMakerError.of("XM827", model=known.name, found=found, wanted=known.sha256)
    return path


def _unpack(path: Path, home: Path, known: Known) -> None:
    """Unpack beside the place where the model is to be, so that it is there whole or not at all."""
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=home) as folder:
        try:
            with zipfile.ZipFile(path) as packed:
                _need_room(home, _unpacked_size(packed, known))
                packed.extractall(folder)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
            raise XMakerError.of("XM828", reason=error) from None
        made, wanted = Path(folder) / known.folder, home / known.folder
        if lacks := missing_part(made):
            raise XMakerError.of("XM828", reason=f"{known.folder}/{lacks}?")
        shutil.rmtree(wanted, ignore_errors=True)
        os.replace(made, wanted)


def _unpacked_size(packed: zipfile.ZipFile, known: Known) -> int:
    """Return how large it will be. Raises XMakerError when a file would lie outside, or it would be far too large."""
    for member in packed.infolist():
        path = PurePosixPath(member.filename.replace("\\", "/"))
        outside = path.is_absolute() or ".." in path.parts or ":" in path.parts[0]
        if outside or stat.S_ISLNK(member.external_attr >> 16):
            raise XMakerError.of("XM828", reason=member.filename)
    size = sum(member.file_size for member in packed.infolist())
    if size > MOST_UNPACKED * known.size:
        raise XMakerError.of("XM828", reason=f"{_mega(size)} MB")
    return size


def _need_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise XMakerError.of("XM826", folder=folder, free=_mega(free), needed=_mega(size))


def _mega(size: Any) -> str:
    return f"{size / 1e6:.1f}"
