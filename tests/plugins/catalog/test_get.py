"""`xmaker model get` against a server on this computer: networks, members of zip files, mirrors, packages, own catalogs."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from xmaker_catalog.download import bring
from xmaker_catalog.entry import known, read_catalog
from xmaker_toolbox.nodes import opened

from tests.conftest import Run
from tests.plugins.toolbox.quantizing.networks import COLOURS, write_network
from xmaker import Frame, Plugins, ProjectError, XMakerError

from .server import FOLDER, MODEL, Server, entry, nobody, refused, speech


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
    assert absent.code == 1 and "XM429" in absent.err and "nothing.zip" in absent.err
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
    """One model for a language; each download has the fingerprint of its file and a licence, or where that stands."""
    rows = known().values()
    speech = [row for row in rows if row.task == "speech"]
    assert len({row.language for row in speech}) == len({row.sha256 for row in speech}) == len(speech) == 8
    assert all(30e6 < row.size < 100e6 and row.address.endswith(f"/{row.folder}.zip") for row in speech)
    assert all(row.licence == "Apache-2.0" or row.licence.startswith("see ") for row in speech)
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
