"""Processor time of a project that has next to nothing to do: a sensor ten times a second, and a rule."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import Row, Settings, answer, child, memory_mb

LIMIT = 1.8
COMMAND_LIMIT, COMMAND_MB = 5.0, 32.0
"""The command has more to do than the runtime: it shows what happens, and watches over signals."""
PROJECT = """
inputs: {knob: {use: analog, every: 0.1 s}}
outputs: {lamp: led}
rules: [{when: knob > 0.5, then: [lamp.on], else: [lamp.off]}]
"""


def run(settings: Settings) -> list[Row]:
    """Watch three processes at the same time, a project and two bare loops; then the command `xmaker run`."""
    seconds = settings.seconds or 30.0
    started = [child(program, seconds) for program in ("idle_bare", "idle", "idle_bare")]
    bare, project, again = (answer(process) * 1e3 for process in started)
    own = f"bare {bare:.2f} ms/s"
    first = Row("CPU idle, a 10 Hz sensor and a rule", project, "ms/s", LIMIT, f"A/A {bare / again:.2f}", own)
    return [first, *_command(seconds)]


def _command(seconds: float) -> list[Row]:
    """Watch `xmaker run` from outside: a simulated sensor ten times a second, a rule and an LED."""
    with TemporaryDirectory() as folder:
        Path(folder, "project.yaml").write_text(PROJECT, encoding="utf-8")
        command = [sys.executable, "-m", "xmaker", "run", folder, "--simulate", "--for", f"{seconds + 30:g}s"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(3.0)  # it starts
            before, begun = cpu_seconds_of(process.pid), time.monotonic()
            time.sleep(seconds)
            used = (cpu_seconds_of(process.pid) - before) / (time.monotonic() - begun)
            memory = memory_mb(process.pid)
        finally:
            process.kill()
            process.wait()
    name = "xmaker run, a simulated 10 Hz sensor and an LED"
    return [Row(f"CPU of {name}", used * 1e3, "ms/s", COMMAND_LIMIT), Row(f"memory of {name}", memory, "MB", COMMAND_MB)]


def cpu_seconds_of(pid: int) -> float:
    """Return the processor time that all threads of a process have had, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="utf-8").split()[0]) for task in tasks) / 1e9
