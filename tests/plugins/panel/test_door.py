"""Who comes in: the PIN, its limits, and every request that is not from a page of the panel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from xmaker_panel import door as doors
from xmaker_panel.door import FREE_TRIES, MOST_TRIES, Door
from xmaker_panel.entrance import listen

from xmaker import ProjectError


@pytest.fixture
def outside(start: Any) -> Any:
    """A panel that other computers can reach: it asks for a PIN."""
    return start(host="0.0.0.0")


def reach(panel: Any) -> Any:
    """Have the test reach it on this computer, whatever its own link says."""
    panel.address = f"127.0.0.1:{panel.address.rpartition(':')[2]}"
    return panel


def give(panel: Any, pin: str) -> Any:
    return panel.ask("/pin", "POST", json.dumps(pin), Origin=f"http://{panel.address}")


def test_only_this_computer_can_reach_it_unless_asked(panel: Any) -> None:
    assert panel.address.startswith("127.0.0.1:")
    assert panel.pin == ""
    assert panel.ask("/here").status == 204


def test_without_the_pin_there_is_only_the_page_that_asks_for_it(outside: Any) -> None:
    reach(outside)
    assert outside.pin.isdigit() and len(outside.pin) == 6
    assert outside.ask("/").status == outside.ask("/static/js/main.js").status == 200
    assert outside.ask("/here").status == 401
    for path in ("events", "pictures/camera"):
        with pytest.raises(InvalidStatus) as refused, outside.page(path):
            pass
        assert refused.value.response.status_code == 403


def test_with_the_pin_a_browser_gets_a_cookie_that_no_script_can_read(outside: Any) -> None:
    answer = give(reach(outside), outside.pin)
    assert answer.status == 204
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    token = cookie.split(";")[0]
    assert outside.ask("/here", Cookie=token).status == 204
    with outside.page(Cookie=token) as page:
        page.until(lambda: page.state.get("about.project"))
    assert outside.ask("/here", Cookie=token[:-1] + "x").status == 401


def test_guessing_is_slowed_down(outside: Any) -> None:
    reach(outside)
    wrong = "000000" if outside.pin != "000000" else "000001"
    assert [give(outside, wrong).status for _ in range(FREE_TRIES + 1)] == [403] * (FREE_TRIES - 1) + [429, 429]
    assert give(outside, outside.pin).status == 429, "the right one has to wait, too"


@pytest.mark.parametrize(("body", "status"), [("[1]", 400), ("{", 400), ("x" * 1000, 413), (json.dumps("1" * 1000), 413)])
def test_what_is_no_pin_is_refused(outside: Any, body: str, status: int) -> None:
    reach(outside)
    assert outside.ask("/pin", "POST", body, Origin=f"http://{outside.address}").status == status


def test_each_wrong_pin_doubles_the_wait_and_nobody_may_try_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(doors.time, "monotonic", lambda: now[0])
    door = Door(8765)
    waits = []
    for _ in range(FREE_TRIES + 3):
        token, wait = door.enter("wrong", "10.0.0.1")
        assert token == ""
        waits.append(wait)
        now[0] += wait
    assert waits == [0, 0, 0, 0, 10, 20, 40, 80]
    assert door.enter(door.pin, "10.0.0.2")[0], "another computer does not wait for this one"
    for number in range(MOST_TRIES):
        door.enter("wrong", f"10.0.1.{number}")
    assert door.enter(door.pin, "10.0.2.1") == ("", 600.0), "a hundred computers may not share the work either"


def test_a_thousand_addresses_get_no_more_than_one_try_in_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(doors.time, "monotonic", lambda: now[0])
    door, counted = Door(8765), 0
    for number in range(24 * 3600):  # a day, in which somebody tries once a second, each time from another address
        now[0] = float(number)
        counted += door.enter("wrong", f"10.0.{number // 256 % 256}.{number % 256}")[1] in (0.0, 600.0)
    assert MOST_TRIES < counted <= MOST_TRIES + 24 * 6
    assert door.enter(door.pin, "10.9.9.9")[1] > 0


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_others_cannot_lock_out_who_sits_at_this_computer(address: str) -> None:
    door = Door(8765)
    for number in range(2 * MOST_TRIES):
        door.enter("wrong", f"10.0.1.{number}")
    assert door.enter(door.pin, "10.0.2.1")[1] > 0
    token, wait = door.enter(door.pin, address)
    assert door.knows(token, "") and wait == 0
    assert [door.enter("wrong", address)[1] > 0 for _ in range(FREE_TRIES)] == [False] * (FREE_TRIES - 1) + [True]


def test_where_there_is_no_pin_none_is_right() -> None:
    assert Door(8765, "127.0.0.1", asks=False).enter("", "127.0.0.1")[0] == ""


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_another_page_cannot_open_a_line(panel: Any, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, panel.page(origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_a_program_without_an_origin_cannot_open_a_line(panel: Any) -> None:
    from websockets.sync.client import connect

    with pytest.raises(InvalidStatus), connect(f"ws://{panel.address}/events", origin=None):
        pass


def test_an_address_that_is_not_known_is_nobodys_own() -> None:
    assert not Door(8765).knows("", "") and not Door(8765, "127.0.0.1").knows("", "")
    assert Door(8765, "127.0.0.1").knows("", "127.0.0.1")


def test_a_cookie_of_another_run_opens_nothing() -> None:
    first, second = Door(8765), Door(8765)
    token, _ = first.enter(first.pin, "10.0.0.1")
    assert first.knows(token, "") and not second.knows(token, "") and not first.knows(token.partition(".")[0], "")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_page_can_show_nothing_of_here(panel: Any, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    assert panel.ask("/models", **headers).status == panel.ask("/static/icon.svg", **headers).status == 403
    assert panel.ask("/", **{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}).status == 200, "a link leads here"
    assert panel.ask("/models", **{"Sec-Fetch-Site": "same-origin"}).status == 200


def test_no_header_says_from_where_a_pin_comes(outside: Any) -> None:
    reach(outside)
    wrong = "000000" if outside.pin != "000000" else "000001"
    for number in range(FREE_TRIES):
        forged = {"X-Forwarded-For": f"10.0.0.{number}", "Origin": f"http://{outside.address}"}
        status = outside.ask("/pin", "POST", json.dumps(wrong), **forged).status
    assert status == 429


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {}])
def test_another_page_cannot_post(panel: Any, headers: dict[str, str]) -> None:
    assert panel.ask("/pin", "POST", '"123456"', **headers).status == 403


def test_a_name_that_was_pointed_here_is_refused(panel: Any) -> None:
    assert panel.ask("/", Host="evil.example:8765").status == 403
    assert panel.ask("/", Host=panel.address).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/..%2fserver.py",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
        "/nothing",
    ],
)
def test_no_path_leaves_the_folder(panel: Any, path: str) -> None:
    assert panel.ask(path).status == 404


def test_the_content_policy_is_strict(panel: Any) -> None:
    for path in ("/", "/static/js/main.js", "/nothing"):
        policy = panel.ask(path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert panel.ask(path).headers["X-Content-Type-Options"] == "nosniff"


def test_so_many_lines_and_no_more(panel: Any) -> None:
    from contextlib import ExitStack

    with ExitStack() as lines, pytest.raises((InvalidStatus, ConnectionClosed, OSError)):
        for _ in range(100):
            lines.enter_context(panel.page())


def test_a_port_that_is_taken_is_told(panel: Any) -> None:
    port = int(panel.address.rpartition(":")[2])
    with pytest.raises(ProjectError) as told:
        listen("", port)
    assert told.value.code == "XM956"
    with listen("", 0) as other:
        assert other.getsockname()[1] != port


def test_an_own_address_that_is_not_the_usual_one_is_known(start: Any) -> None:
    alias = start(host="127.0.0.2")
    assert alias.address.startswith("127.0.0.2:") and alias.ask("/here").status == 204
    assert alias.ask("/", Host="evil.example").status == 403


def test_no_answer_waits_for_the_browsers_ack(panel: Any) -> None:
    """Head and body are two writes: without TCP_NODELAY the second waits for the ACK of the first, 40 ms on Linux."""
    from http.client import HTTPConnection

    line, took = HTTPConnection(panel.address, timeout=5), []
    for _ in range(11):
        began = time.perf_counter()
        line.request("GET", "/static/js/store.js")
        assert line.getresponse().read()
        took.append(time.perf_counter() - began)
    line.close()
    assert sorted(took)[2] < 0.03, took


def test_an_address_of_another_computer_is_told() -> None:
    with pytest.raises(ProjectError) as told:
        listen("192.0.2.7", 0)
    assert told.value.code == "XM957"


def test_without_its_libraries_it_is_said_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "starlette.py").write_text("raise ModuleNotFoundError('no', name='starlette')", encoding="utf-8")
    command = [sys.executable, "-m", "xmaker", "run", "night_light", "--panel", "--for", "1s"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "LC_ALL": "C"}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "XM601" in ran.stderr and "xmaker[panel]" in ran.stderr
