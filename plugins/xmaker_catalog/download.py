"""Brings a model from a server, or from a file: what was interrupted goes on, and what is not the right file is thrown away."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import msgspec

from xmaker import XMakerError
from xmaker_catalog.entry import Entry, card_for
from xmaker_catalog.where import address_of

BLOCK = 1 << 17
PATIENCE = 30.0
"""Seconds that a server may be silent."""
LOOKS = 0.2
"""Seconds from look to look while another command brings the same file."""
MOST_UNPACKED = 10
"""How many times as large as its zip file a model may be."""

Tell = Callable[[int], None]
"""Called with how many bytes are here by now."""


def bring(entry: Entry, home: Path, tell: Tell, *, source: str = "", mirror: str = "") -> Path:
    """Bring a model into the folder `home` and return its own folder.

    `source` is another web address, or a file on this computer, of the same file; `mirror` another server, see `address_of`.
    Raises XMakerError. What is half here stays in `home` as a `.part`, unless it is wrong. While another command brings the
    same file, this one waits for it.
    """
    source = _on_this_computer(source or address_of(entry, mirror))
    if "://" in source and not source.startswith(("http://", "https://")):
        raise XMakerError.of("XM824", reason=source)
    if "://" not in source and not Path(source).expanduser().is_file():
        raise XMakerError.of("XM429", file=source)
    with _told(home, entry):
        home.mkdir(parents=True, exist_ok=True)
        if "://" not in source:
            _put(_checked(entry, Path(source).expanduser()), home, entry)
        else:
            part = home / entry.part
            with _alone(part, tell) as waited:
                if not (waited and _is_there(entry, home)):
                    _fetched(entry, source, part, tell)
    return home / (entry.folder or entry.name)


def _is_there(entry: Entry, home: Path) -> bool:
    folder = home / (entry.folder or entry.name)
    return folder.is_dir() and not entry.lacks(folder)


def _fetched(entry: Entry, source: str, part: Path, tell: Tell) -> None:
    """Download the model and put it into its place."""
    _download(entry, source, part, tell)
    try:
        _put(_checked(entry, part), part.parent, entry)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _alone(part: Path, tell: Tell) -> Iterator[bool]:
    """Hold the part for this command alone; yield whether another had it, whose progress was told meanwhile."""
    waited = False
    if sys.platform == "win32":  # where nothing that is open can be removed
        yield waited
        return
    while (file := _taken(part)) is None:
        waited = True
        with suppress(OSError):  # it has just been moved or removed
            tell(part.stat().st_size)
        time.sleep(LOOKS)
    with file:
        try:
            yield waited
        finally:
            left = os.fstat(file.fileno())
            if left.st_nlink and not left.st_size:
                part.unlink()


def _taken(part: Path) -> BinaryIO | None:
    """Return the part, locked; None while another command has it, or has just removed it."""
    import fcntl

    file = part.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file.fileno()).st_nlink:
            return file
    except BlockingIOError:
        pass
    except OSError:  # a disk of the network that knows no locks
        return file
    file.close()
    return None


def _on_this_computer(source: str) -> str:
    """Return the path of a file:// address, which pip gives where a package lies here; any other as it is."""
    parts = urllib.parse.urlsplit(source)
    return urllib.request.url2pathname(parts.path) if parts.scheme == "file" else source


@contextmanager
def _told(home: Path, entry: Entry) -> Iterator[None]:
    """Say what went wrong in the user's words."""
    try:
        yield
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        if isinstance(error, urllib.error.HTTPError):  # a server did answer: what it was asked for is of use
            error.close()
            reason = f"{error.code} {str(reason).splitlines()[-1]}, {error.url}"  # of a redirect without end urllib says much
        raise XMakerError.of("XM824", reason=reason) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            free = shutil.disk_usage(home).free
            raise XMakerError.of("XM826", folder=home, free=_mega(free), needed=_mega(entry.size)) from None
        raise XMakerError.of("XM751", reason=error) from None


