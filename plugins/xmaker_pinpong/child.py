"""The child process: pinpong lives here, because it exits, prints, takes over Ctrl-C and uses a third of a processor."""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, NoReturn

from xmaker_pinpong import wire
from xmaker_pinpong.boards import BOARDS
from xmaker_pinpong.parts import NoAnswer, Part

BEAT = 1.0
"""Seconds from one look at the board to the next."""
SILENCE = 2.0
"""Seconds without an answer after which a board counts as lost."""
REPEATS = 3
"""How often the last value of a pin is sent again, at one beat each."""
POLL = 0.005
"""Seconds that pinpong's two threads sleep while nothing comes. Their own microsecond takes a third of a processor."""
REPORT = 0.002
"""Seconds in which a report that has begun is complete."""
FIRMWARE = 0x79
"""Firmata's question for the firmware, and its answer."""
M10_DEVICE = Path("/dev/pinpong_config")


class Unreachable(Exception):
    """No board answers."""


class Busy(Exception):
    """Another program talks to the board."""


class Missing(Exception):
    """pinpong is not installed."""


class Child:
    """Does on a board what the parent asks for, one thing after the other, all on the main thread."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self.requests, self.answers = requests, answers
        self.inbox: SimpleQueue[wire.Request | None] = SimpleQueue()
        self.parts: dict[int, Part] = {}
        self.repeat: dict[int, tuple[Any, int]] = {}
        """Part → its last value, and how often that is to be sent again."""
        self.port = ""
        self.claim: socket.socket | None = None
        self.board: Any = None
        self.asked = self.next_beat = 0.0

    def run(self) -> None:
        """Serve until the parent or the board is gone."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            if self.board and time.monotonic() >= self.next_beat and not self._beat():
                self._lost()
                return
            try:
                request = self.inbox.get(timeout=max(0.0, self.next_beat - time.monotonic()) if self.board else None)
            except Empty:
                continue
            if request is None:  # the parent is gone
                self._leave_safe()
                return
            if not self._answer(request):
                return

    def _listen(self) -> None:
        while (request := wire.next_request(self.requests)) is not None:
            self.inbox.put(request)
        self.inbox.put(None)

    def _answer(self, request: wire.Request) -> bool:
        """Do what is asked and answer; False when there is no board, or none any more."""
        try:
            wire.send(self.answers, wire.Done(request.id, self._do(request)))
        except NoAnswer:
            wire.send(self.answers, wire.Failed(request.id, "XM639"))
        except Unreachable:
            wire.send(self.answers, wire.Failed(request.id, "XM630", {"board": self.name, "ports": _ports()}))
            return False
        except Busy:
            wire.send(self.answers, wire.Failed(request.id, "XM642", {"port": self.port}))
            return False
        except Missing:
            wire.send(self.answers, wire.Failed(request.id, "XM601"))
            return False
        except SystemExit:  # pinpong's way to say that it cannot write to the board
            self._lost()
            return False
        except Exception as error:  # noqa: BLE001  # pinpong raises whatever it likes; the parent says it
            wire.send(self.answers, wire.Failed(request.id, "XM635", {"reason": _in_words(error)}))
        return True

    def _do(self, request: wire.Request) -> Any:
        if isinstance(request, wire.Start):
            return self._start(request.board, request.port)
        if isinstance(request, wire.Open):
            return self._open(request)
        part = self.parts.get(request.part)
        if part is None:
            return None  # it was closed while this was on its way
        if isinstance(request, wire.Write):
            part.write(request.value)
            self.repeat[request.part] = (request.value, REPEATS if part.repeats else 0)
            return None
        if isinstance(request, wire.Read):
            return part.read()
        del self.parts[request.part]
        self.repeat.pop(request.part, None)
        return part.close()

    def _start(self, board: str, port: str) -> None:
        try:
            import pinpong.board
        except ModuleNotFoundError as error:
            raise Missing from error
        self.name, self.pinpong = board, pinpong.board
        try:
            found = pinpong.board.Board(board, port) if port else pinpong.board.Board(board)
            self.port = str(found.port)
            self.claim = _claim(self.port)
            found.begin()
        except Busy:
            raise
        except BaseException as error:  # pinpong exits when it finds no board
            busy = isinstance(error, OSError) and error.errno == errno.EBUSY  # a serial monitor keeps it for itself
            raise (Busy if busy else Unreachable) from error
        self.board = found
        if board != "unihiker":
            _calm(found.board)

    def _open(self, request: wire.Open) -> int:
        from xmaker_pinpong import parts, unihiker

        kinds = unihiker.PARTS if self.name == "unihiker" else parts.PARTS
        part = kinds[request.role](self.pinpong, self.board, BOARDS[self.name])
        part.open(request.pins, request.option)
        self.parts[request.id] = part
        return request.id

    def _beat(self) -> bool:
        """Look at the board, and send again what it may have missed; False when it is lost."""
        self.next_beat = time.monotonic() + BEAT
        try:
            for number, (value, times) in list(self.repeat.items()):
                if times:
                    self.parts[number].write(value)
                    self.repeat[number] = (value, times - 1)
        except SystemExit:
            return False
        return self._alive()

    def _alive(self) -> bool:
        """Ask the board for its firmware; False when the last question was not answered in time."""
        if self.name == "unihiker":
            return M10_DEVICE.exists()
        firmata = self.board.board
        try:
            if self.asked and not firmata.query_reply_data[FIRMWARE]:
                return time.monotonic() < self.asked + SILENCE
            firmata.query_reply_data[FIRMWARE] = ""
            self.asked = time.monotonic()
            firmata._send_sysex(FIRMWARE)  # noqa: SLF001  # get_firmware_version() would wait for the answer
        except BaseException:  # noqa: BLE001  # pinpong exits with 0 when the port has vanished
            return False
        return True

    def _lost(self) -> None:
        wire.send(self.answers, wire.Failed(0, "XM636", {"port": self.port}))

    def _leave_safe(self) -> None:
        for part in self.parts.values():
            try:
                part.close()
            except BaseException:  # noqa: BLE001, S112  # the board may be gone; the next part must be left safe all the same
                continue


