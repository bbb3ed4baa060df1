"""What the doctor tries: a camera, a microphone, the I2C bus, a lamp and a servo, through real runs."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_doctor import parts, scan
from xmaker_doctor.findings import HINTS, Machine, rehint
from xmaker_doctor.media import meter

from xmaker import Board, Plugins, XMakerError
from xmaker.cli.app import execute
from xmaker.testing import ProjectRun

PI = Board("pi", "Raspberry Pi 5 Model B Rev 1.0", "gpiozero", i2c_bus=1)
MICROPHONE = '''
from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xmaker import Input, Seconds, Sound, hookimpl


@dataclass
class Microphone(Input):
    """A microphone that hears a tone."""

    use: ClassVar[str] = "microphone"
    gives: ClassVar = Sound
    every: Seconds = 0.1

    def read(self) -> Sound:
        import numpy as np

        return Sound(np.full(1600, LEVEL, np.int16))


@hookimpl
def xmaker_nodes():
    return [Microphone]
'''


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def offer_microphone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Give a function that lets the plugins offer a microphone which hears so much, and no other."""

    def offer(level: int) -> None:
        path = tmp_path / "hears.py"
        path.write_text(MICROPHONE.replace("LEVEL", str(level)), encoding="utf-8")
        (plugins := Plugins()).add("hears", path)
        monkeypatch.setattr(Plugins, "load", lambda folder=None: plugins)

    return offer


def test_camera_takes_a_picture_and_saves_it(picture: Callable[..., Path], tmp_path: Path, capsys: Any) -> None:
    import cv2

    picture(tmp_path / "grey.png", 77, (48, 64))
    for name in ("camera.jpg", "camera 2.jpg"):
        assert execute(["doctor", "camera", "--source", "grey.png"]) == 0
        out = capsys.readouterr().out
        assert "64×48 pixels, after " in out and f"saved as {name}" in out
        saved = cv2.imread(str(tmp_path / name))
        assert saved.shape == (48, 64, 3) and abs(int(saved.mean()) - 77) < 2


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_camera_shows_the_picture_in_a_terminal(picture: Callable[..., Path], tmp_path: Path) -> None:
    import pty

    picture(tmp_path / "grey.png", 77, (48, 64))
    reader, writer = pty.openpty()
    settings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40", "COLORTERM": "truecolor"}
    command = [sys.executable, "-c", "from xmaker.cli import main; main()", "doctor", "camera", "--source", "grey.png"]
    with subprocess.Popen(command, stdout=writer, stderr=writer, stdin=writer, env=settings, cwd=tmp_path) as child:
        os.close(writer)
        shown = b""
        try:
            while part := os.read(reader, 65536):
                shown += part
        except OSError:
            pass  # the end of a pseudo-terminal
    os.close(reader)
    assert child.returncode == 0
    assert shown.decode().count("▀") > 100
    assert "64×48" in shown.decode()


def test_no_camera_is_said_once_and_at_once(capsys: Any) -> None:
    if Path("/dev/video9").exists():
        pytest.skip("there is one")
    assert execute(["doctor", "camera", "--source", "9"]) == 1
    err = capsys.readouterr().err
    assert err.count("XM801") == 1 and "→" in err
    assert "--source 1" in err and "--set" not in err and "again" not in err
    assert execute(["doctor", "camera", "--source", "nothing.png"]) == 1
    err = capsys.readouterr().err
    assert "XM804" in err and "project" not in err


