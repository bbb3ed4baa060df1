"""Boards that are not there: DFRobot's own firmware on a simulated ATmega328P, a UNIHIKER's files in a mount namespace, and a
Raspberry Pi in QEMU."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .raspberry_pi import RaspberryPi, Unavailable, card

HERE = Path(__file__).parent
LIBRARIES = ("-lsimavr", "-lelf", "-lutil", "-lpthread", "-lm")


def _needs(present: object, what: str) -> None:
    if not present:
        pytest.skip(f"this test needs {what}")


def _compiled(folder: Path, source: str, target: str, *options: str) -> Path:
    _needs(shutil.which("gcc"), "gcc")
    built = subprocess.run(["gcc", "-O2", "-o", folder / target, HERE / source, *options], capture_output=True, text=True)
    _needs(built.returncode == 0, f"what {source} is built with (apt: libsimavr-dev libelf-dev): {built.stderr[:200]}")
    return folder / target


@pytest.fixture(scope="session")
def pinpong_folder() -> Path:
    """Where the real library is installed."""
    found = importlib.util.find_spec("pinpong")
    _needs(found, "pinpong (pip install 'xmaker[pinpong]')")
    assert found and found.submodule_search_locations
    return Path(next(iter(found.submodule_search_locations)))


@pytest.fixture(scope="session")
def virtual_uno(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _compiled(tmp_path_factory.mktemp("uno"), "virtual_uno.c", "virtual_uno", *LIBRARIES)


@pytest.fixture(scope="session")
def m10_ioctl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    _needs(os.geteuid() == 0 and shutil.which("unshare"), "root, for a mount namespace")
    return _compiled(tmp_path_factory.mktemp("m10"), "m10_ioctl.c", "m10_ioctl.so", "-shared", "-fPIC", "-ldl")


class Uno:
    """A simulated Arduino UNO on a serial port of its own, and what can be measured on its pins."""

    def __init__(self, program: Path, firmware: Path) -> None:
        self.command = [program, firmware, "--link"]
        numbers = range(100 + os.getpid() % 800, 2000)
        # pinpong loses a board whose port is not named like one
        self.port = next(port for number in numbers if not os.path.lexists(port := f"/dev/ttyUSB{number}"))

    def plug_in(self) -> None:
        self.process = subprocess.Popen([*self.command, self.port], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.socket = socket.create_connection(("127.0.0.1", int(self.process.stdout.readline())), timeout=5)
        self.lines = self.socket.makefile("rw")
        time.sleep(0.3)  # for the firmware's own start

    def pull_out(self) -> None:
        self.process.kill()
        self.process.wait()
        Path(self.port).unlink(missing_ok=True)
        for thing in (self.lines, self.socket, self.process.stdout):
            assert thing is not None
            thing.close()

    def hang(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def _ask(self, line: str) -> list[float]:
        self.lines.write(line + "\n")
        self.lines.flush()
        return [float(word) for word in self.lines.readline().split()[1:]]

    def level(self, pin: int) -> int | None:
        """Return what a pin is driven to, or None when it is an input."""
        _, driven, level = self._ask(f"d {pin}")
        return int(level) if driven else None

    def pulse(self, pin: int) -> tuple[float, float, int]:
        """Return the last pulse and period on a pin in microseconds, and its edges so far."""
        _, high, period, edges = self._ask(f"p {pin}")
        return high, period, int(edges)

    def duty(self, pin: int) -> float:
        high, period, _ = self.pulse(pin)
        return high / max(period, 1)

    def connect(self, pin: int, level: int) -> None:
        self.lines.write(f"i {pin} {level}\n")
        self.lines.flush()
        self.lines.readline()

    def voltage(self, pin: int, volts: float) -> None:
        self.lines.write(f"a {pin} {round(1000 * volts)}\n")
        self.lines.flush()
        self.lines.readline()


@pytest.fixture
def uno(virtual_uno: Path, pinpong_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Uno]:
    """A fresh board: its firmware cannot give back the timer that servo and PWM share."""
    _needs(os.access("/dev", os.W_OK), "the right to name a port /dev/ttyUSB...")
    board = Uno(virtual_uno, pinpong_folder / "base" / "FirmataExpress.UNO.2.8.hex")
    monkeypatch.setenv("XMAKER_PINPONG_PORT", board.port)
    board.plug_in()
    yield board
    if board.process.returncode is None:
        board.pull_out()


@pytest.fixture
def on_m10(m10_ioctl: Path, pinpong_folder: Path, tmp_path: Path) -> Callable[..., str]:
    """Give a function that runs a program on what pinpong takes for a UNIHIKER M10, and returns what it prints."""

    def run(*command: object) -> str:
        ran = subprocess.run(
            ["bash", HERE / "virtual_m10.sh", m10_ioctl, *command],
            env={**os.environ, "TMPDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    return run


@pytest.fixture(scope="session")
def pi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RaspberryPi]:
    """One board for all tests: it takes a while to start."""
    try:
        board = RaspberryPi(card(), tmp_path_factory.mktemp("pi"))
    except Unavailable as missing:
        pytest.skip(f"this test needs {missing}")
    print(f"the Pi has started in {board.boot_seconds:.1f} s")
    yield board
    board.close()
