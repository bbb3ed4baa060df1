"""Checks of the computer itself: board, Python, room, clock, plugins, engine."""

from __future__ import annotations

import shutil
import sysconfig
import time
from pathlib import Path

from xmaker import XMakerError
from xmaker_doctor.children import ChildError, call
from xmaker_doctor.findings import Finding, Machine, broken, fine, notice, of_error, phrase

NEEDED = 100
"""Megabytes that the project cat_dog takes at its peak."""
FEW_MB, TOO_FEW_MB = 500, 50
"""Free megabytes on the disk below which it is worth a word, and below which nothing works any more."""
BAD_ON_ARM = "1.21.0"
"""This release of onnxruntime dies with an illegal instruction on Cortex-A35 and A53."""
SECONDS = 18.0
"""How long loading the engine may take on a slow board."""


def board(machine: Machine) -> list[Finding]:
    known = machine.board
    if known.simulated:
        return [fine("board", phrase("XM862", 0))]
    try:
        machine.plugins.driver(known.driver)
    except XMakerError as error:
        return [of_error("board", error)]
    return [fine("board", phrase("XM862", 1, title=known.title, driver=known.driver))]


def python(machine: Machine) -> list[Finding]:
    return [fine("python", f"{machine.python[0]}.{machine.python[1]}, {machine.arch}, 64-bit")]


def venv(machine: Machine) -> list[Finding]:
    is_pi, flag = machine.board.name == "pi", "--system-site-packages "
    if machine.prefix == machine.base_prefix:
        if not (Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED").exists():
            return [fine("venv", phrase("XM864", 0))]
        command = f"python3 -m venv {flag if is_pi else ''}~/xmaker && . ~/xmaker/bin/activate"
        return [notice("venv", "XM867", command=command)]
    settings = Path(machine.prefix) / "pyvenv.cfg"
    words = settings.read_text(encoding="utf-8").lower().replace(" ", "") if settings.is_file() else ""
    sees = "include-system-site-packages=true" in words
    if not is_pi or (sees and machine.base_prefix == "/usr"):
        return [fine("venv", phrase("XM864", 1 + sees, path=machine.prefix))]
    if machine.base_prefix == "/usr":
        change = "s/\\(include-system-site-packages = \\)false/\\1true/"
        return [notice("venv", "XM866", command=f"sed -i '{change}' {settings}")]
    return [
        notice("venv", "XM866", command=f"/usr/bin/python3 -m venv {flag}~/xmaker && ~/xmaker/bin/pip install 'xmaker[pi]'")
    ]


def memory(machine: Machine) -> list[Finding]:
    rows = dict(line.split(":", 1) for line in machine.text("proc/meminfo").splitlines() if ":" in line)
    if "MemAvailable" not in rows:
        return []  # another kind of system
    free, total = (int(rows[name].split()[0]) // 1024 for name in ("MemAvailable", "MemTotal"))
    if free < NEEDED * 1.2:
        return [notice("memory", "XM868", free=free, need=NEEDED)]
    return [fine("memory", phrase("XM863", 0, free=free, total=total, need=NEEDED))]


def disk(machine: Machine) -> list[Finding]:
    return [disk_of(shutil.disk_usage(Path.cwd()).free // 1_000_000)]


def disk_of(free: int) -> Finding:
    """Say whether so many free megabytes are enough."""
    if free < FEW_MB:
        return (broken if free < TOO_FEW_MB else notice)("disk", "XM869", free=free)
    return fine("disk", phrase("XM863", 1, free=free))


def clock(machine: Machine) -> list[Finding]:
    now = time.localtime(machine.now)
    date = time.strftime("%Y-%m-%d %H:%M", now)
    return [broken("clock", "XM870", date=date) if now.tm_year < 2024 else fine("clock", date)]


def plugins(machine: Machine) -> list[Finding]:
    machine.plugins.models()  # a plugin may fail only when it is asked
    bad = [of_error("plugins", state.error) for state in machine.plugins.failed() if state.error]
    on = sum(state.state == "on" for state in machine.plugins.states)
    return bad or [fine("plugins", phrase("XM863", 2, count=on))]


def engine(machine: Machine) -> list[Finding]:
    if not machine.has("onnxruntime"):
        return [broken("engine", "XM601", library="onnxruntime", command="pip install onnxruntime")]
    if machine.version("onnxruntime") == BAD_ON_ARM and machine.arch == "aarch64":
        return [broken("engine", "XM896")]
    try:
        return [fine("engine", f"onnxruntime {call('computer', 'engine_version', seconds=SECONDS)}")]
    except ChildError as error:
        command = "pip install --force-reinstall onnxruntime"
        return [broken("engine", "XM871", library="onnxruntime", reason=error, command=command)]


def engine_version() -> str:
    """Load the engine; in a process of its own, because one that does not fit the processor ends it."""
    import os

    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    return str(onnxruntime.__version__)
