"""A Raspberry Pi 3B in QEMU: Debian's kernel and Python, PyPI's wheels for arm64, a console, and wires at its pins.

QEMU counts instructions (`-icount`), one in a nanosecond, about as a real Pi does, and skips the time in which nothing happens.
So the Pi's clock knows nothing of how busy this computer is: a pulse has the same width each time, and waiting takes no time.
"""

from __future__ import annotations

import hashlib
import os
import queue
import re
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent / "qemu_pi"
SOURCE = Path(__file__).parents[2]
PROGRAMS = ("qemu-system-aarch64", "debootstrap", "dpkg-deb", "mkfs.ext4", "fdtput", "depmod", "cpio")
PACKAGES = "qemu-system-arm debootstrap e2fsprogs device-tree-compiler kmod cpio"
BOARD = (
    *("qemu-system-aarch64", "-M", "raspi3b", "-smp", "4", "-icount", "shift=0,sleep=off"),
    *("-display", "none", "-monitor", "none", "-no-reboot"),
)
PINS, LEVEL, SET, CLEAR = "/machine/soc/peripherals/gpio", 0x3F200034, 0x3F20001C, 0x3F200028
"""Where QEMU and the BCM2837 have the pins, and the registers of pins 0 to 31."""
PATIENCE = 300.0
"""Seconds that a command may take on this computer, however busy it is."""


class Unavailable(Exception):
    """This computer cannot have such a Pi; the words say what is missing."""


class Ran(NamedTuple):
    """What a command on the Pi came to."""

    code: int
    output: str


class Pulse(NamedTuple):
    """A pin that was high: when it rose, and for how long, in seconds of the Pi's clock."""

    rose: float
    width: float


