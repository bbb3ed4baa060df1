"""`xmaker panel`: the page with a list of projects, which starts, stops and copies them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from xmaker import Plugins
from xmaker_panel.answers import in_words
from xmaker_panel.app import make_app
from xmaker_panel.door import Home
from xmaker_panel.entrance import entrance
from xmaker_panel.guard import Allowance
from xmaker_panel.on_board import on_board
from xmaker_panel.runs import Runs
from xmaker_panel.server import served
from xmaker_panel.shelf import HERE, Shelf

AT_ONCE, A_SECOND = 20, 2
"""Projects that all browsers together may start, stop and copy."""


@contextmanager
def listing(folder: Path, host: str, port: int) -> Iterator[str]:
    """Serve the list of a folder; yield the words that tell where it is. Raises ProjectError."""
    shelf = Shelf(folder)
    with entrance(host, port, Plugins.load().board().usb_address) as way:
        port = way.sockets[0].getsockname()[1]
        runs = Runs(shelf.folder, host, Home(port, way.door.key, way.door.pin))
        try:
            with (
                served(make_app("projects.html", _Answers(shelf, runs).routes(), way.door), way.sockets),
                on_board(way.on_board),
            ):
                yield way.words
        finally:
            runs.close()


class _Answers:
    def __init__(self, shelf: Shelf, runs: Runs) -> None:
        self._shelf, self._runs = shelf, runs
        self._allowance = Allowance(AT_ONCE, A_SECOND)

    def routes(self) -> list[BaseRoute]:
        async def all_projects(request: Request) -> Response:
            return await asyncio.to_thread(in_words, request, self._list)

        verbs = {"start": self._start, "stop": self._stop, "copy": self._copy}
        return [
            Route("/projects", all_projects),
            *(Route(f"/projects/{verb}", self._post(do), methods=["POST"]) for verb, do in verbs.items()),
        ]

    def _post(self, do: Callable[[str], dict[str, Any]]) -> Callable[[Request], Any]:
        async def done(request: Request) -> Response:
            if self._allowance.is_over():
                return Response(status_code=429)
            return await asyncio.to_thread(in_words, request, lambda: do(request.query_params.get("id", "")))

        return done

    def _list(self) -> dict[str, Any]:
        entries = self._shelf.entries()
        known = {one.id for one in entries}
        shown = [
            {"id": one.id, "name": one.name, "title": one.title, "doc": one.doc, **self._runs.state(one.id)} for one in entries
        ]
        gone = [
            {"id": name, "name": path.name, "title": path.stem, "doc": "", "gone": True, **self._runs.state(name)}
            for name, path in self._runs.going().items()
            if name not in known  # renamed or deleted meanwhile; it can be stopped all the same
        ]
        return {"folder": self._shelf.folder.name, "projects": [*gone, *shown]}

    def _start(self, name: str) -> dict[str, Any]:
        self._runs.start(name, self._shelf.find(name))
        return self._runs.state(name)

    def _stop(self, name: str) -> dict[str, Any]:
        self._runs.stop(name)
        return self._runs.state(name)

    def _copy(self, name: str) -> dict[str, Any]:
        return {"id": f"{HERE}/{self._shelf.copy(name)}"}
