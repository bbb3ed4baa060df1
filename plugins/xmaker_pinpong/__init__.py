"""Moves the pins of a UNIHIKER M10, and of an Arduino UNO, a micro:bit or a handpy on USB, through DFRobot's pinpong.

pinpong runs in a process of its own (`child.py`): it prints, it exits, and its licence is another one.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from xmaker import Board, DeviceError, Driver, Handle, MissingDependency, ProjectError, hookimpl

if TYPE_CHECKING:
    from xmaker_pinpong.link import Link

VERSION_FILE = Path("/opt/unihiker/Version")
"""There is one on a UNIHIKER M10 only."""
INSTALL = ("sudo apt install gcc make python3-dev && " if sys.platform == "linux" else "") + 'pip install "xmaker[pinpong]"'
"""On Linux, pinpong wants three more libraries that have to be compiled."""


class Part:
    """One thing on the board, as the driver gives it out."""

    def __init__(self, link: Link, number: int, pins: str) -> None:
        self.link, self.number, self.pins = link, number, pins

    def write(self, value: Any) -> None:
        try:
            self.link.write(self.number, value)
        except DeviceError as error:
            raise _with(error, pin=self.pins) from None

    def read(self) -> Any:
        try:
            value = self.link.read(self.number)
            return tuple(value) if isinstance(value, list) else value
        except DeviceError as error:
            raise _with(error, pin=self.pins) from None

    def close(self) -> None:
        self.link.close_part(self.number)


class SimulatedPart:
    """A part that only remembers what it was set to."""

    value: Any = 0.0

    def write(self, value: Any) -> None:
        self.value = value

    def read(self) -> Any:
        return self.value

    def close(self) -> None:
        self.value = 0.0


class Pinpong(Driver):
    """Pins by the names on the board: `P21` on a UNIHIKER M10, `D13` and `A0` on an Arduino UNO. No name is an M10's own part.

    `XMAKER_PINPONG_BOARD` names another board (`microbit`, `handpy`), `XMAKER_PINPONG_PORT` its port.
    """

    name: ClassVar[str] = "pinpong"
    boards: ClassVar[tuple[str, ...]] = ("unihiker", "uno", "microbit", "handpy")
    on_usb: ClassVar[tuple[str, ...]] = ("uno", "microbit", "handpy")

    def __init__(self, simulate: bool = False, board: str = "") -> None:
        super().__init__(simulate, _board(board))
        self._link: Link | None = None
        self._opening = threading.Lock()
        self._failure: tuple[float, DeviceError | MissingDependency] | None = None
        self._lost: DeviceError | None = None
        self._closed = False

    @classmethod
    def problem(cls, role: str, pin: str, board: str) -> str:
        """Return "", or the code of the message that says why this pin of this board cannot do this."""
        from xmaker_pinpong import boards

        return boards.problem(role, pin, board if board in boards.BOARDS else _board(""))

    def open(self, role: str, *pins: str, **settings: Any) -> Handle:
        """Return what is on the pins. Raises DeviceError where the board is missing or cannot do that."""
        from xmaker_pinpong import boards

        if settings.get("pull") and boards.own_part(role, pins[0], self.board) is None:
            raise ProjectError.of("XM640", pin=pins[0])  # neither pinpong nor its firmware knows of any resistors
        return self._part(role, *pins, option=settings.get("model") or settings.get("count"))

    def _part(self, role: str, *pins: str, option: Any = None) -> Handle:
        from xmaker_pinpong import boards

        for pin in pins:
            if code := boards.problem(role, pin, self.board):
                raise ProjectError.of(code, pin=pin, role=role)
        if self.simulate:
            return SimulatedPart()
        numbers = [boards.own_part(role, pin, self.board) or boards.number(pin, self.board) or 0 for pin in pins]
        own = boards.own_part(role, pins[0], self.board) is not None
        kind = {("input", True): "button", ("light", False): "analog"}.get((role, own), role)
        link, names = self._connected(), ", ".join(pins) or role
        try:
            return Part(link, link.open(kind, numbers, option), names)
        except DeviceError as error:
            raise _with(error, pin=names) from None

    def _connected(self) -> Link:
        """Return the link to the board. One thread starts it, in seconds; whoever waited in vain fails with it."""
        asked = time.monotonic()
        with self._opening:
            if self._link is not None and self._link.lost is None:
                return self._link
            if self._failure is not None and self._failure[0] > asked:
                raise self._failure[1]
            try:
                return self._start()
            except (DeviceError, MissingDependency) as error:
                self._failure = time.monotonic(), error
                raise

    def _start(self) -> Link:
        from xmaker_pinpong.link import Link, error_of

        if self._link is not None and self._link.lost is not None:
            self._lost = self._lost or error_of(self._link.lost)
            self._link.close()
        self._link = link = Link()
        try:
            if self._closed:
                raise DeviceError.of("XM638", reason="exit 0")
            link.start(self.board, os.environ.get("XMAKER_PINPONG_PORT", ""))
        except DeviceError as error:
            link.close()
            self._link = None  # it was never there, so it is not lost
            if error.code == "XM601":
                raise _missing(self.board) from None
            raise self._same_trouble(error) from None
        self._lost = None
        return link

    def _same_trouble(self, error: DeviceError) -> DeviceError | MissingDependency:
        """Return what was said before where that is still true: a run says each trouble once."""
        if self._closed and self._failure:  # it was not the board this time, but the end of the run
            return self._failure[1]
        return self._lost if self._lost and error.code == "XM630" else error  # pulled out, it is not found either

    def close(self) -> None:
        self._closed = True
        if (link := self._link) is not None:  # without the lock: it may just be starting
            link.close()


def _board(given: str) -> str:
    """Return the board that is meant: the one given, the one in the environment, the one that this computer is, an UNO."""
    from xmaker_pinpong.boards import BOARDS

    board = (given or os.environ.get("XMAKER_PINPONG_BOARD", "")).lower()
    if board and board not in BOARDS:
        raise ProjectError.of("XM630", board=board, ports="–")
    return board or ("unihiker" if VERSION_FILE.is_file() else "uno")


def _missing(board: str) -> MissingDependency:
    if board == "unihiker":  # installing pinpong there would flash the board
        return MissingDependency.of("XM637")
    return MissingDependency.of("XM601", library="pinpong", command=INSTALL)


def _with(error: DeviceError, **details: str) -> DeviceError:
    """Return the error with details that the child does not know."""
    return DeviceError.of(error.code, **{**details, **error.problems[0].details})


@hookimpl
def xmaker_drivers() -> list[type[Driver]]:
    return [Pinpong]


@hookimpl
def xmaker_board() -> Board | None:
    return Board("unihiker", "UNIHIKER M10", "pinpong", i2c_bus=4, usb_address="10.1.2.3") if VERSION_FILE.is_file() else None
