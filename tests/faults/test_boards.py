"""An Arduino UNO that is pulled out, and a pinpong that ends or hangs. The board is DFRobot's firmware in a simulator."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from xmaker.testing import wait_until

pytestmark = pytest.mark.slow

BENCH = """
inputs: {knob: {use: analog, pin: A0, driver: pinpong}}
outputs:
  light: {use: led, pin: D13, driver: pinpong}
  lamp: {use: led, pin: 1, driver: files}
rules: [{when: knob > 0.5, then: [light.on, lamp.on], else: [light.off, lamp.off]}]
"""
AWAY = 3.0


def lit(uno: Any) -> bool:
    return uno.level(13) == 1


def pinpong_of(pid: int) -> int:
    """Return the process in which pinpong runs."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    (child,) = {int(word) for task in tasks for word in task.read_text().split()}
    return child


@pytest.fixture
def bench(run: Any, uno: Any) -> Any:
    """A project on the board, with its light on."""
    uno.voltage(0, 5.0)
    child = run(BENCH, XMAKER_PINPONG_PORT=uno.port)
    wait_until(lambda: lit(uno), 20)
    child.wait("lamp", "on")
    child.now()
    return child


def comes_back(child: Any, uno: Any, row: Any, told: float) -> None:
    """Check that everything works again, and that each trouble was told of once."""
    uno.voltage(0, 5.0)
    child.wait("light is back.", seconds=40)
    back = child.wait("knob is back.", seconds=40)
    wait_until(lambda: lit(uno), 20)
    row.recovers = f"yes; told after {told:.1f} s, back after {back:.1f} s"
    child.end()
    wait_until(lambda: uno.level(13) != 1)
    row.outputs = "the board's light too"
    assert child.is_safe()
    assert sum("error" in line for _, line in child.lines) == 1


def test_the_board_is_pulled_out(bench: Any, uno: Any, row: Any) -> None:
    """A board is unplugged for 3 s"""
    uno.pull_out()
    told = bench.wait(f"error XM636: The board on {uno.port} no longer answers.")
    bench.wait("lamp", "off")
    time.sleep(AWAY - told)
    uno.plug_in()
    bench.now()
    comes_back(bench, uno, row, told)
    row.outputs += "; pulled out, a board goes dark by itself; others take `else`"


def test_the_board_is_away_at_the_start(run: Any, uno: Any, row: Any) -> None:
    """A board is plugged in 3 s after the start"""
    uno.pull_out()
    child = run(BENCH, XMAKER_PINPONG_PORT=uno.port)
    child.now()
    told = child.wait("error XM630: No board “uno” can be reached")
    time.sleep(AWAY)
    uno.plug_in()
    child.now()
    comes_back(child, uno, row, told)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGKILL, "error XM638: pinpong has stopped (signal 9)."),
        (signal.SIGSTOP, "error XM643: pinpong has not answered for 3 seconds."),
    ],
    ids=["exits", "hangs"],
)
def test_pinpong(bench: Any, uno: Any, row: Any, number: int, words: str, request: Any) -> None:
    """pinpong's process"""
    row.fault += f" {request.node.callspec.id}"
    os.kill(pinpong_of(bench.process.pid), number)
    told = bench.wait(words)
    bench.wait("lamp", "off")
    comes_back(bench, uno, row, told)


def test_it_is_stopped_while_pinpong_hangs(bench: Any, uno: Any, row: Any) -> None:
    """pinpong's process hangs, and the run is stopped meanwhile"""
    os.kill(pinpong_of(bench.process.pid), signal.SIGSTOP)
    time.sleep(0.5)
    bench.now()
    bench.end()
    row.recovers, row.outputs = "no", "the board's light stays on, and this is said; the other lamp is " + row.outputs
    assert bench.is_safe()
    assert bench.said("error XM756: light could not be stopped in time.")


def test_it_is_stopped_while_the_board_starts(run: Any, uno: Any, row: Any) -> None:
    """The run is stopped while a board still starts"""
    child = run(BENCH, XMAKER_PINPONG_PORT=uno.port)
    child.wait("no board that XMaker knows")
    time.sleep(0.5)
    child.now()
    child.end()
    row.recovers = "ends, as asked"
    assert row.sees == ["Stopped."]


def test_it_is_killed_outright(bench: Any, uno: Any, row: Any) -> None:
    """`kill -9` with a board on USB"""
    bench.end(signal.SIGKILL, codes=(-9,))
    wait_until(lambda: not lit(uno), 5)
    row.sees, row.recovers = ["Killed (says the shell)"], "no"
    row.outputs = "pinpong's process puts the board's light out; a lamp on a pin of the computer is " + row.outputs


def test_two_projects_want_one_board(bench: Any, uno: Any, run: Any, row: Any) -> None:
    """A second project wants the same board"""
    second = run(BENCH, XMAKER_PINPONG_PORT=uno.port)
    second.now()
    second.wait(f"error XM642: Another program is using the board on {uno.port}.")
    assert lit(uno)
    bench.end()
    told = [line for _, line in second.lines if "XM642" in line or "→" in line]
    second.now()
    second.wait("light is back.", seconds=40)
    row.recovers = f"yes: the second has it {second.wait('knob is back.', seconds=40):.1f} s after the first has ended"
    second.end()
    row.sees = told
    assert bench.said("error") == []
