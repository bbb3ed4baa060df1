"""`xmaker model get` against a server on this computer: whole, broken off, gone on with, exchanged, harmful, and no room."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from xmaker_speech import models
from xmaker_speech.download import bring
from xmaker_speech.models import Known

from xmaker import XMakerError
from xmaker.cli.app import execute

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


def known(data: bytes, size: int = 0) -> Known:
    return Known("vosk-tiny", "xx", FOLDER, size or len(data), hashlib.sha256(data).hexdigest())


MODEL = packed(f"{FOLDER}/am/final.mdl", f"{FOLDER}/conf/model.conf", size=300_000)


class Server(ThreadingHTTPServer):
    """Gives one file. `breaks_after` bytes of an answer the connection breaks off; `ranges` says whether it knows parts."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.data, self.breaks_after, self.ranges = MODEL, 1 << 30, True
        self.sent: list[int] = []
        """Bytes of each answer."""
        self.url = f"http://127.0.0.1:{self.server_port}/{FOLDER}.zip"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if not self.path.endswith(f"/{FOLDER}.zip"):
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
        self.wfile.write(data[: self.server.breaks_after])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def home(no_models: Path) -> Path:
    """Where models go, with no others on this computer."""
    return no_models


def refused(work: Callable[[], object]) -> str:
    """Return the code of the error that it raises."""
    with pytest.raises(XMakerError) as raised:
        work()
    return raised.value.code


def test_a_model_is_brought_and_found(server: Server, home: Path) -> None:
    told: list[int] = []
    assert bring(known(MODEL), server.url, home, told.append) == home / FOLDER
    assert models.find(FOLDER) == home / FOLDER
    assert told[-1] == len(MODEL) and told == sorted(told)
    assert [path.name for path in home.iterdir()] == [FOLDER]  # no part, nothing half unpacked


def test_a_connection_that_breaks_off_goes_on_where_it_stopped(server: Server, home: Path) -> None:
    server.breaks_after = 200_000
    assert refused(lambda: bring(known(MODEL), server.url, home, lambda here: None)) == "XM825"
    assert models.find(FOLDER) is None
    assert (home / f"{FOLDER}.zip.part").read_bytes() == MODEL[:200_000]
    server.breaks_after = 1 << 30
    assert bring(known(MODEL), server.url, home, lambda here: None)
    assert server.sent == [200_000, len(MODEL) - 200_000]


def test_a_server_that_knows_no_parts_begins_again(server: Server, home: Path) -> None:
    server.breaks_after = 200_000
    refused(lambda: bring(known(MODEL), server.url, home, lambda here: None))
    server.breaks_after, server.ranges = 1 << 30, False
    assert bring(known(MODEL), server.url, home, lambda here: None)
    assert server.sent == [200_000, len(MODEL)]


def test_another_file_of_the_same_size_is_thrown_away(server: Server, home: Path) -> None:
    server.data = MODEL[:-1] + bytes([MODEL[-1] ^ 1])
    assert refused(lambda: bring(known(MODEL), server.url, home, lambda here: None)) == "XM827"
    assert not list(home.iterdir())
    server.data = MODEL
    assert bring(known(MODEL), server.url, home, lambda here: None)


def test_a_longer_file_is_not_read_to_its_end(server: Server, home: Path) -> None:
    server.data = MODEL + bytes(50_000_000)
    assert bring(known(MODEL), server.url, home, lambda here: None)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.zip", "http://127.0.0.1:{port}/nothing", "ftp://127.0.0.1:9/x.zip"])
def test_a_server_that_does_not_answer_is_told_of(address: str, server: Server, home: Path) -> None:
    url = address.format(port=server.server_port)
    assert refused(lambda: bring(known(MODEL), url, home, lambda here: None)) == "XM824"


