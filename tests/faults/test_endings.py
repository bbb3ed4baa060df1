"""Ways in which a run ends: Ctrl-C, `kill`, a terminal that is closed, a reader that goes away, and no end at all."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from typing import Any

import pytest

ROOM = "inputs: {room: {use: analog}}\n"
LAMP = "lamp: {use: led, pin: 1, driver: files}"
LIT = "rules: [{when: room >= 0, then: [lamp.on], else: [lamp.off]}]"
PROJECT = f"{ROOM}outputs: {{{LAMP}}}\n{LIT}"


@pytest.mark.parametrize(
    ("number", "fault"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM (`kill`, a service's end)")]
)
def test_a_signal_ends_it(run: Any, row: Any, number: signal.Signals, fault: str) -> None:
    """A signal"""
    row.fault, row.recovers = fault, "ends, as asked"
    child = run(PROJECT)
    child.wait("lamp", "on")
    child.now()
    child.end(number)
    assert row.sees == ["Stopped."]
    assert child.is_safe()


def test_ctrl_c_three_times(run: Any, row: Any) -> None:
    """Ctrl-C twice and once more, while an output takes 0.8 s for its `safe`"""
    child = run(f"{ROOM}outputs: {{{LAMP}, motor: slow_safe}}\n{LIT}")
    child.wait("lamp", "on")
    child.now()
    child.end(signal.SIGINT, signal.SIGINT, signal.SIGINT)
    row.recovers = "ends once, as asked"
    assert row.sees == ["Stopped."]
    assert child.is_safe() and (child.folder / "safe").exists()


def test_ctrl_c_before_it_has_begun(run: Any, row: Any) -> None:
    """Ctrl-C while it still starts"""
    child = run(PROJECT)
    time.sleep(0.15)
    child.now()
    child.end()
    row.recovers = "ends, as asked"


def test_the_terminal_is_closed(run: Any, row: Any, in_terminal: Any) -> None:
    """The terminal window is closed (SIGHUP)"""
    child = run(PROJECT, kind=in_terminal)
    child.wait("lamp", "on")
    child.now()
    child.deaf()
    child.ended(time.monotonic(), 130, 1)  # 1 when the live view was just being drawn
    row.recovers, row.sees = "ends", ["(there is nothing to see it on)"]
    assert child.is_safe()


def test_ctrl_c_typed_in_the_live_view(run: Any, row: Any, in_terminal: Any) -> None:
    """Ctrl-C typed again and again in the live view"""
    child = run(PROJECT, kind=in_terminal)
    child.wait("lamp", "on")
    child.now()
    begun = time.monotonic()
    for _ in range(15):
        child.type(b"\x03")
        time.sleep(0.01)
    child.ended(begun, 130)
    row.recovers, row.sees = "ends once, as asked", [line for _, line in child.lines if "Stopped." in line]
    assert len(row.sees) <= 1  # a terminal throws away what it has not shown yet when Ctrl-C is pressed
    assert "KeyboardInterrupt" not in "".join(line for _, line in child.lines)
    assert child.is_safe()


@pytest.mark.parametrize("flag", [(), ("--json",), ("--quiet",)], ids=" ".join)
def test_nobody_reads_any_more(run: Any, row: Any, flag: tuple[str, ...]) -> None:
    """What it prints goes to `head -1`"""
    printing = ", console: {}}\n" + LIT[:-1] + ", {each: room, then: ['console.print(\"{room}\")']}]"
    child = run(f"{ROOM}outputs: {{{LAMP}{printing}", *flag)
    child.wait("")
    child.now()
    child.deaf()
    child.ended(time.monotonic(), 1)
    row.fault += f" ({' '.join(flag)})" if flag else ""
    row.recovers, row.sees = "ends with its next line", ["nothing"]
    assert child.is_safe()


def test_it_is_killed_outright_while_it_writes_a_log(run: Any, row: Any) -> None:
    """`kill -9`, as in a power cut, while a log is written; then the run is started again"""
    project = f"{ROOM}outputs: {{{LAMP}, log: {{from: room, file: room.csv}}}}\n{LIT}"
    child = run(project)
    child.wait("lamp", "on")
    time.sleep(1.0)
    child.now()
    child.end(signal.SIGKILL, codes=(-9,))
    log = child.folder / "room.csv"
    lines = log.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "time,node,value" and len(lines) > 10
    assert all(re.fullmatch(r"[-\d]+ [:.\d]+,room,[.\d]+", line) for line in lines[1:])
    with log.open("a") as file:
        file.write("2026-01-31 12:3")  # as a real power cut may leave it
    again = subprocess.run([*child.process.args, "--for", "500ms"], env=child.env, capture_output=True, text=True)
    assert (again.returncode, again.stderr) == (0, "")
    longer = log.read_text(encoding="utf-8-sig").splitlines()
    assert longer[: len(lines)] == lines and len(longer) > len(lines) + 3
    assert all(re.fullmatch(r"[-\d]+ [:.\d]+,room,[.\d]+", line) for line in longer[1:])
    assert child.is_safe()  # by the second run; the first had no chance
    row.recovers = f"all {len(lines) - 1} lines of the log are whole; the next run goes on after them"
    row.outputs = "a pin stays as it was, until the next run"


def test_a_plugin_spins(run: Any, row: Any) -> None:
    """A node's `read` uses the whole processor and never returns"""
    child = run(PROJECT.replace("room: {", "odd: spins, room: {"))
    child.wait("lamp", "on")
    child.now()
    child.end()
    row.recovers = "the other nodes go on"
    assert child.is_safe()
