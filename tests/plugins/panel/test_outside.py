"""A browser on another computer changes the project, but leads it to no files that are none of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("starlette", reason="needs the extra `panel`")

from xmaker_panel.outside import leads_outside

from tests.plugins.panel.conftest import get, post, save

TEXT = "name: Hall\nsimulate: true\ninputs: {camera: {source: 77, fallback: ../shared}}\noutputs: {light: led}\n"


@pytest.mark.parametrize(
    "text",
    [
        "/etc/passwd",
        "../up.csv",
        "a/../../b",
        "~/x",
        "~root/x",
        "C:\\x",
        "\\\\server\\x",
        "a\\..\\..\\x",
        "file:///etc/passwd",
        "concat:x|file://y",
        "..",
        "taken",
        "link/x",
        "/dev/sda",
        "/dev/tty/../sda",
    ],
)
def test_these_lead_outside(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "taken").mkdir()
    monkeypatch.chdir(tmp_path)  # from where a camera's path counts, too
    (tmp_path / "project" / "link").symlink_to(tmp_path)
    assert leads_outside(text, tmp_path / "project")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log.csv",
        "media/cat.jpg",
        "红.csv",
        "a/../b",
        "P25",
        "csi",
        "http://10.0.0.2/video",
        "rtsp://cam/1",
        "/dev/video0",
        "C4 D4:2",
        "x" * 9000,
        "a\0b",
    ],
)
def test_these_do_not(tmp_path: Path, text: str) -> None:
    assert not leads_outside(text, tmp_path)
    assert not leads_outside(str(tmp_path / "in"), tmp_path)


@pytest.fixture
def hall(start: Callable[..., Any], tmp_path: Path) -> Any:
    """A project that names a folder outside its own, with a panel for other computers; a browser there has given the PIN."""
    (tmp_path / "shared").mkdir()
    cv2.imwrite(str(tmp_path / "shared" / "a.png"), np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "hall").mkdir()
    (tmp_path / "hall" / "project.yaml").write_text(TEXT, encoding="utf-8")
    return start(tmp_path / "hall", host="0.0.0.0")


def asked(panel: Any, address: str) -> tuple[Any, dict[str, str]]:
    panel.address = f"{address}:{panel.address.rpartition(':')[2]}"
    entered = panel.ask("/pin", "POST", f'"{panel.pin}"', Origin=f"http://{panel.address}")
    return panel, {"Cookie": entered.headers["set-cookie"].partition(";")[0]}


@pytest.mark.parametrize(
    "option", ["diary: {use: log, file: /tmp/out.csv}", "photo: {use: snapshot, from: camera, folder: ../up}"]
)
def test_no_output_writes_elsewhere_and_no_error_tells_what_is_there(hall: Any, option: str) -> None:
    panel, cookie = asked(hall, "127.0.0.1")
    text = TEXT.replace("light: led", option)
    status, answer = post(panel, "/editor/check?lang=en", text, **cookie)
    assert status == 200
    assert [(problem["code"], problem["line"]) for problem in answer["problems"]] == [("XM997", 4)]
    tag = panel.get("/editor", **cookie)["tag"]
    status, answer = post(panel, f"/editor/save?lang=en&tag={tag}", text, **cookie)
    assert (status, answer["code"]) == (409, "XM997")
    assert panel.file.path.read_text(encoding="utf-8") == TEXT


def test_what_the_file_named_before_stays(hall: Any) -> None:
    panel, cookie = asked(hall, "127.0.0.1")
    tag = panel.get("/editor", **cookie)["tag"]
    assert post(panel, f"/editor/save?lang=en&tag={tag}", TEXT.replace("Hall", "Room"), **cookie)[0] == 200
    assert panel.file.project.name == "Room"


def test_who_sits_at_this_computer_may_write_any_path(start: Callable[..., Any], tmp_path: Path) -> None:
    panel = start(TEXT.replace("../shared", "."))
    save(panel, TEXT.replace("light: led", f"diary: {{use: log, file: {tmp_path.parent}/out.csv}}").replace("../shared", "."))
    assert get(panel, "/editor")["text"].count("out.csv") == 1
