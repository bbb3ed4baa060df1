"""Runs the command `xmaker run` as a child, and keeps what its user sees, when, and how it ends."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.hardware.conftest import pinpong_folder, uno, virtual_uno  # noqa: F401
from tests.plugins.conftest import broadcast, display  # noqa: F401
from tests.plugins.sound.conftest import frail_sound_system  # noqa: F401
from xmaker.testing import wait_until

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]
XMAKER = str(Path(sys.executable).with_name("xmaker"))
ODD_NODES = Path(__file__).with_name("odd_nodes.py")
STOP_SECONDS = 2.0
BUSY_SECONDS = 1.0
"""What a computer with too much to do may add to it."""
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass
class Row:
    """One row of the table: what a fault comes to."""

    fault: str
    sees: list[str] = field(default_factory=list)
    recovers: str = ""
    outputs: str = ""
    stop: str = ""
    code: str = ""


class Child:
    """A project that runs. The pin of its lamp is a file, so that what it does can be seen from outside."""

    def __init__(self, folder: Path, project: str, *options: str, row: Row, **env: str) -> None:
        self.folder, self.row = folder, row
        (folder / "plugins").mkdir(parents=True, exist_ok=True)
        shutil.copy(ODD_NODES, folder / "plugins")
        (folder / "project.yaml").write_text(project, encoding="utf-8")
        hidden = ("DISPLAY", "PYTEST_CURRENT_TEST", "XMAKER_VERBOSE", "XMAKER_SCREEN")
        self.env = {name: text for name, text in os.environ.items() if name not in hidden} | {"LC_ALL": "C.UTF-8"} | env
        self.lines: list[tuple[float, str]] = []
        self.since = self.fault = 0.0
        self._over = threading.Event()
        self._start([XMAKER, "run", str(folder), *options])

    def _start(self, command: list[str]) -> None:
        self._listen(command, subprocess.DEVNULL, subprocess.STDOUT)

    def _listen(self, command: Sequence[str], stdin: int, stderr: int) -> None:
        """Start the child; what it prints goes into a pipe that `deaf` can close."""
        self.out, into = os.pipe()
        self.process = subprocess.Popen(command, stdin=stdin, stdout=into, stderr=stderr, env=self.env)
        os.close(into)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        rest = b""
        while not self._over.is_set():
            if not select.select([self.out], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self.out, 65536)
            except OSError:  # a terminal whose program has ended
                return
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            self.lines += [(time.monotonic(), ANSI.sub("", line.decode("utf-8", "replace")).rstrip()) for line in lines]

    def deaf(self) -> None:
        """Stop reading, and close what the child writes to."""
        self._over.set()
        self._reader.join()
        if self.out >= 0:
            os.close(self.out)
        self.out = -1

    def said(self, *words: str) -> list[float]:
        """Return when each line with all of these words came, in seconds since the fault (or what was last done to it)."""
        return [when - self.since for when, line in self.lines if when >= self.since and all(word in line for word in words)]

    def wait(self, *words: str, seconds: float = 20.0) -> float:
        """Wait for a line with these words; return how long it took."""
        try:
            wait_until(lambda: self.said(*words) != [], seconds)
        except TimeoutError:
            shown = "\n".join(f"{when - self.since:7.2f} {line}" for when, line in self.lines)
            raise AssertionError(f"no line has {words}:\n{shown}") from None
        return self.said(*words)[0]

    def now(self) -> None:
        """The fault happens, or its cure: from here on time counts."""
        self.since = time.monotonic()
        self.fault = self.fault or self.since

    def is_safe(self) -> bool:
        """Return whether the lamp was put out and its pin given back."""
        return (self.folder / "pin1").read_text().split()[-2:] == ["0", "freed"]

    def end(self, *signals: int, codes: tuple[int, ...] = (130,)) -> None:
        """Stop it, check how it ends, and fill the row in."""
        begun = time.monotonic()
        for number, one in enumerate(signals or (signal.SIGINT,)):
            if number:
                time.sleep(0.2)
            self.process.send_signal(one)
        self.ended(begun, *codes)

    def ended(self, begun: float, *codes: int) -> None:
        """Wait for its end, which something has brought about at the time `begun`."""
        self.process.wait(30)
        took = time.monotonic() - begun
        self._reader.join(5)
        self.row.stop, self.row.code = f"{took:.2f} s", str(self.process.returncode)
        self.row.sees = self.row.sees or [line for when, line in self.lines if when >= (self.fault or begun) and line]
        if (self.folder / "pin1").exists():
            self.row.outputs += "; left off" if self.is_safe() else "; left ON"
            self.row.outputs = self.row.outputs.removeprefix("; ")
        assert "Traceback" not in "\n".join(line for _, line in self.lines)
        assert self.process.returncode in codes
        assert took <= STOP_SECONDS + BUSY_SECONDS

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.deaf()


class InTerminal(Child):
    """The same in a terminal of its own, with the live view."""

    def _start(self, command: list[str]) -> None:
        self.out, follower = os.openpty()
        os.set_blocking(self.out, False)
        self.env["TERM"] = "xterm"
        streams = {"stdin": follower, "stdout": follower, "stderr": follower}
        self.process = subprocess.Popen(["setsid", "--ctty", *command], env=self.env, **streams)
        os.close(follower)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def type(self, keys: bytes) -> None:
        os.write(self.out, keys)


@pytest.fixture
def in_terminal() -> type[Child]:
    return InTerminal


Run = Callable[..., Any]


@pytest.fixture
def row(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Iterator[Row]:
    """The table's row for this test; its fault is what the test's docstring says."""
    made = Row((request.function.__doc__ or request.node.name).splitlines()[0].rstrip("."))
    yield made
    record_property("fault", asdict(made))


@pytest.fixture
def run(tmp_path: Path, row: Row) -> Iterator[Run]:
    """Give a function that starts `xmaker run` on a project: (project, *options, kind, **environment)."""
    started: list[Child] = []

    def start(project: str, *options: str, kind: type[Child] = Child, **settings: Any) -> Child:
        number = len(started) + 1  # what the first child comes to is the table's business
        mine = row if number == 1 else Row("")
        started.append(kind(tmp_path / str(number), project, *options, row=mine, **settings))
        return started[-1]

    yield start
    for child in started:
        child.kill()
