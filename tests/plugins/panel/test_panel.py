"""The panel: a real server beside a real run, spoken to as a browser does; and who is not let in."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

pytest.importorskip("starlette")
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from xmaker_panel.server import serving

from xmaker import Runtime
from xmaker.runtime.live_file import LiveFile

LAMP = """\
inputs:
  door: {use: button, pin: 4}
  room: {use: light, pin: A0}
outputs:
  lamp: {use: led, pin: 17}
rules:
  - when: door.pressed
    then: [lamp.on]
    else: [lamp.off]
"""


@contextmanager
def panel(folder: Path, host: str = "") -> Iterator[tuple[str, LiveFile, Runtime, str]]:
    """Run the project of a folder with a panel beside it; give its address, its file, the run, and the words."""
    (folder / "project.yaml").write_text(LAMP)
    file = LiveFile(folder, simulate=True)
    project = file.read()
    runtime = Runtime(project.plugins, simulate=True)
    with serving(file, runtime, host, 0) as words:
        link = next(word for word in words.split() if word.startswith("http://"))
        thread = threading.Thread(target=lambda: runtime.run(project), daemon=True)
        thread.start()
        yield f"127.0.0.1:{urlsplit(link).port}", file, runtime, words
        runtime.finished.set()
        thread.join(10)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, LiveFile, Runtime]]:
    monkeypatch.setenv("LANG", "C")
    with panel(tmp_path) as (address, file, runtime, _):
        yield address, file, runtime


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(address: str, path: str, body: str | None = None, **headers: str) -> Answer:
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


@contextmanager
def browser(address: str, origin: str | None = None, **more: Any) -> Iterator[Any]:
    with connect(f"ws://{address}/events?lang=en", origin=f"http://{address}" if origin is None else origin, **more) as socket:  # type: ignore[arg-type]
        yield socket


def wait_for(socket: Any, found: Callable[[str], bool]) -> str:
    """Read messages, as a page does, until one is it."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        text = str(socket.recv(timeout=10))
        socket.send('{"type": "ack"}')
        if found(text):
            return text
    raise AssertionError("it never came")


def test_the_page_and_its_files_are_there_and_nothing_comes_from_elsewhere(here: tuple[str, LiveFile, Runtime]) -> None:
    page = ask(here[0], "/")
    assert page.status == 200
    assert "default-src 'none'; script-src 'self'" in str(page.headers["Content-Security-Policy"])
    assert b"http" not in page.body.replace(b"http-equiv", b"").replace(b"http://www.w3.org", b"")
    for path in ("/static/js/main.js", "/static/vendor/preact.js", "/static/style/base.css"):
        assert ask(here[0], path).status == 200


def test_a_button_that_is_pressed_on_the_page_lights_the_lamp(here: tuple[str, LiveFile, Runtime]) -> None:
    with browser(here[0]) as socket:
        wait_for(socket, lambda text: '"lamp"' in text)
        socket.send(json.dumps({"type": "set", "name": "door.pressed", "value": True, "held": True}))
        wait_for(socket, lambda text: '"level":1.0' in text.replace(" ", ""))
    # the browser is gone, and its finger with it
    lamp = here[2].workers["lamp"].node
    end = time.monotonic() + 10
    while lamp.looks().level and time.monotonic() < end:  # type: ignore[attr-defined]
        time.sleep(0.02)
    assert lamp.looks().level == 0  # type: ignore[attr-defined]


def test_what_cannot_be_done_is_said_to_who_asked(here: tuple[str, LiveFile, Runtime]) -> None:
    with browser(here[0]) as socket:
        socket.send(json.dumps({"type": "do", "step": "lamp.onn"}))
        assert "XM305" in wait_for(socket, lambda text: "refused" in text)


