"""The driver pinpong without a board: how it bears with a pinpong that exits, hangs, prints or is not there."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from xmaker_pinpong import Pinpong, link

from xmaker import DeviceError, MissingDependency
from xmaker.testing import wait_until

FAKE = """
import os, signal, sys, time
from pathlib import Path
HERE = Path(__file__).parent
class Pin:
    OUT, IN = 0, 1
    def __init__(self, number, mode=None):
        self.number = self.pin = self.apin = number
        if number == 7: raise ValueError("pin 7 is broken", "so it is")
    def write_digital(self, value):
        print("printed by pinpong")
        with (HERE / "written").open("a") as file: file.write(f"{self.number}={value}\\n")
        if (HERE / "exit").exists(): sys.exit(0)
        if (HERE / "hang").exists(): time.sleep(60)
class Firmata:
    query_reply_data = {0x79: ""}
    sleep_tune = 1e-6
    serial_port = type("Port", (), {"fileno": lambda self: 0, "in_waiting": 0})()
    def _send_sysex(self, command):
        if (HERE / "gone").exists(): sys.exit(0)
        if not (HERE / "silent").exists(): self.query_reply_data[command] = "2.8 "
class Board:
    def __init__(self, name, port=None):
        signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
        if (HERE / "slow").exists(): time.sleep(60)
        if (HERE / "none").exists(): print("Please connect the development board !!!"); exit(1)
        self.port, self.board = f"/dev/fake{os.getppid()}", Firmata()
    def begin(self): print("a banner")
"""


class Fake:
    """A pinpong that does what a test tells it, found by the child before any real one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "pinpong"
        self.folder.mkdir()
        (self.folder / "__init__.py").touch()
        (self.folder / "board.py").write_text(textwrap.dedent(FAKE))
        (folder / "serial" / "tools").mkdir(parents=True)
        for file in ("__init__.py", "tools/__init__.py"):
            (folder / "serial" / file).touch()
        (folder / "serial" / "tools" / "list_ports.py").write_text("def comports(): return []")

    def be(self, *moods: str) -> None:
        """Take these moods and no others."""
        for mood in ("exit", "hang", "gone", "silent", "slow", "none"):
            (self.folder / mood).touch() if mood in moods else (self.folder / mood).unlink(missing_ok=True)

    @property
    def written(self) -> list[str]:
        file = self.folder / "written"
        return file.read_text().split() if file.exists() else []


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return Fake(tmp_path)


@pytest.fixture
def driver(fake: Fake) -> Iterator[Any]:
    made = Pinpong(board="uno")
    yield made
    made.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "xmaker-pinpong"]


def test_without_pinpong_it_says_how_to_get_it(fake: Fake, driver: Any) -> None:
    (fake.folder / "board.py").write_text("import no_such_library")
    with pytest.raises(MissingDependency) as raised:
        driver.open("output", "D13")
    assert raised.value.hint.endswith('pip install "xmaker[pinpong]"')
    driver.board = "unihiker"
    with pytest.raises(MissingDependency, match="does not find the pinpong of the UNIHIKER") as raised:
        driver.open("output", "")
    assert "--system-site-packages" in raised.value.hint


