"""What is uploaded to the panel by who means no good: what is refused, and that nothing of it is kept or run."""

from __future__ import annotations

import json
import pickle
import socket
import threading
import time
from pathlib import Path
from typing import Any

import onnx
import pytest
from xmaker_panel import model_files, modelling

from tests.plugins.panel.conftest import names, network, upload
from xmaker.cli.gallery import gallery


@pytest.fixture
def panel(colours: Any) -> Any:
    return colours


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("cats.zip", b"PK\3\4", "XM975"),
        ("cats.onnx.exe", b"MZ", "XM975"),
        ("", b"", "XM975"),
        ("cats.onnx", b"", "XM605"),
        ("cats.onnx", b"<html>not found</html>", "XM605"),
        ("cats.pth", b"#!/bin/sh", "XM975"),
    ],
)
def test_what_is_no_model_is_refused_and_not_kept(panel: Any, tmp_path: Path, name: str, data: bytes, code: str) -> None:
    status, answer = upload(panel, name, data)
    assert (status, answer["code"]) == (409, code)
    assert names(panel) == ["models/colours.onnx"]
    assert not [*(tmp_path / ".xmaker").glob("xmaker-job-*/*")]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/cron.onnx", "cron.onnx"),
        ("..%5C..%5Cwindows%5Ccalc.ONNX", "calc.onnx"),
        (".hidden.onnx", "hidden.onnx"),
        ("%00%0A<script>.onnx", "script.onnx"),
        ("con.onnx", "model_con.onnx"),
        ("a" * 300 + ".onnx", "a" * 60 + ".onnx"),
        ("%E7%8C%AB.onnx", "猫.onnx"),
        ("...onnx", "model.onnx"),
    ],
)
def test_names_are_made_harmless(panel: Any, tmp_path: Path, name: str, kept: str) -> None:
    assert upload(panel, name, network(tmp_path))[1]["model"] == f"models/{kept}"
    assert (tmp_path / "models" / kept).is_file()


def test_a_model_that_wants_other_files_of_this_computer_is_refused(panel: Any, tmp_path: Path) -> None:
    made = onnx.load_from_string(network(tmp_path))
    for tensor in made.graph.initializer:
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="../../../../etc/passwd")
        tensor.ClearField("raw_data")
    status, answer = upload(panel, "thief.onnx", made.SerializeToString())
    assert (status, answer["code"]) == (409, "XM976")
    assert "passwd" in answer["words"] and "root:" not in json.dumps(answer)


def test_a_project_of_the_gallery_is_copied_for_a_model_and_not_for_what_is_none(
    start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    panel = start(gallery() / "my_own_model")
    data = (gallery() / "my_own_model" / "fruit.onnx").read_bytes()
    assert upload(panel, "half.onnx", data[: len(data) // 2])[0] == 409
    assert [*tmp_path.iterdir()] == []
    status, answer = upload(panel, "whole.onnx", data)
    assert status == 200 and str(tmp_path / "my_own_model") in answer["moved"]
    assert (tmp_path / "my_own_model" / answer["model"]).read_bytes() == data
    assert "models/whole.onnx" in names(panel)


class Bomb:
    def __reduce__(self) -> Any:
        return (Path.write_text, (Path(self.mark), "run"))  # type: ignore[attr-defined]


@pytest.mark.parametrize("work", ["convert", "card"])
def test_what_a_pickle_wants_to_run_is_not_run(panel: Any, tmp_path: Path, work: str) -> None:
    bomb = Bomb()
    bomb.mark = str(tmp_path / "exploded")  # type: ignore[attr-defined]
    name = upload(panel, "bomb.pth", pickle.dumps({"state_dict": bomb}, protocol=2))[1]["model"]
    if work == "convert":
        assert panel.tell("/models", "convert", model=name)[0] == 200
        done = panel.job()
        assert done["state"] == "failed" and done["error"]["words"]
    else:
        assert panel.ask(f"/models/card?model={name}").status == 409
    assert not (tmp_path / "exploded").exists()


def test_a_large_upload_is_refused_before_it_comes(panel: Any, tmp_path: Path) -> None:
    host, port = panel.address.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(
            f"POST /models/upload?name=big.onnx HTTP/1.1\r\nHost: {panel.address}\r\nOrigin: http://{panel.address}\r\n"
            "Content-Length: 200000000\r\n\r\n".encode()
        )
        assert b"409" in line.recv(100), "without a byte of it"
    assert not [*(tmp_path / ".xmaker").glob("xmaker-job-*/*")]


def test_one_that_does_not_say_how_large_it_is_is_cut_off(panel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "LARGEST", 1_000_000)
    largest, ended = 0, threading.Event()

    def watch() -> None:
        nonlocal largest
        while not ended.wait(0.005):
            for path in (tmp_path / ".xmaker").glob("xmaker-job-*/*"):
                try:
                    largest = max(largest, path.stat().st_size)
                except OSError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    host, port = panel.address.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(
            f"POST /models/upload?name=big.onnx HTTP/1.1\r\nHost: {panel.address}\r\nOrigin: http://{panel.address}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        piece = b"10000\r\n" + bytes(65536) + b"\r\n"
        sent = 0
        try:
            while sent < 200_000_000:
                line.sendall(piece)
                sent += 65536
        except OSError:
            pass
    ended.set()
    watcher.join()
    assert sent < 30_000_000 and largest <= 1_000_000
    assert not [*(tmp_path / ".xmaker").glob("xmaker-job-*/*")]


def test_an_upload_that_stands_still_is_given_up(panel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modelling, "STALLED", 0.3)
    host, port = panel.address.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(
            f"POST /models/upload?lang=en&name=slow.onnx HTTP/1.1\r\nHost: {panel.address}\r\nOrigin: http://{panel.address}\r\n"
            "Content-Length: 1000\r\n\r\nab".encode()
        )
        time.sleep(0.1)
        assert upload(panel, "other.onnx", network(tmp_path))[1]["code"] == "XM970", "one at a time"
        assert b"XM985" in b"".join(iter(lambda: line.recv(4000), b""))
    assert upload(panel, "other.onnx", network(tmp_path))[0] == 200


def test_a_full_disk_is_told_of_before(panel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "LEFT_OVER", 1 << 60)
    assert upload(panel, "cats.onnx", network(tmp_path))[1]["code"] == "XM491"