def test_microphone_shows_how_loud_it_is(offer_microphone: Callable[[int], None], capsys: Any) -> None:
    offer_microphone(3277)
    assert execute(["doctor", "microphone", "--for", "0.8s"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert 1 <= len(lines) <= 4
    assert lines[0].endswith("-20 dB") and lines[0].count("█") == 27


def test_a_muted_microphone_is_told(offer_microphone: Callable[[int], None], capsys: Any) -> None:
    offer_microphone(0)
    assert execute(["doctor", "microphone", "--for", "0.8s"]) == 1
    captured = capsys.readouterr()
    assert "-60 dB" in captured.out
    assert "XM892" in captured.err and "alsamixer" in captured.err
    assert execute(["doctor", "microphone", "--for", "long"]) == 1
    assert "XM708" in capsys.readouterr().err


def test_without_the_plugin_of_the_microphone_that_is_said(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(Plugins, "load", lambda folder=None: Plugins())
    for command in (["microphone"], ["camera"], ["led", "--pin", "17"]):
        assert execute(["doctor", *command]) == 1
        assert "XM890" in capsys.readouterr().err


def test_the_meter_goes_from_nothing_to_the_loudest() -> None:
    assert [meter(rms).count("█") for rms in (0.0, 32.768, 1036.2, 32768.0)] == [0, 0, 20, 40]
    assert meter(float(np.float32(32768.0))).endswith("   0 dB")


def test_i2c_where_there_is_none(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if Path("/dev/i2c-1").exists():
        pytest.skip("there is one")
    (plugins := Plugins()).add("simulator", "xmaker_simulator")
    monkeypatch.setattr(Plugins, "load", lambda folder=None: plugins)
    assert execute(["doctor", "i2c"]) == 1
    err = capsys.readouterr().err
    assert "XM617" in err and "UNIHIKER" in err and "--simulate" not in err
    assert execute(["doctor", "i2c", "--bus", "1"]) == 1
    out = capsys.readouterr().out
    assert "There is no /dev/i2c-1" in out and "  → sudo modprobe i2c-dev" in out


def test_i2c_tells_who_answers(capsys: Any, tmp_path: Path) -> None:
    def read(address: int) -> int:
        if address == 0x1B:
            raise OSError(errno.EBUSY, "Device or resource busy")
        if address not in (0x23, 0x76, 0x51):
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        return 0

    found = scan.answering(read)
    assert found == [(0x1B, True), (0x23, False), (0x51, False), (0x76, False)]
    machine = Machine(PI, Plugins(), root=tmp_path)
    assert scan.show(machine, 1, found) == 0
    assert capsys.readouterr().out.splitlines() == [
        "0x1B  used by the system",
        "0x23  BH1750",
        "0x51  ?",
        "0x76  BME280, BMP280",
    ]
    assert scan.show(machine, 1, []) == 1
    out = capsys.readouterr().out
    assert "Nothing answers on /dev/i2c-1." in out and "SDA to SDA" in out


def test_a_folder_that_takes_no_picture(picture: Callable[..., Path], tmp_path: Path, capsys: Any) -> None:
    picture(tmp_path / "grey.png")
    (tmp_path / "camera.jpg").symlink_to("nowhere/at/all.jpg")  # not there, and cannot be made, for root neither
    assert execute(["doctor", "camera", "--source", "grey.png"]) == 1
    err = capsys.readouterr().err
    assert "XM898" in err and "cd ~" in err


def test_what_nobody_expected_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def load(folder: Path | None = None) -> Plugins:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(Plugins, "load", load)
    for command in ([], ["led", "--pin", "17"], ["camera"], ["i2c"]):
        assert execute(["doctor", *command]) == 1
        assert "XM887: This check itself failed: ZeroDivisionError: oh" in capsys.readouterr().err


@pytest.fixture
def plugins() -> Plugins:
    made = Plugins()
    for name in ("timer", "led", "servo", "simulator", "gpiozero"):
        made.add(name, f"xmaker_{name}")
    return made


@pytest.mark.parametrize("driver", ["", "gpiozero"])
def test_a_lamp_blinks_and_is_left_off(driver: str, plugins: Plugins) -> None:
    run = ProjectRun(parts.part_project(plugins, "led", "17", driver), real=("timer",))
    lamp: Any = run.runtime.workers["led"].node.pin.handles[0]  # type: ignore[attr-defined]
    run.advance(0.6)
    assert lamp.read() == 1
    run.advance(0.5)
    assert lamp.read() == 0
    run.advance(0.5)
    run.stop()
    assert run.actions == ["led.toggle"] * 3
    assert run.errors == []
    if not driver:
        assert lamp.value == 0


def test_a_servo_turns_to_and_fro(plugins: Plugins) -> None:
    run = ProjectRun(parts.part_project(plugins, "servo", "18"), real=("timer",))
    run.advance(3.5)
    run.stop()
    assert run.actions == ["servo.angle(120)", "servo.angle(60)", "servo.angle(120)"]


def test_the_command_says_what_it_does(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(parts, "SECONDS", 1.2)
    assert execute(["doctor", "led", "--pin", "17"]) == 0
    out = capsys.readouterr().out
    assert "led on pin 17" in out and out.count("toggle") == 2
    assert execute(["doctor", "servo", "--pin", "18", "--driver", "nothing"]) == 1
    assert capsys.readouterr().err.count("XM609") == 1
    assert execute(["doctor", "led", "--pin", ""]) == 1
    assert "XM208" in capsys.readouterr().err
    assert execute(["doctor", "led"]) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_ctrl_c_ends_a_blinking_lamp(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-c", "from xmaker.cli import main; main()", "doctor", "led", "--pin", "17"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as child:
        assert child.stdout
        while "toggle" not in child.stdout.readline():
            pass
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=20)
    assert child.returncode == 130
    assert "Traceback" not in err


@pytest.mark.parametrize("code", HINTS)
def test_no_hint_speaks_of_a_project_or_of_another_try(code: str) -> None:
    rehint(error := XMakerError.of(code, source=0, board="-", device="-", reason="-"))
    for language in ("en", "zh"):
        mend = error.problems[0].mend(language)
        assert mend and not re.search("--set|--simulate|project|tried again|项目|自动", mend)
