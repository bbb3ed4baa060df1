"""The web server of a panel: on a thread of its own, beside a run, until the run is over."""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from xmaker import ProjectError, Runtime
from xmaker.errors import message
from xmaker.runtime.live_file import LiveFile
from xmaker_panel.app import make_app
from xmaker_panel.door import Door
from xmaker_panel.hub import Hub

PORTS = range(8765, 8775)
"""The ports that are tried when none is asked for; then the system chooses."""
LARGEST_MESSAGE = 16 * 1024
"""Bytes of one message from a browser."""
SENT_AHEAD = 128 * 1024
"""Bytes that may be on their way to a browser: what lies there when it stalls is old when it goes on."""
END_SECONDS = 1
MOST_CONNECTIONS = 64


@contextmanager
def serving(file: LiveFile, runtime: Runtime, host: str, port: int) -> Iterator[str]:
    """Serve the panel; yield the words that tell where it is. Raises ProjectError where it cannot be there."""
    listening = listen(host, port)
    address, port = listening.getsockname()[:2]
    door = Door(port, here_only=ipaddress.ip_address(address).is_loopback)
    hub = Hub(runtime, file)
    runtime.terminal.pressable = True
    server = _Server(_config(make_app(hub, door)))
    thread = threading.Thread(target=server.run, args=([listening],), name="xmaker-panel", daemon=True)
    thread.start()
    try:
        with hub.reporting():
            yield _words(address, port, door.pin)
    finally:
        server.should_exit = True
        thread.join(END_SECONDS + 0.5)
        hub.close()
        listening.close()


class _Server(uvicorn.Server):
    """Leaves signals to the run."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn's own type is wider than ASGI's
        http="h11",
        ws="websockets-sansio",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what matters, the panel says itself
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,  # on a board its time is dearer than the network's
        timeout_graceful_shutdown=END_SECONDS,
        h11_max_incomplete_event_size=LARGEST_MESSAGE,
    )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that browsers can reach; without a host, only those of this computer. Raises ProjectError."""
    if host in ("", "localhost"):
        host = "127.0.0.1"
    for number in [port] if port else [*PORTS, 0]:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
            return _bound(family, address)
        except OSError as error:
            if error.errno in _TAKEN:
                continue
            raise ProjectError.of("XM957", host=host, reason=error.strerror or error) from None
    raise ProjectError.of("XM956", port=port)


_TAKEN = {98, 48, 10048, 13, 10013}
"""EADDRINUSE and EACCES of Linux, macOS and Windows."""


def _bound(family: int, address: Any) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # where it would let two programs have one port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_AHEAD)  # connections inherit it
        made.bind(address)
        made.listen()
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def _words(address: str, port: int, pin: str) -> str:
    """Return the words that tell where the panel is."""
    reached = _own_address() if ipaddress.ip_address(address).is_unspecified else address
    link = f"http://{f'[{reached}]' if ':' in reached else reached}:{port}/"
    return message("XM955", "what", link=link, pin=pin) if pin else message("XM954", "what", link=link)


def _own_address() -> str:
    """Return the address at which others see this computer: that of the way out. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.1", 9))  # RFC 5737: an address that nobody has
            return str(way.getsockname()[0])
        except OSError:
            return socket.gethostname()
