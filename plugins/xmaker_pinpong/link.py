"""The parent's end of the pipe to the child process in which pinpong lives."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any

from xmaker import DeviceError
from xmaker_pinpong import wire

ANSWER_SECONDS = 3.0
"""How long a part may take for its work."""
START_SECONDS = 30.0
"""How long a board may take to start: it may need pinpong's firmware first."""
WRITES_PER_SECOND = 300
"""A board loses messages that come faster."""
CLOSE_SECONDS = 1.5
"""How long a part may take to be left safe; a run has two seconds for its end."""
END_SECONDS = 0.5
"""How long the child may take for its end; each part has been left safe before."""


class Link:
    """One child process with one board. When it or the board is lost it stays lost: a new link is made."""

    def __init__(self) -> None:
        self.lost: wire.Failed | None = None
        self._ids, self._sending, self._opening = count(1), threading.Lock(), threading.Lock()
        self._waiting: dict[int, SimpleQueue[wire.Answer]] = {}
        self._newest: dict[int, Any] = {}
        self._failed: dict[int, wire.Failed] = {}
        self._changed = threading.Condition()
        command = [sys.executable, "-P", "-m", "xmaker_pinpong.child"]
        printed = None if os.environ.get("XMAKER_VERBOSE") else subprocess.DEVNULL  # pinpong greets, and draws its logo
        self.process = subprocess.Popen(  # noqa: S603  # nothing in it comes from a user
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=printed
        )
        self._threads = [
            threading.Thread(target=work, name="xmaker-pinpong", daemon=True) for work in (self._listen, self._write)
        ]
        for thread in self._threads:
            thread.start()

    def start(self, board: str, port: str) -> None:
        """Have the child find its board. Raises DeviceError."""
        self._ask(wire.Start(next(self._ids), board, port), START_SECONDS)

    def open(self, role: str, pins: list[int], option: Any) -> int:
        """Have pins taken for a role; return the part's number. Raises DeviceError."""
        with self._opening:  # a DHT takes 1.2 s, and between two of them others get their turn
            return int(self._ask(wire.Open(next(self._ids), role, pins, option)))

    def read(self, part: int) -> Any:
        """Return what a part shows. Raises DeviceError."""
        return self._ask(wire.Read(next(self._ids), part))

    def write(self, part: int, value: Any) -> None:
        """Have a part set, soon: of values that come too fast only the newest counts.

        Raises DeviceError for what went wrong with an earlier value.
        """
        with self._changed:
            if failed := self.lost or self._failed.pop(part, None):
                raise error_of(failed)
            self._newest[part] = value
            self._changed.notify()

    def close_part(self, part: int) -> None:
        """Leave a part safe."""
        with self._changed:
            self._newest.pop(part, None)
        if self.lost is None:
            self._ask(wire.Close(next(self._ids), part), CLOSE_SECONDS)

    def _ask(self, request: wire.Request, seconds: float = ANSWER_SECONDS) -> Any:
        answers: SimpleQueue[wire.Answer] = SimpleQueue()
        self._waiting[request.id] = answers
        try:
            with self._sending:
                if self.lost is not None:
                    raise error_of(self.lost)
                assert self.process.stdin is not None
                with contextlib.suppress(BrokenPipeError):  # `_listen` knows why, and tells
                    wire.send(self.process.stdin, request)
            answer = answers.get(timeout=seconds)
        except Empty:
            answer = self._lose(wire.Failed(0, "XM643", {"seconds": f"{seconds:g}"}))
        finally:
            del self._waiting[request.id]
        if isinstance(answer, wire.Failed):
            raise error_of(answer)
        return answer.value

    def _listen(self) -> None:
        """Hand each answer to whoever waits for it."""
        assert self.process.stdout is not None
        while (answer := wire.next_answer(self.process.stdout)) is not None:
            if answer.id == 0 and isinstance(answer, wire.Failed):
                self._lose(answer)
            elif (waiting := self._waiting.get(answer.id)) is not None:
                waiting.put(answer)
        self._lose(wire.Failed(0, "XM638", {"reason": self._end()}))

    def _end(self) -> str:
        """Return how the child ended."""
        try:
            status = self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            return "?"
        return f"exit {status}" if status >= 0 else f"signal {-status}"

    def _write(self) -> None:
        """Send the newest value of each part in turn, no faster than a board can hear them."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._newest or self.lost)
                if self.lost is not None:
                    return
                part = next(iter(self._newest))
                value = self._newest.pop(part)
            begun = time.monotonic()
            try:
                self._ask(wire.Write(next(self._ids), part, value))
            except DeviceError as error:
                problem = error.problems[0]
                self._failed[part] = wire.Failed(0, problem.code, dict(problem.details))
            time.sleep(max(0.0, begun + 1 / WRITES_PER_SECOND - time.monotonic()))

    def _lose(self, reason: wire.Failed) -> wire.Failed:
        """Let everybody know that it is over; the first reason counts."""
        with self._changed:
            self.lost = self.lost or reason
            self._changed.notify_all()
        for waiting in list(self._waiting.values()):
            waiting.put(self.lost)
        return self.lost

    def close(self) -> None:
        """End the child; it leaves everything safe by itself."""
        self._lose(wire.Failed(0, "XM638", {"reason": "exit 0"}))
        if taken := self._sending.acquire(timeout=0.1):  # unless a child that hangs does not even read
            self._sending.release()
        try:
            if not taken or self.process.stdin is None:
                raise BrokenPipeError
            self.process.stdin.close()
            self.process.wait(END_SECONDS)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            self.process.kill()
        self.process.wait()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(END_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                continue


def error_of(failed: wire.Failed) -> DeviceError:
    """Return a failure as the error that a node raises."""
    return DeviceError.of(failed.code, **failed.details)
