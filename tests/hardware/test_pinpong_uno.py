"""The driver pinpong on a simulated Arduino UNO: the real library, DFRobot's real firmware, levels and pulses on its pins."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from xmaker_pinpong import Pinpong

from xmaker import DeviceError, Driver, Project, Runtime, XMakerError, hookimpl
from xmaker.testing import as_project, wait_until

pytestmark = pytest.mark.slow

BENCH = """
inputs: {knob: {use: analog, pin: A0, driver: pinpong}}
outputs:
  lamp: {use: led, pin: D13, driver: pinpong}
  arm: {use: servo, pin: D9, driver: pinpong}
rules: [{each: knob, then: [lamp.brightness(knob), arm.angle(knob * 180)]}]
"""
DIMMER = """
inputs: {knob: {use: analog, pin: A0, driver: pinpong}}
outputs: {lamp: {use: led, pin: D6, driver: pinpong}}
rules: [{each: knob, then: [lamp.brightness(knob)]}]
"""


class Run:
    """A project that runs on the simulated board, and what it reports."""

    def __init__(self, text: str) -> None:
        self.project: Project = as_project(text)
        self.errors: list[XMakerError] = []
        self.notices: list[str] = []
        self.project.plugins.manager.register(self)
        self.runtime = Runtime(self.project.plugins)
        self.runtime.apply(self.project)

    @hookimpl
    def xmaker_error(self, error: XMakerError) -> None:
        self.errors.append(error)

    @hookimpl
    def xmaker_event(self, event: Any) -> None:
        if hasattr(event.value, "notice"):
            self.notices.append(f"{event.value.code} {event.value.notice}")

    @property
    def driver(self) -> Any:
        return self.runtime.hardware._drivers["pinpong", ""]

    def all_on(self) -> bool:
        return all(worker.state == "on" for worker in self.runtime.workers.values())

    def back(self) -> list[str]:
        return sorted(notice.split()[1] for notice in self.notices if notice.startswith("XM503"))

    def codes(self, node: str) -> list[str]:
        return [error.code for error in self.errors if error.node == node]  # type: ignore[attr-defined]


@pytest.fixture
def run(uno: Any) -> Iterator[Callable[[str], Run]]:
    runs: list[Run] = []

    def start(text: str) -> Run:
        runs.append(Run(text))
        wait_until(runs[-1].all_on, 15)
        return runs[-1]

    yield start
    for started in runs:
        started.runtime.stop()


@pytest.fixture
def driver(uno: Any) -> Iterator[Driver]:
    made = Pinpong()
    yield made
    made.close()


def test_a_project_reads_a_knob_lights_a_lamp_and_turns_a_servo(uno: Any, run: Callable[[str], Run]) -> None:
    running = run(BENCH)
    for volts, lit in ((1.25, 0), (3.75, 1), (5.0, 1), (0.0, 0)):
        uno.voltage(0, volts)
        wait_until(lambda lit=lit: uno.level(13) == lit)
        width = 544 + volts / 5 * (2400 - 544)
        wait_until(lambda width=width: abs(uno.pulse(9)[0] - width) < 15)
        wait_until(lambda: abs(uno.pulse(9)[1] - 20_000) < 100)
    uno.voltage(0, 5.0)
    wait_until(lambda: uno.level(13) == 1)
    running.runtime.stop()
    assert (uno.level(13), uno.level(9), running.errors) == (0, None, [])  # dark, and the servo is released


def test_a_project_dims_a_lamp(uno: Any, run: Callable[[str], Run]) -> None:
    running = run(DIMMER)
    for level in (0.1, 0.5, 0.9, 0.25):
        uno.voltage(0, 5 * level)
        wait_until(lambda level=level: abs(uno.duty(6) - level) < 0.03)
        wait_until(lambda: abs(uno.pulse(6)[1] - 10_000) < 100)
    assert running.errors == []


def test_a_button_a_tone_an_ultrasonic_sensor_and_pixels(uno: Any, driver: Driver) -> None:
    button = driver.open("input", "D7")
    for level in (1, 0, 1):
        uno.connect(7, level)
        wait_until(lambda level=level: button.read() == level)
    tone = driver.open("tone", "8")
    for frequency in (440, 880):
        tone.write(frequency)
        wait_until(lambda frequency=frequency: abs(1e6 / max(1, uno.pulse(8)[1]) - frequency) < 2)
    tone.write(0)
    wait_until(lambda: uno.level(8) == 0)
    sensor, before = driver.open("distance", "D3", "D2"), uno.pulse(3)[2]
    wait_until(lambda: uno.pulse(3)[2] > before + 2)  # it is triggered again and again
    assert sensor.read() == 4.0  # and nothing comes back
    strip, before = driver.open("pixels", "D4", count=8), uno.pulse(4)[2]
    strip.write([(255, 0, 0)] * 8)
    wait_until(lambda: uno.pulse(4)[2] == before + 2 * 8 * 24 * 1)  # 24 bits for each of 8 lamps, up and down
    with pytest.raises(DeviceError, match="The sensor on D10 does not answer"):
        driver.open("dht", "D10", model=11).read()


def test_of_two_thousand_writes_the_last_one_arrives(uno: Any, driver: Driver) -> None:
    lamp, other = driver.open("output", "D13"), driver.open("output", "D12")
    for round_ in range(3):
        for number in range(2000):
            lamp.write(number % 2)
            other.write(1 - number % 2)
        wait_until(lambda: (uno.level(13), uno.level(12)) == (1, 0), 1)
        assert uno.pulse(13)[2] < 50 * (round_ + 1)  # what the board cannot hear is not even sent


def test_a_board_that_is_pulled_out_is_reported_once_and_comes_back(uno: Any, run: Callable[[str], Run]) -> None:
    running = run(BENCH)
    uno.voltage(0, 5.0)
    wait_until(lambda: uno.level(13) == 1)
    uno.pull_out()
    wait_until(lambda: running.codes("knob") == ["XM636"])
    wait_until(lambda: running.runtime.workers["knob"].lost, 15)
    assert running.codes("knob") == ["XM636"] and set(running.codes("lamp")) <= {"XM636"}
    uno.plug_in()
    uno.voltage(0, 5.0)
    wait_until(lambda: "knob" in running.back(), 30)
    uno.voltage(0, 4.5)
    wait_until(lambda: uno.level(13) == 1 and abs(uno.pulse(9)[0] - 2214) < 15, 30)
    assert len(running.codes("lamp")) <= 1 and len(running.codes("arm")) <= 1


@pytest.mark.parametrize(
    ("number", "code", "words"), [(signal.SIGKILL, "XM638", "signal 9"), (signal.SIGSTOP, "XM643", "for 3 seconds")]
)
def test_a_child_that_dies_or_hangs_is_reported_once_and_comes_back(
    uno: Any, run: Callable[[str], Run], number: signal.Signals, code: str, words: str
) -> None:
    running = run(BENCH)
    uno.voltage(0, 5.0)
    wait_until(lambda: uno.level(13) == 1)
    os.kill(running.driver._link.process.pid, number)
    wait_until(lambda: running.codes("knob") == [code], 10)
    wait_until(lambda: "knob" in running.back(), 30)
    uno.voltage(0, 4.5)
    wait_until(lambda: abs(uno.pulse(9)[0] - 2214) < 15, 30)
    assert running.codes("knob") == [code] and words in str(running.errors[0])


def test_a_board_that_falls_silent_is_lost(uno: Any, driver: Driver) -> None:
    button = driver.open("input", "D7")
    uno.hang()
    with pytest.raises(DeviceError, match=f"The board on {uno.port} no longer answers"):
        wait_until(lambda: button.read() is None, 6)


def test_the_child_is_quiet_ignores_ctrl_c_and_hardly_uses_the_processor(
    uno: Any, driver: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    import time

    driver.open("output", "D13").write(1)
    child = driver._link.process.pid
    os.kill(child, signal.SIGINT)
    before = _processor_seconds(child)
    time.sleep(4)
    assert (_processor_seconds(child) - before) / 4 < 0.08  # about 1.5 %; 31 % with pinpong's own sleep
    assert driver._link.lost is None and capfd.readouterr() == ("", "")
    driver.close()
    assert driver._link.process.returncode == 0
    assert uno.level(13) == 0  # the child itself left it dark


def _processor_seconds(process: int) -> float:
    with open(f"/proc/{process}/stat") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
