"""What every request passes before anything else: where it comes from, whether it knows the PIN, and how much it may do."""

from __future__ import annotations

import asyncio
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xmaker_panel.door import Door

OPEN = ("/", "/pin", "/static/")
"""What somebody without the PIN may have: the page that asks for it."""
OWN = "xmaker.own"
"""The key of a scope that says whether a request is one of this computer."""
SENDING_SECONDS = 60.0
"""How long one message may take; uploads of models are no messages."""
LIST = "X-XMaker-List"
"""The header that says at which port the PIN is given, where that is another one."""
MOST_LINES = 48
"""WebSockets at a time: a page has one for what happens and one for each picture."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-cache",  # after an update no file of the page may be an old one
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Stands before an application."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door
        self._lines = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return
        at = (scope.get("server") or ("",))[0]
        scope[OWN] = self._door.is_own(at)
        refused = self._refusal(HTTPConnection(scope), at)
        if not refused and scope["type"] == "websocket":
            self._lines += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._lines -= 1
        elif not refused:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: HTTP 403
        else:
            home = self._door.home if refused[0] == 401 else None
            headers = {LIST: str(home.port)} if home else {}
            await PlainTextResponse(refused[1], refused[0], headers)(scope, receive, _with_headers(send))

    def _refusal(self, asked: HTTPConnection, at: str) -> tuple[int, str] | None:
        """Return the status and the words of a request, which came to the address `at`, that is refused."""
        changes = asked.scope["type"] == "websocket" or asked.scope["method"] not in ("GET", "HEAD")
        host, origin = asked.headers.get("host", ""), asked.headers.get("origin")
        if _is_shown_elsewhere(asked.headers) or not self._door.is_here(host, origin, changes, at):
            return 403, "not from here"
        if asked.scope["type"] == "websocket" and self._lines >= MOST_LINES:
            return 503, "too many pages"
        path = asked.url.path
        if path in OPEN or path.startswith("/static/") or self._door.knows(asked.cookies.get(self._door.cookie, ""), at):
            return None
        return 401, "the PIN is missing"


def _is_shown_elsewhere(headers: Headers) -> bool:
    """Return whether a page elsewhere shows something of here, as its picture perhaps: then a browser sends no `Origin`."""
    return headers.get("sec-fetch-site") in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate"


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = list(message.get("headers", ()))
            headers = MutableHeaders(raw=message["headers"])
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


async def body_of(request: Request, most: int) -> bytes | None:
    """Return what a browser sends; None when that is longer than `most` bytes, or takes longer than SENDING_SECONDS."""
    body = bytearray()
    try:
        async with asyncio.timeout(SENDING_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > most:
                    return None
    except TimeoutError:
        return None
    return bytes(body)


class Allowance:
    """So many messages at once, and so many a second; who wants more is asked to leave."""

    def __init__(self, at_once: int, a_second: float) -> None:
        self._most, self._rate = float(at_once), a_second
        self._left, self._then = self._most, time.monotonic()

    def is_over(self) -> bool:
        """Count one message; return whether it was too many."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._then) * self._rate) - 1
        self._then = now
        return self._left < 0
