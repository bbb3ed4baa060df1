"""Who has no PIN can keep nobody from the panel: neither by many connections, nor by ones that ask for nothing."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="needs the extra `panel`")

import uvicorn
from uvicorn.server import ServerState
from xmaker_panel import connections
from xmaker_panel.connections import MOST_CONNECTIONS, MOST_FROM_ONE, Connection

from xmaker.testing import wait_until


def test_connections_that_ask_for_nothing_are_closed(panel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "ASKING_SECONDS", 2.0)
    with ExitStack() as stack:
        for _ in range(MOST_CONNECTIONS + 6):
            held = stack.enter_context(socket.create_connection(panel.address.split(":")))
            held.sendall(b"GET / HTTP/1.1\r\n")
        wait_until(lambda: panel.ask("/").status == 503)
        wait_until(lambda: panel.ask("/").status == 200)


def test_a_page_that_has_asked_is_not_closed(panel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "ASKING_SECONDS", 0.2)
    with panel.page() as page:
        page.until(lambda: page.state.get("about.project"))
        began = page.state["node.room"]["events"]
        page.until(lambda: page.state["node.room"]["events"] > began + 10)


class Line(asyncio.Transport):
    """A connection from an address, as asyncio would give it."""

    closed = False

    def __init__(self, address: str) -> None:
        super().__init__({"peername": (address, 50_000), "sockname": ("192.0.2.1", 8000)})

    def abort(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("address", "let_in"), [("192.0.2.7", MOST_FROM_ONE), ("127.0.0.1", MOST_FROM_ONE + 5)])
def test_another_computer_has_so_many_and_no_more(address: str, let_in: int) -> None:
    async def opened() -> list[Line]:
        config, state = uvicorn.Config(lambda: None, ws="none", lifespan="off", log_config=None), ServerState()
        lines = [Line(address) for _ in range(MOST_FROM_ONE + 5)]
        for line in lines:
            Connection(config, state, {}).connection_made(line)
        return lines

    lines = asyncio.run(opened())
    assert [line.closed for line in lines] == [number >= let_in for number in range(len(lines))]
