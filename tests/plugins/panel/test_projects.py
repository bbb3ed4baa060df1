"""The list of projects: what is in it, starting, stopping and copying, and that nothing leads out of its folder."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("starlette", reason="needs the extra `panel`")

from xmaker_panel.door import HOME, Door, Home
from xmaker_panel.projects import listing
from xmaker_panel.runs import MOST
from xmaker_panel.shelf import Shelf

from xmaker.testing import wait_until

TEXT = """
name: Lamp
simulate: true
inputs: {door: {use: button}}
outputs: {lamp: {use: led}}
rules: [{when: door.pressed, then: [lamp.on]}]
"""


class Listing:
    """A list of projects that is served."""

    def __init__(self, words: str, folder: Path) -> None:
        self.folder = folder
        self.port = int(re.findall(r":(\d+)/", words)[0])
        self.pin = words.split()[-1] if "PIN" in words else ""
        self.cookie = ""

    def ask(self, path: str, method: str = "GET", body: str = "", port: int = 0, **headers: str) -> HTTPResponse:
        line = HTTPConnection("127.0.0.1", port or self.port, timeout=8)
        given = {"Cookie": self.cookie, **headers} if self.cookie else headers
        line.request(method, path, body, given)
        answer = line.getresponse()
        answer.text = answer.read().decode()  # type: ignore[attr-defined]
        line.close()
        return answer

    def projects(self) -> dict[str, Any]:
        return {one["id"]: one for one in json.loads(self.ask("/projects?lang=en").text)["projects"]}  # type: ignore[attr-defined]

    def do(self, verb: str, name: str) -> tuple[int, Any]:
        answer = self.ask(f"/projects/{verb}?lang=en&id={quote(name, safe='')}", "POST", Origin=f"http://127.0.0.1:{self.port}")
        return answer.status, json.loads(answer.text or "null")  # type: ignore[attr-defined]

    def runs(self, name: str) -> int:
        """Start a project; return its panel's port."""
        assert self.do("start", name)[0] == 200
        wait_until(lambda: self.projects()[name]["state"] != "starts", 20)
        assert self.projects()[name]["state"] == "runs", self.projects()[name]
        return int(self.projects()[name]["port"])


@pytest.fixture
def serve(tmp_path: Path, english: None) -> Iterator[Callable[..., Listing]]:
    """Give a function that serves the list of a folder with one project."""
    folder = tmp_path / "mine"
    (folder / "lamp").mkdir(parents=True)
    (folder / "lamp" / "project.yaml").write_text(TEXT, encoding="utf-8")
    with ExitStack() as stack:
        yield lambda host="": Listing(stack.enter_context(listing(folder, host, 0)), folder)


@pytest.fixture
def shelf(serve: Callable[..., Listing]) -> Listing:
    return serve()


def test_the_list_has_a_folders_projects_and_xmakers_own(shelf: Listing) -> None:
    (shelf.folder / "one.yaml").write_text(TEXT.replace("Lamp", "One file"), encoding="utf-8")
    (shelf.folder / "broken.yaml").write_text("inputs: [", encoding="utf-8")
    (shelf.folder / "notes.txt").write_text("none", encoding="utf-8")
    found = shelf.projects()
    assert [name for name in found if name.startswith("here/")] == ["here/broken.yaml", "here/lamp", "here/one.yaml"]
    assert found["here/one.yaml"]["title"] == "One file" and found["here/broken.yaml"]["title"] == "broken"
    assert found["shipped/cat_dog"]["title"] == "Cat/dog assistant" and found["shipped/cat_dog"]["doc"].startswith(
        "The camera looks"
    )
    assert "README" not in found["shipped/cat_dog"]["doc"]


def test_a_project_is_started_opened_and_stopped(shelf: Listing) -> None:
    port = shelf.runs("here/lamp")
    assert shelf.ask("/here", port=port).status == 204
    assert "name: Lamp" in shelf.ask("/editor", port=port).text  # type: ignore[attr-defined]
    assert shelf.do("start", "here/lamp")[1]["port"] == port, "twice is once"
    assert shelf.do("stop", "here/lamp") == (200, {"state": "", "said": ""})
    with pytest.raises(OSError):
        shelf.ask("/here", port=port)


