"""The two kinds of WebSocket: what happens in a run, with what the browser asks of it; and pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import msgspec
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from xmaker.errors import LANGUAGES, language, speaking
from xmaker_panel.commands import Ack, Commands, Refused, decode
from xmaker_panel.guard import Allowance
from xmaker_panel.hub import Hub
from xmaker_panel.log import lines
from xmaker_panel.pictures import overlay
from xmaker_panel.state import State

AT_ONCE, A_SECOND = 100, 60
"""Messages that a browser may send: a slider gives sixty a second at most."""
LINES = 100
"""Lines of the log in one message."""
POLICY = 1008
"""WebSocket close code for who does what it must not (RFC 6455, 7.4.1)."""


async def _first_of(*work: Coroutine[Any, Any, None]) -> None:
    """Work on several things until one of them is over; that ends the others."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception) and not isinstance(error, WebSocketDisconnect):
            raise error


async def _message(socket: WebSocket, allowance: Allowance) -> str | None:
    """Return the next message; None when the browser has been sent away, for too many or for one that is no text."""
    received = await socket.receive()
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect
    text = received.get("text")
    if text is None or allowance.is_over():
        await socket.close(POLICY)
        return None
    return str(text)


def _language(socket: WebSocket) -> str:
    asked = socket.query_params.get("lang", "")
    return asked if asked in LANGUAGES else language()


class Events:
    """`/events`: sends what is new, at most as often as the hub looks and only when the last message has been read."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        lang = _language(socket)
        await socket.accept()
        read, commands = asyncio.Event(), Commands(self._hub.runtime)
        with self._hub.browser(lang) as state:
            try:
                await _first_of(self._send(socket, state, lang, read), self._receive(socket, lang, read, commands))
            finally:
                commands.let_go()

    async def _send(self, socket: WebSocket, state: State, lang: str, read: asyncio.Event) -> None:
        version = line = 0
        while True:
            await self._hub.looked()
            new = state.since(version)
            version = state.version
            entries = self._hub.log.after(line)[-LINES:]
            if not new and not entries:
                continue
            line = entries[-1].number if entries else line
            with speaking(lang):
                message = {"t": self._hub.now(), "set": new, "log": lines(entries, self._hub.runtime.project)}
            read.clear()
            await socket.send_text(msgspec.json.encode(message).decode())
            await read.wait()

    async def _receive(self, socket: WebSocket, lang: str, read: asyncio.Event, commands: Commands) -> None:
        allowance = Allowance(AT_ONCE, A_SECOND)
        while (text := await _message(socket, allowance)) is not None:
            try:
                command = decode(text)
            except msgspec.DecodeError:
                await socket.close(POLICY)
                return
            if isinstance(command, Ack):
                read.set()
                continue
            with speaking(lang):
                refused: Refused | None = commands.do(command)
            if refused is not None:
                await socket.send_text(msgspec.json.encode({"refused": refused}).decode())


class Film:
    """`/pictures/NODE`: sends the newest picture each time that the browser has drawn the one before.

    A message is the length of its head in four bytes, the head as JSON, and a JPEG; none where only more is known of the last.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        name, lang, drawn = socket.path_params["name"], _language(socket), asyncio.Event()
        await socket.accept()
        with self._hub.pictures.watched(name):
            await _first_of(self._send(socket, name, lang, drawn), self._receive(socket, drawn))

    async def _send(self, socket: WebSocket, name: str, lang: str, drawn: asyncio.Event) -> None:
        pictures, last = self._hub.pictures, None
        while True:
            shot = await pictures.next(name, last)
            same = last is not None and shot.frame is last.frame
            data, last = b"" if same else await pictures.jpeg(shot.frame), shot
            with speaking(lang):
                head = msgspec.json.encode(overlay(shot))
            drawn.clear()
            await socket.send_bytes(len(head).to_bytes(4, "big") + head + data)
            await drawn.wait()

    async def _receive(self, socket: WebSocket, drawn: asyncio.Event) -> None:
        allowance = Allowance(AT_ONCE, 2 * A_SECOND)
        while await _message(socket, allowance) is not None:
            drawn.set()


def routes(hub: Hub) -> list[BaseRoute]:
    """Return the addresses of both."""
    return [WebSocketRoute("/events", Events(hub)), WebSocketRoute("/pictures/{name}", Film(hub))]
