"""`xmaker model get` against a server on this computer: whole, broken off, gone on with, exchanged, harmful, and no room."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from xmaker_catalog.download import bring
from xmaker_catalog.entry import Entry, home, known, read_catalog
from xmaker_speech import models
from xmaker_toolbox.nodes import opened

from tests.conftest import Run
from tests.plugins.toolbox.quantizing.networks import COLOURS, write_network
from xmaker import Frame, Plugins, ProjectError, XMakerError

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
        self.wfile.write(data[: self.server.breaks_after])
        self.close_connection = True

    def _send(self, status: int, page: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

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


@pytest.fixture(name="home")
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where models go, with none on this computer."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("VOSK_MODEL_PATH", raising=False)
    return home()


def nobody(here: int) -> None:
    """Tell nobody."""


def refused(work: Callable[[], object]) -> str:
    """Return the code of the error that it raises."""
    with pytest.raises(XMakerError) as raised:
        work()
    return raised.value.code


def test_a_model_is_brought_and_found(server: Server, home: Path) -> None:
    told: list[int] = []
    assert bring(speech(MODEL), home, told.append, source=server.url) == home / FOLDER
    assert models.find(FOLDER) == home / FOLDER
    assert told[-1] == len(MODEL) and told == sorted(told)
    assert [path.name for path in home.iterdir()] == [FOLDER]  # no part, nothing half unpacked


def test_a_connection_that_breaks_off_goes_on_where_it_stopped(server: Server, home: Path) -> None:
    server.breaks_after = 200_000
    assert refused(lambda: bring(speech(MODEL), home, nobody, source=server.url)) == "XM825"
    assert models.find(FOLDER) is None
    assert (home / f"{FOLDER}.zip.part").read_bytes() == MODEL[:200_000]
    server.breaks_after = 1 << 30
    assert bring(speech(MODEL), home, nobody, source=server.url)
    assert server.sent == [200_000, len(MODEL) - 200_000]


def test_a_server_that_knows_no_parts_begins_again(server: Server, home: Path) -> None:
    server.breaks_after = 200_000
    refused(lambda: bring(speech(MODEL), home, nobody, source=server.url))
    server.breaks_after, server.ranges = 1 << 30, False
    assert bring(speech(MODEL), home, nobody, source=server.url)
    assert server.sent == [200_000, len(MODEL)]


def test_another_file_of_the_same_size_is_thrown_away(server: Server, home: Path) -> None:
    server.data = MODEL[:-1] + bytes([MODEL[-1] ^ 1])
    assert refused(lambda: bring(speech(MODEL), home, nobody, source=server.url)) == "XM827"
    assert not list(home.iterdir())
    server.data = MODEL
    assert bring(speech(MODEL), home, nobody, source=server.url)


def test_a_longer_file_is_not_read_to_its_end(server: Server, home: Path) -> None:
    server.data = MODEL + bytes(50_000_000)
    assert bring(speech(MODEL), home, nobody, source=server.url)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.zip", "http://127.0.0.1:{port}/nothing", "ftp://127.0.0.1:9/x.zip"])
def test_a_server_that_does_not_answer_is_told_of(address: str, server: Server, home: Path) -> None:
    url = address.format(port=server.server_port)
    assert refused(lambda: bring(speech(MODEL), home, nobody, source=url)) == "XM824"


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
    assert refused(lambda: bring(speech(data), home, nobody, source=server.url)) == "XM828"
    assert not list(home.iterdir())
    assert {path for path in tmp_path.rglob("*") if home not in path.parents and path not in (home, *home.parents)} <= before


def test_a_zip_file_that_would_grow_without_bound_is_refused(server: Server, home: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{FOLDER}/am/final.mdl", bytes(50_000_000))
    server.data = bomb.getvalue()
    assert refused(lambda: bring(speech(server.data), home, nobody, source=server.url)) == "XM828"


def test_no_room_is_noticed_before_a_byte_is_asked_for(server: Server, home: Path) -> None:
    assert refused(lambda: bring(speech(MODEL, size=10**15), home, nobody, source=server.url)) == "XM826"
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
        small = speech(MODEL, size=105_000)  # there seems to be room for the rest
        server.data = MODEL
        assert refused(lambda: bring(small, disk, nobody, source=server.url)) in ("XM826", "XM827")
        (disk / "other").write_bytes(bytes(100_000))
        assert refused(lambda: bring(speech(MODEL), disk, nobody, source=server.url)) == "XM826"
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def network(tmp_path: Path) -> bytes:
    return write_network(tmp_path / "made.onnx").read_bytes()


CARD = {
    "input": {"width": 32, "height": 32, "layout": "NCHW", "dtype": "float32", "colour": "RGB", "std": [255, 255, 255]},
    "decode": {"scores": "logits"},
    "labels": {"en": list(COLOURS), "zh": ["红", "绿", "蓝"]},
}


def test_a_network_is_brought_with_its_card_and_runs_by_its_name(server: Server, home: Path, tmp_path: Path) -> None:
    server.data, server.file = network(tmp_path), "/colours.onnx"
    wanted = entry(server.data, address=f"{server.root}/colours.onnx", card=CARD, title={"zh": "颜色"}, licence="MIT")
    assert bring(wanted, home, nobody) == home / "colours"
    assert sorted(path.name for path in (home / "colours").iterdir()) == ["colours.json", "colours.onnx"]
    card = Plugins.load().model("colours", tmp_path)
    assert (card.title, card.licence, card.sha256) == ({"zh": "颜色"}, "MIT", wanted.sha256)
    with opened(Plugins.load(), "classifier", model="colours") as node:
        assert node.run(Frame(np.full((40, 40, 3), (0, 0, 250), np.uint8))).label == "红"


def test_a_network_with_its_card_inside_needs_no_other(server: Server, home: Path, tmp_path: Path) -> None:
    server.data, server.file = network(tmp_path), "/colours.onnx"
    bring(entry(server.data, name="ours", address=f"{server.root}/colours.onnx", title={"en": "Ours"}), home, nobody)
    card = Plugins.load().model("ours", tmp_path)
    assert (card.name, card.title, card.labels["zh"], card.licence) == (
        "ours",
        {"en": "Ours"},
        ["红", "绿", "蓝"],
        "Apache-2.0",
    )


def test_one_file_is_taken_out_of_a_zip_file(server: Server, home: Path, tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("pack/models/colours.onnx", network(tmp_path))
        archive.writestr("pack/__init__.py", "raise SystemExit")
    server.data = file.getvalue()
    inside = entry(server.data, member="pack/models/colours.onnx")
    assert bring(inside, home, nobody, source=server.url) == home / "colours"
    assert sorted(path.name for path in (home / "colours").iterdir()) == ["colours.json", "colours.onnx"]
    assert inside.here and (home / "colours/colours.onnx").read_bytes() == network(tmp_path)
    lost = entry(server.data, name="lost", member="pack/models/dogs.onnx")
    assert refused(lambda: bring(lost, home, nobody, source=server.url)) == "XM828"
    assert not (home / "lost").exists()


def test_a_mirror_has_the_same_files(server: Server, home: Path) -> None:
    far = msgspec.structs.replace(speech(MODEL), address=f"http://127.0.0.1:9/far/away/{FOLDER}.zip")
    assert refused(lambda: bring(far, home, nobody)) == "XM824"
    assert bring(far, home, nobody, mirror=f"{server.root}/mirror/") == home / FOLDER


def write_wheel(tmp_path: Path) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("colours_pack/colours.onnx", network(tmp_path))
        archive.writestr("colours_pack-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: colours-pack\nVersion: 1.0\n")
        archive.writestr("colours_pack-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("colours_pack-1.0.dist-info/RECORD", "")
    return file.getvalue()


def test_a_package_is_found_by_pip_and_not_installed(server: Server, home: Path, tmp_path: Path) -> None:
    server.data, server.file = write_wheel(tmp_path), "/colours_pack-1.0-py3-none-any.whl"
    server.pages["/simple/colours-pack/"] = f'<a href="{server.root}{server.file}">{server.file[1:]}</a>'.encode()
    wanted = entry(server.data, address="", package="colours-pack==1.0", member="colours_pack/colours.onnx", card=CARD)
    server.breaks_after = 1 << 30
    assert bring(wanted, home, nobody, mirror=f"{server.root}/simple") == home / "colours"
    assert Plugins.load().model("colours", tmp_path).source == {"from": "colours-pack==1.0"}
    assert importlib.util.find_spec("colours_pack") is None
    unknown = entry(server.data, address="", package="colours-pack==2.0", member="colours_pack/colours.onnx")
    assert refused(lambda: bring(unknown, home, nobody, mirror=f"{server.root}/simple")) == "XM572"


def test_the_command_says_where_the_model_is(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch, xmaker: Run, tmp_path: Path
) -> None:
    monkeypatch.setitem(known(), "vosk-tiny", speech(MODEL))
    (tmp_path / "model.zip").write_bytes(MODEL)
    absent = xmaker("model", "get", "vosk-tiny", "--from", tmp_path / "nothing.zip")
    assert absent.code == 1 and "XM751" in absent.err
    said = f"The model vosk-tiny is in {home / FOLDER}.\n"
    assert xmaker("model", "get", "vosk-tiny", "--from", tmp_path / "model.zip").out == said
    assert xmaker("model", "get", "vosk-tiny").out == said  # it is there: nobody is asked
    listed = {line.split()[0]: line.split()[-1] for line in xmaker("model", "get").out.splitlines()}
    assert (listed["vosk-tiny"], listed["vosk-small-cn"], listed["page-angle"]) == ("yes", "-", "-")
    assert (tmp_path / "model.zip").exists()


def test_a_catalog_of_ones_own(
    server: Server, home: Path, tmp_path: Path, xmaker: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.data, server.file = network(tmp_path), "/colours.onnx"
    rows = [entry(server.data, address=f"{server.root}/colours.onnx", card=CARD), entry(b"x", name="sums", task="sums")]
    own = tmp_path / "own.json"
    own.write_bytes(msgspec.json.encode(rows))
    assert "sums" in xmaker("model", "get", "--catalog", own).out
    ran = xmaker("model", "get", "colours", "--catalog", own)
    assert ran.out == f"The model colours is in {home / 'colours'}.\nIn a project: model: colours\n"
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "colours" in xmaker("model", "list").out
    wrong = xmaker("model", "get", "colors", "--catalog", own)
    assert wrong.code == 1 and "XM570" in wrong.err and "是不是“colours”" in wrong.err
    assert "联网" in xmaker("model", "get", "sums", "--catalog", own).err  # nobody answers


WRONG = {
    "no list": {},
    "no address": [{"name": "a", "task": "classify", "size": 1, "sha256": "0" * 64}],
    "two addresses": [{"name": "a", "task": "t", "size": 1, "sha256": "0" * 64, "address": "http://x/y", "package": "y==1"}],
    "another protocol": [{"name": "a", "task": "t", "size": 1, "sha256": "0" * 64, "address": "file:///etc/passwd"}],
    "no sha256": [{"name": "a", "task": "t", "size": 1, "address": "http://x/y"}],
    "a short sha256": [{"name": "a", "task": "t", "size": 1, "sha256": "0" * 8, "address": "http://x/y"}],
    "a name with a way out": [{"name": "../a", "task": "t", "size": 1, "sha256": "0" * 64, "address": "http://x/y"}],
    "a folder with a way out": [
        {"name": "a", "task": "t", "size": 1, "sha256": "0" * 64, "address": "http://x/y", "folder": "../b"}
    ],
    "an unknown word": [{"name": "a", "task": "t", "size": 1, "sha256": "0" * 64, "address": "http://x/y", "md5": "0"}],
}


@pytest.mark.parametrize("rows", WRONG.values(), ids=WRONG)
def test_a_catalog_that_is_wrong_is_refused(rows: Any, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_bytes(msgspec.json.encode(rows))
    with pytest.raises(ProjectError) as caught:
        read_catalog(tmp_path / "own.json")
    assert caught.value.code == "XM571"


def test_an_unknown_name_is_corrected(xmaker: Run) -> None:
    assert "XM570" in xmaker("model", "get", "vosk-small-zh").err


def test_the_catalog_is_whole() -> None:
    """One model for a language; each download has the fingerprint of its file, and each network a licence."""
    rows = known().values()
    speech = [row for row in rows if row.task == "speech"]
    assert len({row.language for row in speech}) == len({row.sha256 for row in speech}) == len(speech) == 8
    assert all(30e6 < row.size < 100e6 and row.address.endswith(f"/{row.folder}.zip") for row in speech)
    networks = [row for row in rows if row.task != "speech"]
    assert all(row.licence and row.title["zh"] and row.member and "==" in row.package for row in networks)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["page-angle", "text-angle", "imagenet-float"])
def test_what_the_catalog_lists_is_there_and_runs(name: str, home: Path) -> None:
    """From where pip finds it, which needs the network."""
    try:
        bring(known()[name], home, nobody)
    except XMakerError as error:
        pytest.skip(str(error))
    with opened(Plugins.load(), "classifier", model=name) as node:
        assert node.run(Frame(np.full((300, 200, 3), 255, np.uint8))).label
