"""Downloading from a server: whole, broken off, gone on with, exchanged, harmful, and no room."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from xmaker_catalog.download import bring
from xmaker_speech import models

from xmaker import XMakerError

from .server import FOLDER, MODEL, Server, nobody, packed, refused, speech


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


def test_the_page_of_a_network_that_wants_a_password_is_thrown_away(server: Server, home: Path) -> None:
    server.pages["/login.zip"] = b"<html>log in to the school's network</html>"
    with pytest.raises(XMakerError) as raised:
        bring(speech(MODEL), home, nobody, source=f"{server.root}/login.zip")
    assert raised.value.code == "XM669" and "43 bytes (text/html)" in raised.value.show()
    assert not list(home.iterdir())
    server.breaks_after = 200_000
    refused(lambda: bring(speech(MODEL), home, nobody, source=server.url))
    assert refused(lambda: bring(speech(MODEL), home, nobody, source=f"{server.root}/login.zip")) == "XM669"
    server.breaks_after = 1 << 30
    assert bring(speech(MODEL), home, nobody, source=server.url)


def test_a_file_that_is_too_short_is_not_waited_for(server: Server, home: Path) -> None:
    """Whether it comes as a whole, or as the rest of what is half here; a broken one was shorter than what is here."""
    server.data = MODEL[:-10]
    assert refused(lambda: bring(speech(MODEL), home, nobody, source=server.url)) == "XM669"
    (home / f"{FOLDER}.zip.part").write_bytes(MODEL[:1000])
    assert refused(lambda: bring(speech(MODEL), home, nobody, source=server.url)) == "XM669"
    assert not list(home.iterdir())


def test_two_commands_bring_a_model_once(server: Server, home: Path) -> None:
    server.slow = 1
    with ThreadPoolExecutor() as pool:
        both = [pool.submit(bring, speech(MODEL), home, nobody, source=server.url) for _ in range(2)]
        assert [one.result() for one in both] == [home / FOLDER] * 2
    assert server.sent == [len(MODEL)]
    assert [path.name for path in home.iterdir()] == [FOLDER]


def test_a_server_that_sends_round_and_round_is_told_of_in_one_line(server: Server, home: Path) -> None:
    with pytest.raises(XMakerError) as raised:
        bring(speech(MODEL), home, nobody, source=f"{server.root}/round")
    assert f"302 Found, {server.root}/round" in raised.value.show()
    assert not list(home.iterdir())


def test_a_longer_file_is_not_read_to_its_end(server: Server, home: Path) -> None:
    server.data = MODEL + bytes(50_000_000)
    assert bring(speech(MODEL), home, nobody, source=server.url)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.zip", "http://127.0.0.1:{port}/nothing", "ftp://127.0.0.1:9/x.zip"])
def test_a_server_that_does_not_answer_is_told_of(address: str, server: Server, home: Path) -> None:
    url = address.format(port=server.server_port)
    assert refused(lambda: bring(speech(MODEL), home, nobody, source=url)) == "XM824"


def test_what_a_server_does_not_have_is_named_with_its_address(server: Server, home: Path) -> None:
    url = f"{server.root}/nothing"
    with pytest.raises(XMakerError) as caught:
        bring(speech(MODEL), home, nobody, source=url)
    assert "404 " in caught.value.show() and url in caught.value.show()


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