def card() -> Path:
    """Return the folder with the Pi's kernel and memory card; made once, and again when what they are made of changes."""
    if missing := [program for program in PROGRAMS if not shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")]:
        raise Unavailable(f"{', '.join(missing)} (apt install {PACKAGES})")
    wanted = _requirements()
    made_of = "\n".join([*wanted, *(file.read_text() for file in sorted(HERE.iterdir()))])
    cache = Path(os.environ.get("XMAKER_TEST_CACHE") or Path.home() / ".cache" / "xmaker-tests")
    folder = cache / f"pi-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"
    if not folder.exists():
        if os.geteuid() != 0:
            raise Unavailable("root, to make the Pi's memory card")
        _make(cache, folder, wanted)
    return folder


def _requirements() -> list[str]:
    """Return what `pip install 'xmaker[pi]'` would install on a Pi."""
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [one.split(";")[0].strip() for one in (*project["dependencies"], *project["optional-dependencies"]["pi"])]


def _make(cache: Path, folder: Path, wanted: list[str]) -> None:
    """Build beside, and then rename: what is half made is never used."""
    fresh = cache / f"new-{os.getpid()}"
    environment = {**os.environ, "PYTHON": sys.executable, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    try:
        built = subprocess.run([HERE / "build.sh", fresh, *wanted], env=environment, capture_output=True, text=True)
        said = (built.stdout + built.stderr)[-600:]
        if built.returncode == 69:
            raise Unavailable(f"Debian's and PyPI's packages for arm64, which could not be fetched: {said}")
        assert built.returncode == 0, said
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def initrd(base: Path, target: Path) -> Path:
    """Write what the Pi boots from: the cached one, and behind it XMaker as a wheel of this very tree installs it."""
    tree = target / "tree"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--target", tree / "xmaker", SOURCE], check=True, capture_output=True)
    names = "".join(f"{path.relative_to(tree)}\n" for path in sorted(tree.rglob("*")))
    packed = subprocess.run(
        ["cpio", "--quiet", "-o", "-H", "newc"], cwd=tree, input=names.encode(), stdout=subprocess.PIPE, check=True
    )
    (target / "initrd").write_bytes((base / "initrd").read_bytes() + packed.stdout)
    return target / "initrd"


class RaspberryPi:
    """The board. `run` and `start` are its keyboard; `level`, `drive` and `edges` are the wires at its pins."""

    def __init__(self, base: Path, folder: Path) -> None:
        began = time.monotonic()
        start = ["-kernel", base / "kernel", "-dtb", base / "pi3.dtb", "-initrd", initrd(base, folder)]
        words = "console=ttyAMA0,115200 rdinit=/init loglevel=1 panic=-1"
        media = ["-drive", f"if=sd,format=raw,snapshot=on,file={base / 'card.img'}", "-serial", "stdio"]
        wires = ["-qtest", f"unix:{folder / 'pins'},server=on,wait=off", "-qtest-log", "none"]
        self.process = subprocess.Popen(
            [*BOARD, *start, "-append", words, *media, *wires],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
        )
        self._heard, self._asked = b"", 0
        self.edges: list[tuple[int, int]] = []
        """Each (pin, level) that the Pi has driven one of its pins to, in order."""
        try:
            self._connect(folder / "pins")
            self._listen(re.compile(b"ready\n"), PATIENCE)
            self.run(f"date -s @{int(time.time())}")  # a Pi has no clock of its own either; it asks the network
            self.boot_seconds = time.monotonic() - began
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._watcher.join()
        for thing in (self._lines, self._socket, self.process.stdin, self.process.stdout):
            assert thing is not None
            thing.close()

    # its console

    def run(self, command: str, patience: float = PATIENCE) -> Ran:
        """Run a command of the shell, and wait for it."""
        self._asked += 1
        begin, end = f"<{self._asked}>", f"</{self._asked}>"
        self._type(f"echo '<'{self._asked}'>'; {{ {command}\n}} 2>&1; echo '</'{self._asked}'>' $?\n")
        found = self._listen(re.compile(f"{begin}\n(.*?){end} (\\d+)\n".encode(), re.DOTALL), patience)
        return Ran(int(found[2]), found[1].decode(errors="replace"))

    def write(self, path: str, text: str) -> None:
        """Write a file on the Pi."""
        wrote = self.run(f"mkdir -p $(dirname {path}) && cat >{path} <<'END OF FILE'\n{text.strip()}\nEND OF FILE")
        assert wrote.code == 0, wrote.output

    @contextmanager
    def running(self, command: str) -> Iterator[Running]:
        """Run a command beside; at the end of the block it is asked to stop, as `systemctl stop` does."""
        self._asked += 1
        log = f"/tmp/{self._asked}.log"
        pid = int(self.run(f"{command} >{log} 2>&1 & echo $!").output)
        running = Running(self, pid, log)
        try:
            yield running
        finally:
            running.stop()

    def _type(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())

    def _listen(self, pattern: re.Pattern[bytes], patience: float) -> re.Match[bytes]:
        assert self.process.stdout is not None
        deadline = time.monotonic() + patience
        while (found := pattern.search(self._heard)) is None:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            part = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            assert part, f"the Pi {'has ended' if ready else 'does not answer'}: {self._heard[-2000:].decode(errors='replace')}"
            self._heard += part
        self._heard = self._heard[found.end() :]
        return found

    # its pins

    def _connect(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + 10
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("r")
        self._answers: queue.Queue[str] = queue.Queue()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        self._ask(f"irq_intercept_out {PINS}")

    def _watch(self) -> None:
        for line in self._lines:
            words = line.split()
            if words[0] == "IRQ":
                self.edges.append((int(words[2]), int(words[1] == "raise")))
            else:
                self._answers.put(line)

    def _ask(self, line: str) -> str:
        self._socket.sendall(line.encode() + b"\n")
        answer = self._answers.get(timeout=30)
        assert answer.startswith("OK"), answer
        return answer[2:].strip()

    def level(self, pin: int) -> int:
        """Return the level of a pin, as a meter at the board shows it."""
        return int(self._ask(f"readl {LEVEL}"), 16) >> pin & 1

    def drive(self, pin: int, level: int) -> None:
        """Put a voltage on a pin that is an input: QEMU's register of levels keeps what is written for one."""
        self._ask(f"writel {SET if level else CLEAR} {1 << pin}")

    def seen(self, pin: int) -> list[int]:
        """Return the levels that the Pi has driven a pin to, in order."""
        self._ask(f"readl {LEVEL}")  # what has happened before is told before this is answered
        return [level for number, level in self.edges if number == pin]

    @contextmanager
    def traced(self) -> Iterator[Any]:
        """Have the Pi's kernel note when each pin is set; gives a function that returns the pulses of a pin."""
        tracing = "/sys/kernel/tracing"
        self.run(f"echo >{tracing}/trace; echo 1 >{tracing}/events/gpio/gpio_value/enable")
        first = int(self.run("grep -lx pinctrl-bcm2835 /sys/class/gpio/*/label | tr -dc '[0-9]'").output)

        def pulses(pin: int) -> list[Pulse]:
            lines = self.run(f"grep 'gpio_value: {first + pin} set' {tracing}/trace").output
            marks = [(float(at), level == "1") for at, level in re.findall(r" ([\d.]+): gpio_value: \d+ set ([01])", lines)]
            return [Pulse(rose, fell - rose) for (rose, high), (fell, _) in pairwise(marks) if high]

        try:
            yield pulses
        finally:
            self.run(f"echo 0 >{tracing}/events/gpio/gpio_value/enable")


class Running:
    """A command that runs on the Pi beside others."""

    def __init__(self, pi: RaspberryPi, pid: int, log: str) -> None:
        self.pi, self.pid, self.log = pi, pid, log
        self.code: int | None = None

    def output(self) -> str:
        """Return what it has said so far."""
        return self.pi.run(f"cat {self.log}").output

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until it has said something so often."""
        deadline = time.monotonic() + PATIENCE
        while (said := self.output()).count(text) < times:
            assert self.pi.run(f"kill -0 {self.pid}").code == 0, f"it has ended: {said}"
            assert time.monotonic() < deadline, f"it does not say “{text}”: {said}"
            time.sleep(0.5)

    def stop(self) -> None:
        """Ask it to stop (SIGTERM), and wait until it has."""
        if self.code is None:
            self.code = self.pi.run(f"kill {self.pid}; wait {self.pid}").code
