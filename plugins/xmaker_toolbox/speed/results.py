"""What a measurement finds, and the file that it is kept in, so that boards can be compared."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import msgspec

from xmaker import Plugins, ProjectError, __version__
from xmaker_toolbox.files import whole

What = Literal["network", "picture"]
"""The network alone on its input, or a whole picture: prepared, run, decoded."""
SLOW = 30.0
"""Seconds a picture from which on the table says only `*`, as the tutorial's does."""
PACKAGES = ("onnxruntime", "openvino", "ai-edge-litert", "ncnn", "numpy", "opencv-python-headless")


class Speed(msgspec.Struct, frozen=True):
    """How fast one engine runs one file with so many threads. Times are of one picture, in milliseconds; 0 is not measured."""

    model: str
    """Its name, the same for its FP32 and its INT8 file."""
    file: str
    precision: str
    """FP32, FP16 or INT8."""
    megabytes: float
    """Of the file, weights that lie beside it included; 1 MB is 1,000,000 bytes."""
    engine: str
    threads: int
    what: What = "network"
    """What was measured."""
    runs: int = 0
    mean_ms: float = 0.0
    """Of the first ten runs after one that does not count."""
    median_ms: float = 0.0
    p99_ms: float = 0.0
    """99 of 100 runs took no longer; with fewer than 100 runs it is the longest."""
    cpu_ms: float = 0.0
    """The processor's time, all threads together."""
    ratio: float | None = None
    """Its time by that of the model's own file in the usual engine with one thread, which ran in between; of the network alone.
    None when a picture takes so long that they were not compared."""
    agreement: float | None = None
    """How alike its answers are to those of the model's own file: the cosine of the angle between them. None when they were not
    compared, or when nobody says what pictures the network wants."""
    peak_mb: float = 0.0
    """The most memory that its process has had, Python and libraries included."""
    load_ms: float = 0.0
    """Loading it a second time: the first time some engines prepare it, and keep that."""
    slow: bool = False
    """Whether a picture takes more than 30 s: the tutorial's `*`. There is one run, or none that came to an end."""
    error: str = ""

    @property
    def per_second(self) -> float:
        """Pictures a second; 0 when that was not measured."""
        return 1000 / self.mean_ms if self.mean_ms else 0.0


class Machine(msgspec.Struct, frozen=True):
    """The board that was measured on, and how busy it was before."""

    board: str
    processor: str
    cores: int
    memory_mb: int
    system: str
    governor: str
    """How Linux chooses the processor's clock: `performance` is always the highest."""
    load: float
    """How many programs wanted to run, on average of the minute before; more than a few tenths disturb what is measured."""


class Benchmark(msgspec.Struct, frozen=True):
    """All that was measured in one go: the content of a JSON file."""

    machine: Machine
    date: str
    versions: dict[str, str]
    speeds: list[Speed]
    settings: str = "batch 1; threads sleep between two pictures (no spinning)"
    kind: Literal["xmaker-bench-1"] = "xmaker-bench-1"

    @classmethod
    def now(cls, speeds: Sequence[Speed], machine: Machine) -> Benchmark:
        versions = {"xmaker": __version__, "python": platform.python_version()}
        for package in PACKAGES:
            with suppress(PackageNotFoundError):
                versions[package] = version(package)
        return cls(machine, datetime.now().astimezone().isoformat(timespec="seconds"), versions, list(speeds))

    @classmethod
    def read(cls, path: Path) -> Benchmark:
        """Raises ProjectError when it is no file that `--json` has written."""
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ProjectError.of("XM458", file=path, reason=reason) from None

    def write(self, path: Path) -> None:
        with whole(path) as part:
            part.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n")


def this_machine(plugins: Plugins) -> Machine:
    """Describe this board; a computer that is none is called by its processor."""
    board, processor = plugins.board(), _processor()
    name = processor if board.simulated else board.title
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return Machine(name, processor, os.cpu_count() or 1, _memory(), system, _governor(), round(load, 2))


def _processor() -> str:
    for line in _lines("/proc/cpuinfo"):
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Model", "Hardware"):
            return value.strip()
    return platform.processor() or platform.machine()


def _memory() -> int:
    total = next((line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal:")), "0")
    return round(int(total) * 1024 / 1e6)


def _governor() -> str:
    return next(iter(_lines("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")), "")


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def told_apart(benchmarks: Sequence[Benchmark], names: Sequence[str]) -> list[Benchmark]:
    """Return them with another name for each board, where several are of one: before and after a change."""
    boards = [one.machine.board for one in benchmarks]
    called = [board if boards.count(board) == 1 else f"{board} ({name})" for board, name in zip(boards, names, strict=True)]
    machines = [msgspec.structs.replace(one.machine, board=name) for one, name in zip(benchmarks, called, strict=True)]
    return [msgspec.structs.replace(one, machine=machine) for one, machine in zip(benchmarks, machines, strict=True)]
