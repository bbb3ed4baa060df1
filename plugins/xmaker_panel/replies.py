"""How pages that write files are answered: in the browser's language, and off the server's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from xmaker import XMakerError
from xmaker.errors import LANGUAGES, language
from xmaker_panel.answers import in_words
from xmaker_panel.copying import move_to_own
from xmaker_panel.guard import Allowance, body_of
from xmaker_panel.hub import Hub

Answer = dict[str, Any]
LONGEST_COMMAND = 200_000
"""Bytes: a thousand labels have 20,000."""


def own(hub: Hub) -> str:
    """Have the project be one that may be written to: of one that came with XMaker, a copy. Return the words that say so."""
    if moved := move_to_own(hub.file):
        hub.file.apply(hub.runtime)
    return moved


async def answered(request: Request, work: Callable[[], Answer]) -> Response:
    """Do something on a thread, and answer with what comes of it; what cannot be done is said in words."""
    return await asyncio.to_thread(in_words, request, work)


def refusal(request: Request, error: XMakerError | OSError) -> Response:
    """Return what says why something was not done."""

    def refused() -> Answer:
        raise error

    return in_words(request, refused)


def spoken(request: Request) -> str:
    """Return the language in which a browser is answered."""
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else language()


def and_hang_up(response: Response) -> Response:
    """Have the line be closed behind an answer: the rest of what was being sent is not wanted."""
    response.headers["Connection"] = "close"
    return response


async def command_of(request: Request, decoder: msgspec.json.Decoder[Any], allowance: Allowance) -> Any:
    """Return the command that a browser sends, or the answer to one that is none."""
    if allowance.is_over():
        return Response(status_code=429)
    body = await body_of(request, LONGEST_COMMAND)
    if body is None:
        return and_hang_up(Response(status_code=413))
    try:
        return decoder.decode(body)
    except msgspec.MsgspecError:
        return Response(status_code=400)