HARMFUL = {
    "outside": packed("../../outside/am/final.mdl"),
    "backslash": packed("..\\outside.txt"),
    "absolute": packed("/tmp/outside.txt"),
    "drive": packed("c:/outside.txt"),
    "link": packed(f"{FOLDER}/am/final.mdl", link=f"{FOLDER}/conf"),
    "no zip": b"<html>log in to the school's network</html>" * 100,
    "cut off": MODEL[: len(MODEL) // 2],
    "no model": packed(f"{FOLDER}/README", size=20),
    "another model": packed("other-model/am/final.mdl"),
}


@pytest.mark.parametrize("data", HARMFUL.values(), ids=HARMFUL)
def test_a_zip_file_that_is_no_good_leaves_nothing_behind(data: bytes, server: Server, home: Path, tmp_path: Path) -> None:
    server.data = data
    before = {path for path in tmp_path.rglob("*") if home not in path.parents}
    assert refused(lambda: bring(known(data), server.url, home, lambda here: None)) == "XM828"
    assert not list(home.iterdir())
    assert {path for path in tmp_path.rglob("*") if home not in path.parents and path not in (home, *home.parents)} <= before


def test_a_zip_file_that_would_grow_without_bound_is_refused(server: Server, home: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{FOLDER}/am/final.mdl", bytes(50_000_000))
    server.data = bomb.getvalue()
    assert refused(lambda: bring(known(server.data), server.url, home, lambda here: None)) == "XM828"


def test_no_room_is_noticed_before_a_byte_is_asked_for(server: Server, home: Path) -> None:
    assert refused(lambda: bring(known(MODEL, size=10**15), server.url, home, lambda here: None)) == "XM826"
    assert server.sent == []


@pytest.mark.slow
def test_a_disk_that_becomes_full_keeps_what_there_is(server: Server, tmp_path: Path) -> None:
    """On a disk of 256 kB: somebody else may write while we do, so the look before is not enough."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(disk)], check=False).returncode:
        pytest.skip("needs root")
    try:
        part = disk / f"{FOLDER}.zip.part"
        part.write_bytes(MODEL[:100_000])
        (disk / "other").write_bytes(bytes(150_000))
        small = known(MODEL, size=105_000)  # there seems to be room for the rest
        server.data = MODEL
        assert refused(lambda: bring(small, server.url, disk, lambda here: None)) in ("XM826", "XM827")
        (disk / "other").write_bytes(bytes(100_000))
        assert refused(lambda: bring(known(MODEL), server.url, disk, lambda here: None)) == "XM826"
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_the_command_says_where_the_model_is(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setitem(models.known_models(), "vosk-tiny", known(MODEL))
    (tmp_path / "model.zip").write_bytes(MODEL)
    assert execute(["model", "get", "vosk-tiny", "--from", str(tmp_path / "nothing.zip")]) == 1
    assert execute(["model", "get", "vosk-tiny", "--from", str(tmp_path / "model.zip")]) == 0
    assert execute(["model", "get", "vosk-tiny"]) == 0  # it is there: nobody is asked
    assert execute(["model", "get"]) == 0
    printed = capsys.readouterr()
    said = f"The model vosk-tiny is in {home / FOLDER}."
    assert printed.out.splitlines()[:2] == [said, said]
    assert f"vosk-tiny  xx  1 MB  {home / FOLDER}" in printed.out and "vosk-small-cn  zh  44 MB  -" in printed.out
    assert "XM751" in printed.err and (tmp_path / "model.zip").exists()


def test_an_unknown_name_is_corrected(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["model", "get", "vosk-small-zh"]) == 1
    assert "XM819" in capsys.readouterr().err


def test_the_table_is_whole() -> None:
    """One model for a language; each has the fingerprint of its file."""
    rows = models.known_models().values()
    assert len({row.language for row in rows}) == len({row.sha256 for row in rows}) == len(rows) == 8
    assert all(len(row.sha256) == 64 and int(row.sha256, 16) and 30e6 < row.size < 100e6 for row in rows)
    assert all(row.url == f"https://alphacephei.com/vosk/models/{row.folder}.zip" for row in rows)
