"""What the page that teaches asks for: labels, pictures from the live camera, a lesson, and its head in the project."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from xmaker_toolbox.teach.lesson import FEWEST

from xmaker import Frame, ProjectError, XMakerError
from xmaker.errors import speaking
from xmaker_panel.album import FOLDER, Album
from xmaker_panel.guard import Allowance
from xmaker_panel.hub import Hub
from xmaker_panel.jobs import HIDDEN, Result, inside
from xmaker_panel.replies import Answer, answered, command_of, own, refusal, spoken
from xmaker_panel.trying import Trial
from xmaker_panel.using import place_beside, use_model

AT_ONCE, A_SECOND = 60, 20
"""Commands of all browsers together: a held key takes five pictures a second."""
HEAD = "taught.json"


class Add(msgspec.Struct, tag="add"):
    """A label more."""

    label: str


class Rename(msgspec.Struct, tag="rename"):
    label: str
    to: str


class Remove(msgspec.Struct, tag="remove"):
    """A label, with its pictures."""

    label: str


class Take(msgspec.Struct, tag="take"):
    """A picture of what a camera sees now."""

    label: str
    camera: str


class Drop(msgspec.Struct, tag="drop"):
    """A picture that is not wanted."""

    label: str
    picture: str


class Learn(msgspec.Struct, tag="learn"):
    """Teach what is there."""


class Try(msgspec.Struct, tag="try"):
    """Say what a camera sees now."""

    camera: str


class Use(msgspec.Struct, tag="use"):
    """Have a classifier of the project use what was taught."""

    node: str


Command = Add | Rename | Remove | Take | Drop | Learn | Try | Use
_decoder = msgspec.json.Decoder(Command)


class Teaching:
    """Answers the page that teaches."""

    def __init__(self, hub: Hub) -> None:
        self._hub, self._trial = hub, Trial()
        hub.at_end(self._trial.close)
        self._allowance, self._turn = Allowance(AT_ONCE, A_SECOND), threading.Lock()
        self._last: dict[str, Frame] = {}
        """Label → the frame that its last picture is of: one that stands still is taken once."""

    @property
    def _project(self) -> Path:
        return self._hub.jobs.project

    @property
    def _album(self) -> Album:
        return Album(self._project)

    def routes(self) -> list[BaseRoute]:
        """Return its addresses."""
        return [
            Route("/teach", self._open),
            Route("/teach", self._command, methods=["POST"]),
            Route("/teach/pictures/{label}/{picture}", self._picture),
        ]

    async def _open(self, request: Request) -> Response:
        return await answered(request, self._state)

    async def _picture(self, request: Request) -> Response:
        def work() -> bytes:
            with self._turn:
                return self._album.thumbnail(request.path_params["label"], request.path_params["picture"])

        try:
            data = await asyncio.to_thread(work)
        except XMakerError:
            return Response(status_code=404)
        return Response(data, media_type="image/jpeg") if data else Response(status_code=404)

    async def _command(self, request: Request) -> Response:
        command = await command_of(request, _decoder, self._allowance)
        if isinstance(command, Response):
            return command
        with speaking(spoken(request)):
            try:
                if isinstance(command, Try):
                    top = await self._try(command.camera)
                    return await answered(request, lambda: {"top": top})
                frame = await self._hub.pictures.sight(command.camera) if isinstance(command, Take) else None
            except (XMakerError, OSError) as error:
                return refusal(request, error)
        return await answered(request, lambda: self._do(command, frame))

    async def _try(self, camera: str) -> list[tuple[str, float]]:
        return await self._trial.answer(self._head(), await self._hub.pictures.sight(camera))

    def _do(self, command: Any, frame: Frame | None) -> Answer:
        with self._turn:
            self._allow(command)
            moved = own(self._hub)
            if isinstance(command, Take):
                return self._take(command.label, frame)
            if isinstance(command, Add):
                self._album.add(command.label)
            elif isinstance(command, Rename):
                self._album.rename(command.label, command.to)
            elif isinstance(command, Remove):
                self._album.remove(command.label)
            elif isinstance(command, Drop):
                self._album.drop(command.label, command.picture)
            elif isinstance(command, Learn):
                self._learn()
            elif isinstance(command, Use):
                return self._use(command.node)
        return {**self._state(), "moved": moved}

    def _allow(self, command: Any) -> None:
        """Raise ProjectError for what cannot be done: no project is copied for that."""
        if isinstance(command, Add):
            self._album.room(command.label)
        elif isinstance(command, Rename):
            self._album.known(command.label)
            self._album.new(command.to)
        elif isinstance(command, Take | Remove):
            self._album.known(command.label)
        elif isinstance(command, Drop):
            self._album.path(command.label, command.picture)
        elif isinstance(command, Learn):
            self._allow_lesson()
            self._hub.jobs.allow()
        elif isinstance(command, Use):
            self._head()

    def _state(self) -> Answer:
        labels = [msgspec.to_builtins(kind) for kind in self._album.kinds()]
        taught = inside(self._project, HIDDEN, HEAD).is_file()
        return {"labels": labels, "fewest": FEWEST, "folder": FOLDER, "taught": taught}

    def _take(self, label: str, frame: Frame | None) -> Answer:
        assert frame is not None
        if self._last.get(label) is frame:
            return {"label": label, "picture": ""}
        self._last[label] = frame
        return {"label": label, "picture": self._album.take(label, frame.image)}

    def _allow_lesson(self) -> None:
        """Raise ProjectError for too few labels or pictures: better now than after a minute."""
        kinds = [kind for kind in self._album.kinds() if kind.pictures]
        if len(kinds) < 2:
            raise ProjectError.of("XM984")
        for kind in kinds:
            if len(kind.pictures) < FEWEST:
                raise ProjectError.of("XM465", label=kind.label, count=len(kind.pictures), fewest=FEWEST)

    def _learn(self) -> None:
        self._hub.jobs.start("teach", FOLDER, {"pictures": str(self._album.folder)}, self._keep)

    def _head(self) -> Path:
        """Return what was taught. Raises ProjectError when nothing was."""
        head = inside(self._project, HIDDEN, HEAD)
        if not head.is_file():
            raise ProjectError.of("XM979", name=HEAD)
        return head

    def _keep(self, folder: Path, result: Result) -> Result:
        (folder / result["file"]).replace(inside(self._project, HIDDEN, HEAD))
        return result

    def _use(self, node: str) -> Answer:
        name = place_beside(self._project, self._head(), "taught")
        try:
            _, doubts = use_model(self._hub, node, name)
        except BaseException:
            (self._project / name).unlink(missing_ok=True)
            raise
        return {"model": name, "node": node, "doubts": [one.what() for one in doubts]}


def routes(hub: Hub) -> list[BaseRoute]:
    """Return the addresses of the page that teaches."""
    return Teaching(hub).routes()
