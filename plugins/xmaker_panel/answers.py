"""How pages that write files are answered: in the browser's language, off the server's loop, and never in a gallery project."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from xmaker import ProjectError, XMakerError
from xmaker.cli.gallery import gallery
from xmaker.errors import LANGUAGES, language, speaking
from xmaker_panel.guard import Allowance
from xmaker_panel.log import error_words

Answer = dict[str, Any]
LONGEST_COMMAND = 200_000
"""Bytes: a thousand labels have 20,000."""
REFUSED = 409


def require_own(project: Path) -> None:
    """Raise ProjectError for a project that came with XMaker: what is written into it is gone with the next update."""
    if project.is_relative_to(gallery().resolve()):
        raise ProjectError.of("XM972", name=project.name)


async def answered(request: Request, work: Callable[[], Answer]) -> Response:
    """Do something on a thread, and answer with what comes of it; what cannot be done is said in words."""

    def done() -> Response:
        with speaking(spoken(request)):
            try:
                return as_json(work())
            except (XMakerError, OSError) as error:
                return refusal(error)

    return await asyncio.to_thread(done)


def refusal(error: XMakerError | OSError) -> Response:
    """Return what says why something was not done, in the language that is spoken."""
    known = error if isinstance(error, XMakerError) else ProjectError.of("XM751", reason=error)
    return as_json(error_words(known), REFUSED)


def spoken(request: Request) -> str:
    """Return the language in which a browser is answered."""
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else language()


def as_json(answer: Answer, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer, enc_hook=str), status, media_type="application/json")


def and_hang_up(response: Response) -> Response:
    """Have the line be closed behind an answer: the rest of what was being sent is not wanted."""
    response.headers["Connection"] = "close"
    return response


async def body_within(request: Request, most: int) -> bytes | None:
    """Return what a browser sends; None when that is longer than `most` bytes."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            return None
    return bytes(body)


async def command_of(request: Request, decoder: msgspec.json.Decoder[Any], allowance: Allowance) -> Any:
    """Return the command that a browser sends, or the answer to one that is none."""
    if allowance.is_over():
        return Response(status_code=429)
    body = await body_within(request, LONGEST_COMMAND)
    if body is None:
        return and_hang_up(Response(status_code=413))
    try:
        return decoder.decode(body)
    except msgspec.MsgspecError:
        return Response(status_code=400)
