"""What the page of models asks for: uploads, cards, quantizing, converting, evaluating, a try, and a model in the project."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from xmaker import ProjectError, XMakerError
from xmaker.errors import speaking
from xmaker_panel.guard import Allowance, body_of
from xmaker_panel.hub import Hub
from xmaker_panel.jobs import Result
from xmaker_panel.model_files import LARGEST, LARGEST_LABELS, UPLOADED, ModelFiles, labels_in
from xmaker_panel.replies import Answer, and_hang_up, answered, command_of, own, refusal, spoken
from xmaker_panel.using import use_model

AT_ONCE, A_SECOND = 30, 5
STALLED = 30.0
"""Seconds without a byte after which an upload is given up."""
LARGEST_PICTURE = 15 * 1_000_000
"""Bytes of a picture to try a model on."""


class Label(msgspec.Struct, tag="label"):
    """What a model's labels are."""

    model: str
    labels: str


class Remove(msgspec.Struct, tag="remove"):
    """An upload that is not wanted any more."""

    model: str


class Quantize(msgspec.Struct, tag="quantize"):
    """Make a network smaller, with the pictures of a folder of the project, or those that come with XMaker ("")."""

    model: str
    data: str = ""


class Evaluate(msgspec.Struct, tag="evaluate"):
    model: str
    data: str


class Convert(msgspec.Struct, tag="convert"):
    """Make an ONNX file of a checkpoint; `arch` names its network where the file does not say."""

    model: str
    arch: str = ""


class Use(msgspec.Struct, tag="use"):
    """Have a node of the project use a model."""

    model: str
    node: str


class Cancel(msgspec.Struct, tag="cancel"):
    """End what is being worked on."""


class Forget(msgspec.Struct, tag="forget"):
    """Show the last result no longer."""


Command = Label | Remove | Quantize | Evaluate | Convert | Use | Cancel | Forget
_decoder = msgspec.json.Decoder(Command)