def _download(entry: Entry, url: str, part: Path, tell: Tell) -> None:
    """Bring the rest of the file."""
    here = part.stat().st_size if part.exists() else 0
    if here >= entry.size:
        return
    _need_room(part.parent, entry.size - here)
    request = urllib.request.Request(url, headers={"User-Agent": "xmaker", "Range": f"bytes={here}-"})  # noqa: S310  # as above
    with _asked(request, part) as answer:
        goes_on = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {here}-")
        here = here if goes_on else 0
        length = answer.length
        if length is not None and here + length < entry.size:
            raise _wrong(entry, here + length, answer, part)
        with part.open("ab" if goes_on else "wb") as file:
            while here < entry.size and (block := answer.read(min(BLOCK, entry.size - here))):
                file.write(block)
                here += len(block)
                tell(here)
        if here < entry.size and length is None and answer.headers.get_content_type() == "text/html":
            raise _wrong(entry, here, answer, part)
    if here < entry.size:
        raise XMakerError.of("XM825", here=_mega(here), size=_mega(entry.size))


@contextmanager
def _asked(request: urllib.request.Request, part: Path) -> Iterator[HTTPResponse]:
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  # http or https, see above
            yield answer
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:  # the server's file ends before: not what is half here
            part.unlink(missing_ok=True)
        raise


def _wrong(entry: Entry, size: int, answer: HTTPResponse, part: Path) -> XMakerError:
    """Return the error for an answer that is too short to be the model, such as a page; what is here is thrown away."""
    part.unlink(missing_ok=True)
    kind = answer.headers.get_content_type()
    return XMakerError.of("XM669", model=entry.name, found=f"{size:,}", kind=kind, wanted=f"{entry.size:,}")


def _checked(entry: Entry, path: Path) -> Path:
    """Return the file if it is the right one; a download that is wrong is deleted by whoever asked."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != entry.sha256:
        raise XMakerError.of("XM827", model=entry.name, found=found, wanted=entry.sha256)
    return path


def _put(path: Path, home: Path, entry: Entry) -> None:
    """Unpack beside the place where the model is to be, so that it is there whole or not at all."""
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=home) as folder:
        made, wanted = Path(folder) / (entry.folder or entry.name), home / (entry.folder or entry.name)
        try:
            if entry.folder:
                with zipfile.ZipFile(path) as packed:
                    _need_room(home, _unpacked_size(packed, entry))
                    packed.extractall(folder)
            else:
                made.mkdir()
                _take(path, made / entry.file, entry)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, KeyError) as error:
            raise XMakerError.of("XM828", reason=error) from None
        if lacks := entry.lacks(made):
            raise XMakerError.of("XM828", reason=f"{made.name}/{lacks}?")
        shutil.rmtree(wanted, ignore_errors=True)
        os.replace(made, wanted)


def _take(path: Path, target: Path, entry: Entry) -> None:
    """Write the one file that is wanted, and its card beside it."""
    if not entry.member:
        shutil.copyfile(path, target)
    else:
        with zipfile.ZipFile(path) as packed:
            size = packed.getinfo(entry.member).file_size
            if size > MOST_UNPACKED * entry.size:
                raise XMakerError.of("XM828", reason=f"{_mega(size)} MB")
            _need_room(target.parent, size)
            with packed.open(entry.member) as inside, target.open("wb") as file:
                shutil.copyfileobj(inside, file, BLOCK)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if card := card_for(entry, target, digest):
        text = msgspec.json.format(msgspec.json.encode(card), indent=1)
        (target.parent / f"{entry.name}.json").write_bytes(text + b"\n")


def _unpacked_size(packed: zipfile.ZipFile, entry: Entry) -> int:
    """Return how large it will be. Raises XMakerError when a file would lie outside, or it would be far too large."""
    for member in packed.infolist():
        path = PurePosixPath(member.filename.replace("\\", "/"))
        outside = path.is_absolute() or ".." in path.parts or ":" in path.parts[0]
        if outside or stat.S_ISLNK(member.external_attr >> 16):
            raise XMakerError.of("XM828", reason=member.filename)
    size = sum(member.file_size for member in packed.infolist())
    if size > MOST_UNPACKED * entry.size:
        raise XMakerError.of("XM828", reason=f"{_mega(size)} MB")
    return size


def _need_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise XMakerError.of("XM826", folder=folder, free=_mega(free), needed=_mega(size))


def _mega(size: Any) -> str:
    return f"{size / 1e6:.1f}"