def test_a_run_whose_folder_is_gone_can_be_stopped(shelf: Listing) -> None:
    port = shelf.runs("here/lamp")
    (shelf.folder / "lamp").rename(shelf.folder / "torch")
    found = shelf.projects()
    assert (found["here/lamp"]["state"], found["here/lamp"]["port"], found["here/lamp"]["gone"]) == ("runs", port, True)
    assert found["here/torch"]["state"] == "" and "gone" not in found["here/torch"]
    assert shelf.do("stop", "here/lamp")[0] == 200
    assert "here/lamp" not in shelf.projects()
    with pytest.raises(OSError):
        shelf.ask("/here", port=port)


def test_a_broken_project_is_opened_to_be_mended(shelf: Listing) -> None:
    (shelf.folder / "lamp" / "project.yaml").write_text(TEXT.replace("lamp.on", "lamp.glow"), encoding="utf-8")
    shelf.do("start", "here/lamp")
    wait_until(lambda: shelf.projects()["here/lamp"]["state"] == "waits", 20)
    port = shelf.projects()["here/lamp"]["port"]
    opened = json.loads(shelf.ask("/editor", port=port).text)  # type: ignore[attr-defined]
    assert "lamp.glow" in opened["text"]
    mended = shelf.ask(f"/editor/save?tag={opened['tag']}", "POST", TEXT, port, Origin=f"http://127.0.0.1:{port}")
    assert mended.status == 200
    wait_until(lambda: shelf.projects()["here/lamp"]["state"] == "runs", 20)


def test_a_run_that_breaks_says_why(shelf: Listing) -> None:
    file = shelf.folder / "lamp" / "project.yaml"
    file.write_text(TEXT.replace("simulate: true", "board: unihiker\nsimulate: never"), encoding="utf-8")
    shelf.do("start", "here/lamp")
    wait_until(lambda: shelf.projects()["here/lamp"]["state"] == "broke", 20)
    assert "XM" in shelf.projects()["here/lamp"]["said"]


