"""Where a panel can be reached: its sockets, who may come in by which, and the words that say so."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from xmaker import ProjectError
from xmaker.errors import message
from xmaker_panel.door import Door, Home

PORTS = range(8765, 8775)
"""The ports that are tried when none is asked for; then the system chooses."""
SENT_AHEAD = 128 * 1024
"""Bytes that may be on their way to a browser: what lies there when it stalls is old when it goes on."""


class Entrance:
    """The sockets of one panel, and its door."""

    def __init__(self, sockets: list[socket.socket], door: Door, words: list[str], on_board: str) -> None:
        self.sockets, self.door = sockets, door
        self.words = "\n".join(words)
        self.on_board = on_board
        """What the board's own screen is to say; "" where there is none, or nobody else can come in."""


@contextmanager
def entrance(host: str, port: int, usb_address: str = "") -> Iterator[Entrance]:
    """Open the sockets: at `host`, without one for this computer alone, and on the board's USB cable where it has one.

    Raises ProjectError where a panel cannot be there.
    """
    sockets = [listen(host, port)]
    try:
        address, port = sockets[0].getsockname()[:2]
        alone = ipaddress.ip_address(address).is_loopback
        if usb_address and alone:
            with suppress(OSError):  # nothing is configured there: the board is none, or its owner has changed it
                sockets.append(_bound(socket.AF_INET, (usb_address, port)))
        by_cable = len(sockets) > 1 or (bool(usb_address) and not alone)
        door = Door(port, address if alone else "", not alone or by_cable, Home.inherited())
        words = [_words(address, port, "" if alone else door.pin)]
        on_board = message("XM968", "what", link=_link(usb_address, port), pin=door.pin) if by_cable else ""
        yield Entrance(sockets, door, [*words, *([on_board.replace("\n", "   ")] if by_cable and alone else [])], on_board)
    finally:
        for one in sockets:
            one.close()


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
    # asyncio looks for TCP before it sets TCP_NODELAY; without that, each file of the page waits 40 ms for the browser's ACK
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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


def _link(address: str, port: int) -> str:
    return f"http://{f'[{address}]' if ':' in address else address}:{port}/"


def _words(address: str, port: int, pin: str) -> str:
    """Return the words that tell where the panel is."""
    link = _link(_own_address() if ipaddress.ip_address(address).is_unspecified else address, port)
    return message("XM955", "what", link=link, pin=pin) if pin else message("XM954", "what", link=link)


def _own_address() -> str:
    """Return the address at which others see this computer: that of the way out. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.1", 9))  # RFC 5737: an address that nobody has
            return str(way.getsockname()[0])
        except OSError:
            return socket.gethostname()