def test_what_pinpong_prints_goes_nowhere_and_the_last_value_arrives(
    fake: Fake, driver: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    lamp = driver.open("output", "D13")
    for number in range(2000):
        lamp.write(number % 2)
    wait_until(lambda: fake.written[-1:] == ["13=1"])
    lamp.close()
    assert fake.written[-1] == "13=0" and len(fake.written) < 500
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a port is for one program by itself, or for all")
def test_a_board_is_for_one_project_until_that_has_ended(driver: Any) -> None:
    driver.open("output", "D13")
    second = Pinpong(board="uno")
    with pytest.raises(DeviceError, match="Another program is using the board on /dev/fake"):
        second.open("output", "D12")
    driver.close()
    second.open("output", "D12")
    second.close()


def test_verbose_shows_what_pinpong_prints(
    driver: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XMAKER_VERBOSE", "1")
    driver.open("output", "D13").close()
    driver.close()
    shown, deadline = "", time.monotonic() + 10
    while shown.count("\n") < 2 and time.monotonic() < deadline:  # the child prints when it comes to it
        shown += capfd.readouterr().err
        time.sleep(0.01)
    assert shown == "a banner\nprinted by pinpong\n"


def test_one_part_that_cannot_be_opened_leaves_the_others_alone(driver: Any) -> None:
    lamp = driver.open("output", "D13")
    with pytest.raises(DeviceError, match="pinpong cannot use D7: pin 7 is broken so it is"):
        driver.open("output", "D7")
    lamp.write(1)
    assert driver._link.lost is None


def test_no_board_is_said_with_the_ports_that_there_are(fake: Fake, driver: Any) -> None:
    fake.be("none")
    with pytest.raises(DeviceError, match="No board “uno” can be reached; the serial ports here are: –") as raised:
        driver.open("output", "D13")
    assert "dialout" in raised.value.hint
    assert fails(lambda: driver.open("output", "D13"), "No board “uno” can be reached")  # nor is there one when it tries again


def fails(work: Callable[[], Any], text: str) -> bool:
    try:
        work()
    except DeviceError as error:
        assert text in str(error), error
        return True
    return False


@pytest.mark.parametrize("mood", ["gone", "silent", "exit"])
def test_a_lost_board_is_one_trouble_until_it_is_back(fake: Fake, driver: Any, mood: str) -> None:
    lamp = driver.open("output", "D13")
    fake.be(mood)
    wait_until(lambda: fails(lambda: lamp.write(1), f"The board on /dev/fake{os.getpid()} no longer answers"))
    fake.be("none")  # pulled out: pinpong finds none now, which is the same trouble still
    assert fails(lambda: driver.open("output", "D13"), f"The board on /dev/fake{os.getpid()} no longer answers")
    fake.be()
    driver.open("output", "D13").write(1)
    wait_until(lambda: fake.written[-1] == "13=1")
    fake.be("none")
    driver._link.close()
    assert fails(lambda: driver.open("output", "D13"), "pinpong has stopped")


def test_a_child_that_is_killed_says_how_it_ended(driver: Any) -> None:
    lamp = driver.open("output", "D13")
    first = driver._link.process.pid
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: fails(lambda: lamp.write(1), "pinpong has stopped (signal 9)"))
    lamp.close()  # nothing is there to be closed, and that is no trouble
    driver.open("output", "D13").write(1)
    assert driver._link.process.pid != first


def test_a_child_that_hangs_is_given_up(fake: Fake, driver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link.Link._ask, "__defaults__", (0.3,))
    lamp = driver.open("output", "D13")
    fake.be("hang")
    wait_until(lambda: fails(lambda: lamp.write(1), "pinpong has not answered for 0.3 seconds"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_signals_are_the_parents_business(driver: Any) -> None:
    lamp = driver.open("output", "D13")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(driver._link.process.pid, number)
    time.sleep(0.1)
    lamp.write(1)
    assert driver._link.lost is None
    driver.close()
    assert driver._link.process.returncode == 0


def test_closing_does_not_wait_for_a_board_that_is_just_starting(fake: Fake, driver: Any) -> None:
    fake.be("slow")
    errors: list[BaseException] = []

    def open_it() -> None:
        try:
            driver.open("output", "D13")
        except DeviceError as error:
            errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: driver._link is not None)
    begun = time.monotonic()
    driver.close()
    for thread in threads:
        thread.join(2)
    assert len(errors) == 3 and time.monotonic() - begun < 1.5


def test_the_end_of_a_run_is_no_new_trouble(fake: Fake, driver: Any) -> None:
    fake.be("none")
    assert fails(lambda: driver.open("output", "D13"), "No board")
    driver.close()
    assert fails(lambda: driver.open("output", "D13"), "No board")


def test_many_threads_get_their_own_answers(driver: Any) -> None:
    lamps = [driver.open("output", f"D{number}") for number in (8, 9, 10, 12)]
    failures: list[str] = []

    def ask(lamp: Any) -> None:
        for _ in range(50):
            try:
                lamp.read()
            except DeviceError as error:  # a lamp cannot be read, and the answer names its pin
                if lamp.pins not in str(error) or "can only be written" not in str(error):
                    failures.append(str(error))

    threads = [threading.Thread(target=ask, args=(lamp,)) for lamp in lamps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and driver._link.lost is None
