"""The table of checks, and how it is worked through: all at once, each guarded, none for longer than it may take."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from xmaker import Plugins
from xmaker_doctor.cameras import cameras
from xmaker_doctor.computer import board, clock, disk, engine, memory, plugins, python, venv
from xmaker_doctor.findings import Finding, Machine, broken, notice
from xmaker_doctor.outside import screen, serial
from xmaker_doctor.pins import i2c, pins
from xmaker_doctor.sound import sound, speech

Check = Callable[[Machine], list[Finding]]
CHECKS: Sequence[tuple[str, Check]] = (
    ("board", board),
    ("python", python),
    ("venv", venv),
    ("memory", memory),
    ("disk", disk),
    ("clock", clock),
    ("plugins", plugins),
    ("engine", engine),
    ("pins", pins),
    ("i2c", i2c),
    ("camera", cameras),
    ("microphone", sound),
    ("screen", screen),
    ("speech", speech),
    ("serial", serial),
)
SECONDS = 20.0
"""How long all the checks may take together; each has shorter limits of its own."""


def this_machine() -> Machine:
    """Return the computer that this is, with the plugins of the project in this folder, if it is one."""
    loaded = Plugins.load(Path.cwd() if Path("project.yaml").is_file() else None)
    return Machine(loaded.board(), loaded)


def examine(machine: Machine, checks: Iterable[tuple[str, Check]] = CHECKS, seconds: float = SECONDS) -> Iterator[Finding]:
    """Do every check on a thread of its own, and give what was found in the order of the table."""
    results: dict[str, list[Finding]] = {}

    def work(thing: str, check: Check) -> None:
        results[thing] = _guarded(thing, check, machine)

    threads = {thing: threading.Thread(target=work, args=(thing, check), daemon=True) for thing, check in checks}
    deadline = time.monotonic() + seconds
    for thread in threads.values():
        thread.start()
    for thing, thread in threads.items():
        thread.join(max(0.0, deadline - time.monotonic()))
        yield from results.get(thing, [broken(thing, "XM888", seconds=f"{seconds:g}")])


def _guarded(thing: str, check: Check, machine: Machine) -> list[Finding]:
    try:
        return check(machine)
    except subprocess.TimeoutExpired as slow:
        return [broken(thing, "XM888", seconds=f"{slow.timeout:g}")]
    except Exception as error:  # noqa: BLE001  # a broken check must not hide what the others found
        return [notice(thing, "XM887", reason=f"{type(error).__name__}: {error}")]
