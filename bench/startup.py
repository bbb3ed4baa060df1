"""How soon and how small: importing, memory, and the first result of `xmaker run cat_dog` against the bare loop's."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import threading
import time
from functools import partial

from bench.measure import ROOT, Row, Settings, added_to_bare, against_bare, answer, child, memory_mb, take_turns
from bench.networks import network_file, plugins_with_networks

MEDIA = ROOT / "projects" / "cat_dog" / "media"
COMMAND_LINE = "from xmaker.cli import main; main()"
COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Modules are compiled once and kept, as on a user's computer: whoever develops may have switched that off."""
IMPORTS = {
    "import xmaker": ("import xmaker", 60.0),
    "import every public name": ("import xmaker\nfor name in dir(xmaker): getattr(xmaker, name)", None),
}


def run(settings: Settings) -> list[Row]:
    """Measure one process after the other, taking turns."""
    rounds = settings.rounds or 15
    rows = [_import(title, code, limit, rounds) for title, (code, limit) in IMPORTS.items()]
    seconds = settings.seconds or 2.0
    bare, project = (answer(child(program, seconds)) for program in ("nothing", "timer"))
    rows.append(Row("memory without an engine, a timer and a rule", project, "MB", 26.0, beside=f"python alone {bare:.1f} MB"))
    return rows + _first_result(settings, max(1, rounds // 2))


def _import(title: str, code: str, limit: float | None, rounds: int) -> Row:
    def seconds(program: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=COMPILED)
        return time.perf_counter() - start

    programs = {"bare": "pass", "project": code, "bare again": "pass"}
    times = take_turns({name: partial(seconds, program) for name, program in programs.items()}, rounds)
    added, control = added_to_bare(times)
    beside = f"{statistics.median(times['project']) * 1e3:.1f} ms, python alone {statistics.median(times['bare']) * 1e3:.1f} ms"
    return Row(f"{title}, added", added * 1e3, "ms", limit, f"A-A {control * 1e3:+.1f} ms", beside)


def _first_result(settings: Settings, rounds: int) -> list[Row]:
    network, _ = network_file(plugins_with_networks(settings, ("int8",)), "cat-dog-int8")
    seconds, peaks = settings.seconds or 5.0, dict[str, list[float]]()
    bare = [sys.executable, "bench/bare_pictures.py", "60", str(MEDIA), str(network)]
    project = [sys.executable, "-c", COMMAND_LINE, "run", "cat_dog", "--json", "--for", "60 s"]

    def block(name: str, command: list[str]) -> float:
        first, peak = _watch(command, seconds)
        peaks.setdefault(name, []).append(peak)
        return first

    commands = {"bare": bare, "project": project, "bare again": bare}
    first = take_turns({name: partial(block, name, command) for name, command in commands.items()}, rounds)
    ratio, control = against_bare(first)
    high = {name: statistics.median(sizes) for name, sizes in peaks.items()}
    beside = f"{statistics.median(first['project']) * 1e3:.0f} ms, bare {statistics.median(first['bare']) * 1e3:.0f} ms"
    again, own = f"A-A {high['bare'] - high['bare again']:+.1f} MB", f"bare {high['bare']:.1f} MB"
    return [
        Row("peak memory, `xmaker run cat_dog` on pictures", high["project"], "MB", 115.0, again, own),
        Row("first result from process start", ratio, "x bare", 1.5, f"A/A {control:.3f}", beside),
    ]


def _watch(command: list[str], more: float) -> tuple[float, float]:
    """Run a command until `more` seconds after its first label; return the seconds until that, and its highest memory."""
    start, first, sizes = time.perf_counter(), math.nan, list[float]()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", cwd=ROOT, env=COMPILED
    )
    said = ""

    def watch_memory() -> None:
        while process.poll() is None:
            sizes.append(memory_mb(process.pid, "VmHWM"))
            time.sleep(0.02)

    watcher = threading.Thread(target=watch_memory)
    watcher.start()
    assert process.stdout  # a pipe was asked for
    with process.stdout:
        for line in process.stdout:
            said = line
            if math.isnan(first) and '"label"' in line:
                first = time.perf_counter() - start
                threading.Timer(more, process.terminate).start()
    watcher.join()
    if math.isnan(first):
        raise RuntimeError(f"{' '.join(command)} gave no result: {said}")
    return first, max((size for size in sizes if size > 0), default=math.nan)
