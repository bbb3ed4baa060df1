"""Connections to the panel's server: so many from one computer, and none that asks for nothing."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from xmaker_panel.door import is_this_computer

ASKING_SECONDS = 10.0
"""How long a browser may take to say what it wants."""
MOST_CONNECTIONS = 64
MOST_FROM_ONE = 24
"""Connections of another computer: a browser opens six, and one more for what happens and for each picture."""


class Connection(H11Protocol):
    """One connection. Somebody who has no PIN can hold neither all of them, nor any for long."""

    _silent: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        if self._is_one_too_many():
            transport.abort()
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:  # it has asked; what it sends now is bounded by whoever answers
            self._wait_no_more()
        elif self._silent is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._silent = self.loop.call_later(ASKING_SECONDS, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._silent is not None:
            self._silent.cancel()
            self._silent = None

    def _is_one_too_many(self) -> bool:
        address = self.client[0] if self.client else ""
        if not address or is_this_computer(address):
            return False
        others = (getattr(one, "client", None) for one in self.connections)
        return len([client for client in others if client and client[0] == address]) > MOST_FROM_ONE