def _claim(port: str) -> socket.socket | None:
    """Keep a board for this project: of two that talk to one, pinpong in the second would flash it anew. Raises Busy.

    It is a name in Linux's memory, gone with the process. The port itself cannot be locked: pinpong opens it more than once.
    """
    if sys.platform != "linux":
        return None
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0xmaker {os.path.realpath(port)}")
    except OSError as error:
        raise Busy from error
    return name


def _calm(firmata: Any) -> None:
    """Let pinpong's threads sleep while nothing comes, and read whole reports: it spins while it has half of one."""
    firmata.sleep_tune = POLL
    port = firmata.serial_port
    if os.name != "posix":  # only there can one wait for a serial port and a time at once
        return

    def wait_for_bytes() -> int:
        if select.select([port.fileno()], [], [], BEAT)[0]:
            time.sleep(REPORT)
        return int(port.in_waiting)

    port.inWaiting = wait_for_bytes


def _in_words(error: Exception) -> str:
    return " ".join(map(str, error.args)) or type(error).__name__


def _ports() -> str:
    from serial.tools.list_ports import comports

    return ", ".join(port.device for port in comports()) or "–"


def take_over_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for messages alone: pinpong and its shells read nothing, and print where the parent wants it."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr  # which is not held back until the end, and then lost
    return requests, answers


def leave_signals_to_the_parent() -> None:
    """Ctrl-C, the end of a terminal and of a service reach the child, too; it ends when its parent does, not before."""
    set_handler = signal.signal
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            set_handler(getattr(signal, name), signal.SIG_IGN)
    signal.signal = lambda number, handler: signal.SIG_IGN  # type: ignore[assignment]  # pinpong wants SIGINT for itself


def main() -> NoReturn:
    """Run, and end at once: pinpong's objects raise when they are cleared away."""
    leave_signals_to_the_parent()
    child = Child(*take_over_pipes())
    try:
        child.run()
    except (OSError, ValueError):
        os._exit(1)  # the parent does not listen any more
    except BaseException:  # noqa: BLE001
        os._exit(2)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
