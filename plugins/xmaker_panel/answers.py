"""Answers of the panel's pages: in the browser's language, as JSON, and an error in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from xmaker import ProjectError, XMakerError
from xmaker.errors import LANGUAGES, language, speaking
from xmaker_panel.log import error_words


def in_words(request: Request, answer: Callable[[], dict[str, Any]]) -> Response:
    """Answer in the language that is asked for; what cannot be done is said in words (409)."""
    asked = request.query_params.get("lang", "")
    with speaking(asked if asked in LANGUAGES else language()):
        try:
            return _json(answer())
        except (XMakerError, OSError) as error:
            known = error if isinstance(error, XMakerError) else ProjectError.of("XM751", reason=error)
            return _json(error_words(known), 409)


def _json(answer: dict[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer, enc_hook=str), status, media_type="application/json")