def test_a_copy_gets_a_free_name_and_no_link_comes_along(shelf: Listing, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("not yours", encoding="utf-8")
    (shelf.folder / "lamp" / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert shelf.do("copy", "here/lamp") == (200, {"id": "here/lamp_2"})
    assert [path.name for path in (shelf.folder / "lamp_2").iterdir()] == ["project.yaml"]
    assert shelf.do("copy", "shipped/night_light") == (200, {"id": "here/night_light"})
    assert (shelf.folder / "night_light" / "project.yaml").is_file()


@pytest.mark.parametrize(
    "name",
    [
        "here/../outside",
        "here/..",
        "../outside",
        "/etc",
        "here//etc",
        "shipped/../../etc",
        "here/linked",
        "here/inside_linked",
        "",
        "here/",
        "\x00",
    ],
)
@pytest.mark.parametrize("verb", ["start", "copy"])
def test_nothing_leads_out_of_the_folder(shelf: Listing, tmp_path: Path, name: str, verb: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "project.yaml").write_text(TEXT, encoding="utf-8")
    (shelf.folder / "linked").symlink_to(outside)
    (shelf.folder / "inside_linked").mkdir()
    (shelf.folder / "inside_linked" / "project.yaml").symlink_to(outside / "project.yaml")
    status, refused = shelf.do(verb, name)
    assert status == 409 and refused["code"] == "XM967"
    assert sorted(path.name for path in shelf.folder.iterdir()) == ["inside_linked", "lamp", "linked"]


def test_so_many_runs_and_no_more(shelf: Listing) -> None:
    names = [f"here/{number}.yaml" for number in range(MOST + 1)]
    for name in names:
        (shelf.folder / name.removeprefix("here/")).write_text(TEXT, encoding="utf-8")
    assert [shelf.do("start", name)[0] for name in names] == [200] * MOST + [409]
    assert shelf.do("start", names[-1])[1]["code"] == "XM966"


def test_another_page_can_start_nothing(shelf: Listing) -> None:
    for headers in ({}, {"Origin": "http://evil.example"}):
        assert shelf.ask("/projects/start?id=here/lamp", "POST", **headers).status == 403
    assert shelf.ask("/projects", Host="evil.example").status == 403
    assert shelf.projects()["here/lamp"]["state"] == ""


def test_whoever_knows_the_pin_of_the_list_may_open_its_runs(serve: Callable[..., Listing]) -> None:
    outside = serve("0.0.0.0")
    assert outside.ask("/projects").status == 401
    origin = {"Origin": f"http://127.0.0.1:{outside.port}"}
    assert outside.ask("/projects/start?id=here/lamp", "POST", **origin).status == 401
    given = outside.ask("/pin", "POST", json.dumps(outside.pin), **origin)
    outside.cookie = given.headers["Set-Cookie"].split(";")[0]
    port = outside.runs("here/lamp")
    assert outside.ask("/here", port=port).status == 204
    outside.cookie = outside.cookie[:-1] + ("0" if outside.cookie[-1] != "0" else "1")
    assert outside.ask("/here", port=port).status == 401


def test_a_pin_can_be_guessed_at_the_list_alone(serve: Callable[..., Listing]) -> None:
    """A run with a count of its own would double the tries; four of them, with their starts and stops, more than that."""
    outside = serve("0.0.0.0")
    given = outside.ask("/pin", "POST", json.dumps(outside.pin), Origin=f"http://127.0.0.1:{outside.port}")
    outside.cookie = given.headers["Set-Cookie"].split(";")[0]
    port = outside.runs("here/lamp")
    outside.cookie = ""
    right = outside.ask("/pin", "POST", json.dumps(outside.pin), port, Origin=f"http://127.0.0.1:{port}")
    assert right.status == 404 and "Set-Cookie" not in right.headers
    asked = outside.ask("/here", port=port)
    assert (asked.status, asked.headers["X-XMaker-List"]) == (401, str(outside.port))


def test_no_program_of_a_run_is_told_who_may_come_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME, '{"port": 1, "key": "k", "pin": "123456"}')
    assert Home.inherited() == Home(1, "k", "123456")
    assert HOME not in os.environ and Home.inherited() is None
    assert Door(2, home=Home(1, "k", "123456")).cookie == Door(1).cookie


def test_a_flood_is_slowed_down(shelf: Listing) -> None:
    answers = {shelf.do("stop", "here/lamp")[0] for _ in range(20)} | {
        shelf.ask("/projects/stop", "POST", Origin=f"http://127.0.0.1:{shelf.port}").status for _ in range(20)
    }
    assert answers == {200, 429}


def test_the_folder_may_be_xmakers_own(english: None) -> None:
    from xmaker.cli.gallery import gallery

    ids = [entry.id for entry in Shelf(gallery()).entries()]
    assert "here/cat_dog" in ids and not any(name.startswith("shipped/") for name in ids)


@pytest.mark.parametrize(("language", "words"), [("C", "is no folder"), ("zh_CN.UTF-8", "不是文件夹")])
def test_what_is_no_folder_is_told(tmp_path: Path, language: str, words: str) -> None:
    command = [sys.executable, "-m", "xmaker", "panel", str(tmp_path / "nothing")]
    environment = {**os.environ, "LC_ALL": language, "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1 and "XM969" in ran.stderr and words in ran.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_with_the_command_all_its_runs_end(tmp_path: Path, number: int) -> None:
    (tmp_path / "lamp.yaml").write_text(TEXT, encoding="utf-8")
    command = [sys.executable, "-m", "xmaker", "panel", str(tmp_path)]
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as list_:
        assert list_.stdout
        shelf = Listing(list_.stdout.readline(), tmp_path)
        port = shelf.runs("here/lamp.yaml")
        list_.send_signal(number)
        assert list_.wait(10) == 130
        time.sleep(0.2)
        with pytest.raises(OSError):
            shelf.ask("/here", port=port)
