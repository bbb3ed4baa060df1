"""What the editor's page asks for: the project file's text, what is wrong with another one, saving it, earlier versions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from xmaker import ProjectError, XMakerError
from xmaker.errors import Problem, language
from xmaker.export import export_python
from xmaker.yaml_reader import MAX_BYTES
from xmaker_panel.answers import in_words
from xmaker_panel.copying import move_to_own
from xmaker_panel.guard import OWN, Allowance, body_of
from xmaker_panel.hub import Hub
from xmaker_panel.log import error_words
from xmaker_panel.outside import refuse_outside
from xmaker_panel.source import text_of
from xmaker_panel.vocabulary import vocabulary

AT_ONCE, A_SECOND = 40, 8
"""Texts that all browsers together may have looked at."""
SAVES_AT_ONCE, SAVES_A_SECOND = 10, 1
"""Texts that they may save: of their own, so that who types much keeps nobody from saving."""
Answer = dict[str, Any]


class Editor:
    """Answers the editor. A project is read on a thread of its own, one at a time, so that pictures do not wait for it."""

    def __init__(self, hub: Hub) -> None:
        self._runtime, self._file, self._source = hub.runtime, hub.file, hub.source
        self._looks, self._saves = Allowance(AT_ONCE, A_SECOND), Allowance(SAVES_AT_ONCE, SAVES_A_SECOND)
        self._turn = threading.Lock()
        self._words: dict[str, Answer] = {}
        """Language → vocabulary."""

    def routes(self) -> list[BaseRoute]:
        """Return its addresses."""
        return [
            Route("/editor", self._get(self._open)),
            Route("/editor/words", self._get(self._vocabulary)),
            Route("/editor/versions", self._get(self._versions)),
            Route("/editor/versions/{number:int}", self._get(self._version)),
            Route("/editor/check", self._post(self._check, self._looks), methods=["POST"]),
            Route("/editor/save", self._post(self._save, self._saves), methods=["POST"]),
        ]

    def _get(self, answer: Callable[[Request], Answer]) -> Callable[[Request], Any]:
        async def answered(request: Request) -> Response:
            return await asyncio.to_thread(self._in_turn, request, lambda: answer(request))

        return answered

    def _post(self, answer: Callable[[Request, str | None], Answer], allowance: Allowance) -> Callable[[Request], Any]:
        """Return what answers a text; to `answer` it is None when it is longer than a project may be."""

        async def answered(request: Request) -> Response:
            if allowance.is_over():
                return Response(status_code=429)
            body = await body_of(request, MAX_BYTES)
            try:
                text = None if body is None else body.decode()
            except UnicodeDecodeError:
                return Response(status_code=400)
            return await asyncio.to_thread(self._in_turn, request, lambda: answer(request, text))

        return answered

    def _in_turn(self, request: Request, answer: Callable[[], Answer]) -> Response:
        with self._turn:
            return in_words(request, answer)

    def _open(self, request: Request) -> Answer:
        text, tag = self._source.read()
        return {"file": self._source.path.name, "text": text, "tag": tag, "place": self._source.place}

    def _vocabulary(self, request: Request) -> Answer:
        if language() not in self._words:
            self._words[language()] = vocabulary(self._runtime.plugins)
        return self._words[language()]

    def _versions(self, request: Request) -> Answer:
        return {"versions": [msgspec.structs.asdict(version) for version in self._source.versions.list()]}

    def _version(self, request: Request) -> Answer:
        return {"text": text_of(self._source.versions.read(request.path_params["number"]), self._source.path.name)}

    def _allowed(self, request: Request, text: str | None) -> str:
        """Return a text that may be the project's. Raises ProjectError."""
        if text is None:
            raise ProjectError.of("XM103", file=self._source.path.name, limit=MAX_BYTES // 1_000_000)
        if not request.scope[OWN]:
            refuse_outside(text, self._source.read()[0], self._source.path)
        return text

    def _check(self, request: Request, text: str | None) -> Answer:
        try:
            project = self._file.check(self._allowed(request, text))
        except XMakerError as error:
            if not error.problems:
                return {"problems": [{**error_words(error), "line": 0, "column": 0}], "python": None}
            return {"problems": [self._problem(problem) for problem in error.problems], "python": None}
        problems = [self._problem(problem) for problem in project.warnings]
        nodes = {name: spec.type.use for name, spec in project.nodes.items()}
        return {"problems": problems, "python": export_python(project), "nodes": nodes}

    def _problem(self, problem: Problem) -> Answer:
        """Return a problem in words, with its place where that is in this text: line and column count from 1."""
        mark = problem.mark
        here = mark is not None and mark.file.endswith(self._source.path.name)
        return {
            "code": problem.code,
            "words": problem.what() if here or mark is None else f"{mark}: {problem.what()}",
            "hint": problem.mend(),
            "corrected": problem.corrected if here else "",
            "line": mark.line if mark and here else 0,
            "column": mark.column if mark and here else 0,
            "warning": problem.warning,
        }

    def _save(self, request: Request, text: str | None) -> Answer:
        text = self._allowed(request, text)
        tag, moved = request.query_params.get("tag", ""), ""
        if request.query_params.get("place", self._source.place) != self._source.place:
            raise ProjectError.of("XM996", file=self._source.path.name)
        if self._file.project and self._file.project.came_along and text != self._source.read()[0]:
            moved = move_to_own(self._file)
        tag = self._source.write(text, tag)
        self._file.apply(self._runtime)
        return {"tag": tag, "moved": moved}


def routes(hub: Hub) -> list[BaseRoute]:
    """Return the addresses of the editor."""
    return Editor(hub).routes()
