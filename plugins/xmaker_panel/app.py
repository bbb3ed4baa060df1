"""The panel's addresses: the page, its files, the PIN, and what each of its pages asks for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from xmaker_panel import editor, modelling, sockets, teaching
from xmaker_panel.door import Door
from xmaker_panel.guard import POLICY, Guard, body_of
from xmaker_panel.hub import Hub

STATIC = Path(__file__).parent / "static"
LONGEST_PIN_MESSAGE = 64
PAGES: tuple[Callable[[Hub], list[BaseRoute]], ...] = (sockets.routes, editor.routes, teaching.routes, modelling.routes)
"""What each page asks for: a module of its own, with a function that gives its addresses."""


def run_app(hub: Hub, door: Door) -> ASGIApp:
    """Return the panel of a run."""
    return make_app("index.html", [route for page_routes in PAGES for route in page_routes(hub)], door)


def make_app(name: str, routes: list[BaseRoute], door: Door) -> ASGIApp:
    """Return a page with all that it asks for, and its guard before it."""

    async def page(request: Request) -> Response:
        return _page((STATIC / name).read_text(encoding="utf-8"))

    async def pin(request: Request) -> Response:
        return await _try_pin(request, door)

    async def here(request: Request) -> Response:
        return Response(status_code=204)  # the guard has asked for the PIN

    every = [
        Route("/", page),
        *([] if door.home else [Route("/pin", pin, methods=["POST"])]),  # given at the list, where all tries count
        Route("/here", here),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Guard(Starlette(routes=[*every, *routes]), door)


def _page(text: str) -> Response:
    """Return a page with a number, used once, by which the browser knows the styles that CodeMirror adds to it."""
    nonce = secrets.token_urlsafe(16)
    policy = POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    return HTMLResponse(text.replace("STYLE-NONCE", nonce), headers={"Content-Security-Policy": policy})


async def _try_pin(request: Request, door: Door) -> Response:
    """Let a browser in that knows the PIN."""
    body = await body_of(request, LONGEST_PIN_MESSAGE)
    if body is None:
        return Response(status_code=413)
    try:
        given = msgspec.json.decode(body, type=str)
    except msgspec.DecodeError:
        return Response(status_code=400)
    token, wait = door.enter(given, request.client.host if request.client else "")
    if not token:
        return JSONResponse({"wait": round(wait, 1)}, status_code=429 if wait else 403)
    response = Response(status_code=204)
    response.set_cookie(door.cookie, token, httponly=True, samesite="strict")
    return response