def test_a_changed_file_restarts_only_what_changed_and_a_broken_one_leaves_the_run(here: tuple[str, LiveFile, Runtime]) -> None:
    _, file, runtime = here
    while not runtime.workers:
        time.sleep(0.01)
    door = runtime.workers["door"]
    file.path.write_text(LAMP.replace("pin: 17", "pin: 18"))
    lamp = runtime.workers["lamp"]
    assert file.apply(runtime)
    assert runtime.workers["door"] is door
    assert runtime.workers["lamp"] is not lamp
    file.path.write_text("inputs: [")
    assert not file.apply(runtime)
    assert file.error is not None
    assert runtime.workers["door"] is door


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {"Host": "evil.example:80"}, 403),  # a name that was pointed here
        ("/static/../app.py", {}, 404),
        ("/static/%2e%2e/app.py", {}, 404),
        ("/static//etc/passwd", {}, 404),
        ("/nothing", {}, 404),
    ],
)
def test_who_does_not_belong_here_gets_nothing(
    here: tuple[str, LiveFile, Runtime], path: str, headers: dict[str, str], status: int
) -> None:
    assert ask(here[0], path, **headers).status == status


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
def test_another_page_cannot_reach_the_run(here: tuple[str, LiveFile, Runtime], origin: str) -> None:
    with pytest.raises(InvalidStatus) as caught, browser(here[0], origin):
        pass
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("text", ["no json", "[]", '{"type": "what"}', "x" * 20000])
def test_nonsense_ends_the_connection_and_nothing_else(here: tuple[str, LiveFile, Runtime], text: str) -> None:
    with browser(here[0]) as socket:
        socket.send(text)
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(timeout=10)
    with browser(here[0]) as socket:
        wait_for(socket, lambda text: '"lamp"' in text)


def test_a_flood_is_sent_away(here: tuple[str, LiveFile, Runtime]) -> None:
    with browser(here[0]) as socket, pytest.raises(ConnectionClosed):
        for _ in range(5000):
            socket.send('{"type": "ack"}')
        while True:
            socket.recv(timeout=10)


def test_from_outside_only_the_pin_opens_and_guessing_is_slowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C")
    with panel(tmp_path, "0.0.0.0") as (address, _, _, words):  # what is tried here
        mine = {"Origin": f"http://{address}"}
        assert ask(address, "/here").status == 401
        with pytest.raises(InvalidStatus), browser(address):
            pass
        pin = next(word.strip(".,") for word in words.split() if word.strip(".,").isdigit())
        wrong = json.dumps("000000" if pin != "000000" else "000001")
        assert [ask(address, "/pin", wrong, **mine).status for _ in range(7)] == [403] * 4 + [429] * 3
        assert ask(address, "/pin", json.dumps(pin), **mine).status == 429  # even the right one must wait now
    assert "PIN" in words


def test_the_right_pin_gives_a_cookie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C")
    with panel(tmp_path, "0.0.0.0") as (address, _, _, words):  # what is tried here
        pin = next(word.strip(".,") for word in words.split() if word.strip(".,").isdigit())
        opened = ask(address, "/pin", json.dumps(pin), Origin=f"http://{address}")
        assert opened.status == 204
        cookie = str(opened.headers["Set-Cookie"]).partition(";")[0]
        assert ask(address, "/here", Cookie=cookie).status == 204
        with browser(address, additional_headers={"Cookie": cookie}) as socket:
            wait_for(socket, lambda text: '"lamp"' in text)


def test_without_its_libraries_it_is_said_what_to_install(tmp_path: Path) -> None:
    import subprocess
    import sys

    (tmp_path / "starlette.py").write_text("raise ModuleNotFoundError('no', name='starlette')")
    (tmp_path / "project.yaml").write_text(LAMP)
    command = [sys.executable, "-m", "xmaker", "run", str(tmp_path), "--panel", "--for", "1s"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "LANG": "C", "LC_ALL": "C"}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "XM601" in ran.stderr
    assert "xmaker[panel]" in ran.stderr
