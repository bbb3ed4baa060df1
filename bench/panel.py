"""What the panel costs a run: processor time a frame, memory, and the wait for the first picture."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.drawn import first_picture
from bench.idle import cpu_seconds_of
from bench.measure import ROOT, Row, Settings, each_round, memory_mb, percentile, take_turns

RATE = 30
STARTING = 4.0
"""Seconds until a run, its panel and its browsers have begun."""
MORE_MB = 25.0
PROJECT = """
inputs: {camera: {use: steady}}
models: {pet: {use: classifier, model: cat-dog, from: camera}}
outputs: {lamp: {use: led}, sink: {}}
rules:
  - {when: pet == "cat" and pet.score > 0.6, for: 0.5 s, then: [lamp.on], else: [lamp.off]}
  - {each: pet, then: [sink.show(pet.score)]}
"""
PLUGIN = """
from array import array
from dataclasses import dataclass, field
from pathlib import Path

from bench.overload import SteadyCamera
from bench.rig import Sink
from xmaker import Action, Frame, hookimpl


@dataclass
class Steady(SteadyCamera):
    use = "steady"
    _shown: int = field(init=False, default=0)

    def read(self):
        # each picture is one of its own, as a camera's is: the same one would be made a JPEG once for ever
        self._shown += 1
        return Frame(self._images[self._shown % len(self._images)].copy())


ages = array("d")


@hookimpl
def xmaker_nodes():
    return [Steady, Sink]


@hookimpl
def xmaker_event(event):
    if type(event.value) is Action and event.node == "sink":
        ages.append(event.time - event.cause.time)
        if len(ages) == 10:  # a third of a second: of short blocks, too, something is told
            with Path(__file__).with_name("ages").open("ab") as file:
                ages.tofile(file)
            del ages[:]
"""
BROWSERS = {"off": None, "off again": None, "nobody looks": 0, "one browser": 1, "five browsers": 5}
"""What is compared → how many browsers look at the panel; None without one."""


def run(settings: Settings) -> list[Row]:
    """Run the same project without a panel, and with one that nobody, one or five browsers look at, in turns."""
    seconds, memory, waits = settings.seconds or 10.0, dict[str, list[float]](), list[float]()
    ages: dict[str, list[float]] = {}
    with TemporaryDirectory() as folder:
        Path(folder, "plugins").mkdir()
        Path(folder, "project.yaml").write_text(PROJECT, encoding="utf-8")
        Path(folder, "plugins", "steady.py").write_text(PLUGIN, encoding="utf-8")

        def block(name: str) -> Callable[[], float]:
            def measure() -> float:
                with _running(folder, BROWSERS[name], waits) as pid:
                    told = Path(folder, "plugins", "ages")
                    told.unlink(missing_ok=True)
                    before, begun = cpu_seconds_of(pid), time.monotonic()
                    time.sleep(seconds)
                    used = (cpu_seconds_of(pid) - before) / (time.monotonic() - begun) / RATE
                    ages.setdefault(name, []).extend(array("d", told.read_bytes()) if told.exists() else ())
                    memory.setdefault(name, []).append(memory_mb(pid))
                return used

            return measure

        cpu = take_turns({name: block(name) for name in BROWSERS}, settings.rounds or 3)
        drawn = first_picture(Path(folder), settings.rounds or 3)
    off, control = statistics.median(cpu["off"]), each_round(lambda one, two: one - two, cpu["off"], cpu["off again"])
    rows = []
    for name in ("nobody looks", "one browser", "five browsers"):
        added = each_round(lambda with_it, one, two: with_it - (one + two) / 2, cpu[name], cpu["off"], cpu["off again"])
        beside = f"off {off * 1e3:.2f} ms"
        rows.append(Row(f"CPU added a frame, {name}", added * 1e3, "ms", None, f"A-A {control * 1e3:+.3f} ms", beside))
    without = statistics.median(memory["off"] + memory["off again"])
    for name in ("nobody looks", "one browser", "five browsers"):
        more = statistics.median(memory[name]) - without
        rows.append(Row(f"memory added, {name}", more, "MB", MORE_MB, beside=f"off {without:.0f} MB"))
    for name, found in ages.items():
        beside = f"p99 {percentile(found, 99) * 1e3:.1f} ms, {len(found)} frames"
        rows.append(Row(f"age of a frame at its action, {name}, p50", percentile(found, 50) * 1e3, "ms", beside=beside))
    return [*rows, Row("from the command to the first picture sent", statistics.median(waits), "s"), *drawn]


@contextmanager
def _running(folder: str, browsers: int | None, waits: list[float]) -> Iterator[int]:
    """Run the project; yield its process id when it and its browsers are at work."""
    command = [
        sys.executable,
        "-m",
        "xmaker",
        "run",
        folder,
        "--quiet",
        "--simulate",
        *(["--panel"] if browsers is not None else []),
    ]
    begun, lookers = time.monotonic(), list[subprocess.Popen[str]]()
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        if browsers is not None:
            assert run.stderr
            link = re.search(r"http://(\S+)/", run.stderr.readline())
            assert link, "the panel does not say where it is"
            for _ in range(browsers):
                looker = [sys.executable, "-m", "bench.programs", "browser", link[1]]
                lookers.append(subprocess.Popen(looker, stdout=subprocess.PIPE, text=True, cwd=ROOT))
        for looker in lookers[:1]:
            assert looker.stdout and looker.stdout.readline(), "no picture comes"
            waits.append(time.monotonic() - begun)
        time.sleep(max(0.0, begun + STARTING - time.monotonic()))
        assert run.poll() is None, "the run has ended"
        yield run.pid
    finally:
        for process in [*lookers, run]:
            process.kill()
            process.wait()
            for stream in filter(None, (process.stdout, process.stderr)):
                stream.close()