class Modelling:
    """Answers the page of models."""

    def __init__(self, hub: Hub) -> None:
        self._hub, self._jobs = hub, hub.jobs
        self._allowance = Allowance(AT_ONCE, A_SECOND)
        self._cards: dict[tuple[str, int, str], Answer] = {}
        """Name, time of the last change, and language → card."""
        self._uploading = False

    @property
    def _files(self) -> ModelFiles:
        return ModelFiles(self._jobs.project)

    def routes(self) -> list[BaseRoute]:
        """Return its addresses."""
        return [
            Route("/models", self._open),
            Route("/models", self._command, methods=["POST"]),
            Route("/models/card", self._card),
            Route("/models/file", self._file),
            Route("/models/upload", self._upload, methods=["POST"]),
            Route("/models/try", self._try, methods=["POST"]),
        ]

    async def _open(self, request: Request) -> Response:
        return await answered(request, self._state)

    def _state(self) -> Answer:
        limits = {"largest": LARGEST, "endings": list(UPLOADED)}
        models, pictures = msgspec.to_builtins(self._files.entries()), msgspec.to_builtins(self._files.pictures())
        return {"models": models, "pictures": pictures, **limits}

    async def _card(self, request: Request) -> Response:
        name, lang = request.query_params.get("model", ""), spoken(request)

        def work() -> Answer:
            path = self._files.path(name)
            labels = path.with_suffix(".txt")
            stamp = path.stat().st_mtime_ns + (labels.stat().st_mtime_ns if labels.is_file() else 0)
            if (name, stamp, lang) not in self._cards:
                self._cards[name, stamp, lang] = self._jobs.ask("card", {"model": str(path)})
            return self._cards[name, stamp, lang]

        return await answered(request, work)

    async def _file(self, request: Request) -> Response:
        try:
            path = await asyncio.to_thread(self._files.path, request.query_params.get("model", ""))
        except XMakerError:
            return Response(status_code=404)
        return FileResponse(path, filename=path.name, media_type="application/octet-stream")

    async def _upload(self, request: Request) -> Response:
        with speaking(spoken(request)):
            try:
                if self._uploading:
                    raise ProjectError.of("XM970")
                self._uploading = True
                try:
                    name, moved = await self._take(request)
                finally:
                    self._uploading = False
            except (XMakerError, OSError) as error:
                return and_hang_up(refusal(request, error))
        return await answered(request, lambda: {"model": name, "moved": moved, **self._state()})

    async def _take(self, request: Request) -> tuple[str, str]:
        """Keep what is sent; return its name, and the words about a copy of the project. Raises ProjectError for no model.

        Another process looks into it, for a file may be made to take long, or all memory.
        """
        name = request.query_params.get("name", "")
        async with self._files.received(name, _size(request), _pieces(request), self._jobs.place) as file:
            await asyncio.to_thread(self._jobs.ask, "look", {"file": str(file), "name": file.name})
            moved = await asyncio.to_thread(own, self._hub)
            return await asyncio.to_thread(self._files.put, file, file.name), moved

    async def _try(self, request: Request) -> Response:
        """Have a model look at a picture that is sent, or at what a camera sees now."""
        if self._allowance.is_over():
            return Response(status_code=429)
        camera, name = request.query_params.get("camera", ""), request.query_params.get("model", "")
        body = await body_of(request, LARGEST_PICTURE)
        if body is None:
            return and_hang_up(Response(status_code=413))
        with speaking(spoken(request)):
            try:
                picture = await self._seen(camera) if camera else body
            except (XMakerError, OSError) as error:
                return refusal(request, error)

        def work() -> Answer:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder, "picture")
                file.write_bytes(picture)
                return self._jobs.ask("try", {"model": str(self._files.path(name)), "picture": str(file)})

        return await answered(request, work)

    async def _seen(self, camera: str) -> bytes:
        return await self._hub.pictures.jpeg(await self._hub.pictures.sight(camera))

    async def _command(self, request: Request) -> Response:
        command = await command_of(request, _decoder, self._allowance)
        if isinstance(command, Response):
            return command
        return await answered(request, lambda: self._do(command))

    def _do(self, command: Any) -> Answer:
        moved = ""
        if isinstance(command, Cancel):
            self._jobs.cancel()
        elif isinstance(command, Forget):
            self._jobs.forget()
        elif isinstance(command, Use):
            return self._use(command)
        else:
            self._allow(command)
            moved = "" if isinstance(command, Evaluate) else own(self._hub)  # that changes nothing
            self._change(command)
        return {**self._state(), "moved": moved}

    def _allow(self, command: Label | Remove | Quantize | Evaluate | Convert) -> None:
        """Raise ProjectError for what cannot be done: no project is copied for that."""
        path = self._files.path(command.model)
        if isinstance(command, Label):
            self._allow_labels(command.model, path, command.labels[:LARGEST_LABELS])
        elif isinstance(command, Remove):
            self._files.uploaded(command.model)
        else:
            if isinstance(command, Quantize | Evaluate) and command.data:
                self._files.picture_folder(command.data)
            self._jobs.allow()

    def _change(self, command: Label | Remove | Quantize | Evaluate | Convert) -> None:
        name, path = command.model, self._files.path(command.model)
        if isinstance(command, Label):
            self._files.label(name, labels_in(name, command.labels[:LARGEST_LABELS]))
        elif isinstance(command, Remove):
            self._files.remove(name)
        elif isinstance(command, Quantize):
            data = str(self._files.picture_folder(command.data)) if command.data else ""
            self._jobs.start("quantize", name, {"model": str(path), "data": data}, self._keep)
        elif isinstance(command, Evaluate):
            data = str(self._files.picture_folder(command.data))
            self._jobs.start("evaluate", name, {"model": str(path), "data": data})
        else:
            labels = path.with_suffix(".txt")
            details = {"model": str(path), "labels": str(labels) if labels.is_file() else "", "arch": command.arch.strip()}
            self._jobs.start("convert", name, details, self._keep)

    def _allow_labels(self, name: str, path: Path, text: str) -> None:
        """Raise ProjectError for what are no labels, and for a model that has others inside."""
        given = labels_in(name, text)
        inner = [] if path.with_suffix(".txt").is_file() else self._jobs.ask("names", {"model": str(path)})["names"]
        if inner and inner != given:
            raise ProjectError.of("XM998", name=name, labels=", ".join(inner[:10]))

    def _keep(self, folder: Path, result: Result) -> Result:
        """Put what was made among the models."""
        return {**result, "model": self._files.put(folder / result["file"], result["file"])}

    def _use(self, command: Use) -> Answer:
        self._files.path(command.model)
        moved, doubts = use_model(self._hub, command.node, command.model)
        return {"model": command.model, "node": command.node, "moved": moved, "doubts": [one.what() for one in doubts]}


def _size(request: Request) -> int | None:
    said = request.headers.get("content-length", "")
    return int(said) if said.isdecimal() else None


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """Give what comes; who sends nothing for long is given up. Raises ProjectError."""
    pieces = request.stream()
    while True:
        try:
            async with asyncio.timeout(STALLED):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise ProjectError.of("XM985") from None
        yield piece


def routes(hub: Hub) -> list[BaseRoute]:
    """Return the addresses of the page of models."""
    return Modelling(hub).routes()
