"""The web server of a panel: on a thread of its own, until what it shows is over."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import uvicorn
from starlette.types import ASGIApp

from xmaker import Project, Runtime, hookimpl
from xmaker.runtime.live_file import LiveFile
from xmaker_panel.app import run_app
from xmaker_panel.connections import MOST_CONNECTIONS, Connection
from xmaker_panel.door import BEGUN, WAITS
from xmaker_panel.entrance import entrance
from xmaker_panel.hub import Hub
from xmaker_panel.on_board import on_board

LARGEST_MESSAGE = 16 * 1024
"""Bytes of one message from a browser."""
END_SECONDS = 1


@contextmanager
def serving(file: LiveFile, runtime: Runtime, host: str, port: int) -> Iterator[str]:
    """Serve the panel of a run; yield the words that tell where it is. Raises ProjectError where it cannot be there."""
    with entrance(host, port, runtime.plugins.board().usb_address) as way:
        hub = Hub(runtime, file, way.door.home.port if way.door.home else 0)
        runtime.terminal.pressable = True
        runtime.endless = True
        try:
            told = _told(runtime) if way.door.home and file.error else nullcontext()
            with served(run_app(hub, way.door), way.sockets), hub.reporting(), on_board(way.on_board, runtime), told:
                yield way.words
        finally:
            hub.close()


class _Begun:
    @hookimpl
    def xmaker_start(self, project: Project) -> None:
        print(BEGUN, flush=True)


@contextmanager
def _told(runtime: Runtime) -> Iterator[None]:
    """Tell the list of projects that this one waits to be mended, and when it begins."""
    print(WAITS, flush=True)
    begun = _Begun()
    runtime.observe(begun)
    try:
        yield
    finally:
        runtime.forget(begun)


@contextmanager
def served(app: ASGIApp, sockets: list[socket.socket]) -> Iterator[None]:
    """Serve an application, from a thread of its own."""
    server = _Server(_config(app))
    thread = threading.Thread(target=server.run, args=(sockets,), name="xmaker-panel", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(END_SECONDS + 0.5)


class _Server(uvicorn.Server):
    """Leaves signals to the run."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn's own type is wider than ASGI's
        http=Connection,
        ws="websockets-sansio",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what matters, the panel says itself
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        proxy_headers=False,  # or a header could say from where wrong PINs come
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,  # on a board its time is dearer than the network's
        timeout_graceful_shutdown=END_SECONDS,
        h11_max_incomplete_event_size=LARGEST_MESSAGE,
    )
