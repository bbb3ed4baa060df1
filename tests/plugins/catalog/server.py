"""A server of models on this computer, and models for it."""

from __future__ import annotations

import hashlib
import io
import os
import time
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest
from xmaker_catalog.entry import Entry

from xmaker import XMakerError

FOLDER = "vosk-model-tiny-0.1"


def packed(*names: str, link: str = "", size: int = 300_000) -> bytes:
    """Return a zip file with these members, of bytes that do not get smaller."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, os.urandom(size))
        if link:
            entry = zipfile.ZipInfo(link)
            entry.external_attr = 0o120777 << 16
            archive.writestr(entry, "/etc/passwd")
    return file.getvalue()


def speech(data: bytes, size: int = 0) -> Entry:
    """Return an entry for a model of speech: a folder in a zip file."""
    needs = ["am/final.mdl", "final.mdl"]
    return entry(data, name="vosk-tiny", task="speech", folder=FOLDER, needs=needs, size=size or len(data))


def entry(data: bytes, **more: Any) -> Entry:
    given = {"name": "colours", "task": "classify", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return msgspec.convert({"address": "http://127.0.0.1:9/x.zip", **given, **more}, Entry)


MODEL = packed(f"{FOLDER}/am/final.mdl", f"{FOLDER}/conf/model.conf", size=300_000)


class Server(ThreadingHTTPServer):
    """Gives one file. `breaks_after` bytes of an answer the connection breaks off; `ranges` says whether it knows parts."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.data, self.breaks_after, self.ranges = MODEL, 1 << 30, True
        self.file, self.pages = f"/{FOLDER}.zip", dict[str, bytes]()
        self.slow = 0.0
        """Seconds before an answer's second half."""
        self.sent: list[int] = []
        """Bytes of each answer."""
        self.root = f"http://127.0.0.1:{self.server_port}"
        self.url = f"{self.root}/{FOLDER}.zip"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path in self.server.pages:
            self._send(200, self.server.pages[self.path])
            return
        if self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
            return
        if not self.path.endswith(self.server.file):
            self.send_error(404)
            return
        start = int(self.headers.get("Range", "bytes=0-")[6:-1]) if self.server.ranges else 0
        data = self.server.data[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(self.server.data) - 1}/{len(self.server.data)}")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.server.sent.append(min(len(data), self.server.breaks_after))
        data = data[: self.server.breaks_after]
        self.wfile.write(data[: len(data) // 2])
        time.sleep(self.server.slow)
        self.wfile.write(data[len(data) // 2 :])
        self.close_connection = True

    def _send(self, status: int, page: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        pass


def nobody(here: int) -> None:
    """Tell nobody."""


def refused(work: Callable[[], object]) -> str:
    """Return the code of the error that it raises."""
    with pytest.raises(XMakerError) as raised:
        work()
    return raised.value.code
