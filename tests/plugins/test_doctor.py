"""The doctor as a whole: what it prints, in both languages, its exit code, and that nothing holds it up or breaks it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from shutil import which

import pytest
from xmaker_doctor import checks, children, computer, outside, sound
from xmaker_doctor.children import ChildError, call
from xmaker_doctor.findings import THINGS, Finding, Machine, broken, fine, name_of, notice
from xmaker_doctor.report import conclude, tell

from xmaker import Board, Plugins
from xmaker.cli.app import execute
from xmaker.errors import catalog, message
from xmaker.words import columns

SIMULATOR = Board("simulator", "simulator", "simulator", simulated=True)
PI = Board("pi", "Raspberry Pi 4 Model B Rev 1.5", "gpiozero", i2c_bus=1)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize("locale", ["C", "zh_CN.UTF-8"])
def test_a_computer_without_devices_has_nothing_broken(
    locale: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if Path("/dev/video0").exists() or Path("/dev/snd").exists():
        pytest.skip("what is said of real devices depends on them")
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISPLAY", raising=False)
    begin = time.monotonic()
    assert execute(["doctor"]) == 0
    assert time.monotonic() - begin < 15, "the limit for a busy machine; alone it takes one second"
    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if line[:1] in "✓!✗" and line]
    assert len(told) >= len(THINGS) - 1
    assert [line.split("  ")[0][2:].strip() for line in told[:4]] == [name_of(thing) for thing in THINGS[:4]]
    for line, following in pairwise(lines):
        assert not line.startswith("!") or following.startswith("  → "), "what is amiss has its fix on the next line"
    assert columns("XM865")[0] in "\n".join(lines), "pins are simulated, and that is said"


def test_something_broken_ends_with_1_and_names_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    fault = broken("camera", "XM872", device="/dev/video0", group="video")
    tell(fault)
    assert conclude([fine("board", "x"), notice("speech", "XM883", program="espeak-ng"), fault]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "✗ camera        You may not use /dev/video0: it belongs to the group video.",
        "  → sudo usermod -aG video $USER, then log in again",
        "",
        "Broken: 1. `xmaker explain XM872` says more.",
    ]
    assert conclude([fine("board", "x")]) == 0
    assert conclude([notice("camera", "XM878")]) == 0


def test_names_of_devices_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    tell(fine("camera", "a\x1b[31m\nb"))
    assert capsys.readouterr().out == "✓ camera        a [31m b\n"


def test_signs_where_a_terminal_cannot_show_them() -> None:
    program = "from xmaker_doctor.report import *; from xmaker_doctor.findings import *; tell(fine('disk', '1'))"
    settings = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, env=settings, check=True).stdout[:6] == b"+ disk"
    )


@pytest.mark.parametrize("code", [code for code in sorted(catalog()) if "XM866" <= code <= "XM899"])
def test_every_fault_has_a_fix_in_both_languages(code: str) -> None:
    if code in ("XM889", "XM894", "XM895"):
        return  # no faults
    for lang in ("en", "zh"):
        assert message(code, "mend", lang)
        assert message(code, "why", lang)


def test_a_check_that_breaks_or_hangs_is_a_finding_and_the_others_go_on() -> None:
    def breaks(machine: Machine) -> list[Finding]:
        raise ValueError("oh")

    def hangs(machine: Machine) -> list[Finding]:
        time.sleep(30)
        return []

    def child_hangs(machine: Machine) -> list[Finding]:
        return [fine("screen", str(call("outside", "time.sleep", seconds=0.0)))]

    table: list[tuple[str, Callable[[Machine], list[Finding]]]] = [
        ("board", breaks),
        ("camera", hangs),
        ("screen", child_hangs),
        ("disk", lambda machine: [fine("disk", "1 MB")]),
    ]
    begin = time.monotonic()
    found = list(checks.examine(Machine(SIMULATOR, Plugins()), table, seconds=1.0))
    assert time.monotonic() - begin < 5
    assert [(finding.thing, finding.state, finding.code) for finding in found] == [
        ("board", "notice", "XM887"),
        ("camera", "broken", "XM888"),
        ("screen", "broken", "XM888"),
        ("disk", "fine", ""),
    ]
    assert "ValueError: oh" in found[0].what


def test_a_child_says_why_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("computer", "engine_version", seconds=30)
    with pytest.raises(ChildError, match="has no attribute 'nothing'"):
        call("computer", "nothing", seconds=30)
    with pytest.raises(ChildError, match="SIGILL"):
        monkeypatch.setattr(children, "PROGRAM", f"import os; os.kill(os.getpid(), {int(signal.SIGILL)})")
        call("computer", "engine_version", seconds=30)  # an engine made for another processor ends so


def test_the_table_names_things_that_have_a_word() -> None:
    assert {thing for thing, _ in checks.CHECKS} <= set(THINGS)
    assert len(columns("XM860")) == len(THINGS)


def test_board_and_its_driver() -> None:
    plugins = Plugins()
    [finding] = computer.board(Machine(PI, plugins))
    assert (finding.state, finding.code) == ("broken", "XM609"), "nobody offers gpiozero here"
    plugins.add("gpiozero", "xmaker_gpiozero")
    [finding] = computer.board(Machine(PI, plugins))
    assert finding.what == "Raspberry Pi 4 Model B Rev 1.5, driver gpiozero"


def test_a_venv_on_a_pi_must_see_the_packages_of_the_system(tmp_path: Path) -> None:
    settings = tmp_path / "pyvenv.cfg"
    settings.write_text("home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n", encoding="utf-8")
    machine = Machine(PI, Plugins(), prefix=str(tmp_path), base_prefix="/usr")
    [finding] = computer.venv(machine)
    assert finding.code == "XM866"
    if sys.platform == "linux":
        subprocess.run(finding.fix, shell=True, check=True)
        assert computer.venv(machine)[0].state == "fine", "the command that is shown mends it"
    machine.base_prefix = "/home/pi/.pyenv/versions/3.12.7"
    assert "/usr/bin/python3 -m venv --system-site-packages" in computer.venv(machine)[0].fix, "apt's packages are the system's"
    assert computer.venv(Machine(SIMULATOR, Plugins(), prefix=str(tmp_path)))[0].state == "fine"


def test_the_systems_own_python_takes_no_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(PI, Plugins(), prefix="/usr", base_prefix="/usr")
    monkeypatch.setattr(computer.sysconfig, "get_path", lambda name: str(tmp_path))
    assert computer.venv(machine)[0].state == "fine"
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    [finding] = computer.venv(machine)
    assert finding.code == "XM867" and "--system-site-packages" in finding.fix


def test_room(tmp_path: Path) -> None:
    machine = Machine(PI, Plugins(), root=tmp_path)
    assert computer.memory(machine) == []
    (tmp_path / "proc").mkdir()
    for free, code in ((400_000, ""), (90_000, "XM868")):
        rows = f"MemTotal: 510000 kB\nMemFree: 10000 kB\nMemAvailable: {free} kB\n"
        (tmp_path / "proc/meminfo").write_text(rows, encoding="utf-8")
        [finding] = computer.memory(machine)
        assert finding.code == code
        assert "cat_dog needs about 100 MB" in finding.what
    assert [computer.disk_of(free).state for free in (9000, 200, 20)] == ["fine", "notice", "broken"]


def test_a_clock_that_was_never_set() -> None:
    [finding] = computer.clock(Machine(PI, Plugins(), now=1_000_000.0))
    assert (finding.state, finding.code) == ("broken", "XM870")
    assert "1970" in finding.what and "timedatectl" in finding.fix


def test_plugins_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "bad.py").write_text("import nothing_like_it\n", encoding="utf-8")
    (tmp_path / "project.yaml").write_text("outputs: {console: {}}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert execute(["doctor"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^✗ plugins .*nothing_like_it", out, re.MULTILINE)
    assert "XMAKER_PLUGINS_OFF=plugins/bad.py" in out
    assert "`xmaker explain XM602`" in out


@pytest.mark.parametrize(
    ("version", "arch", "code"), [("1.21.0", "aarch64", "XM896"), ("1.21.0", "x86_64", ""), ("", "", "XM601")]
)
def test_engine(version: str, arch: str, code: str, tmp_path: Path) -> None:
    if version:
        (tmp_path / "onnxruntime").mkdir()
        (tmp_path / "onnxruntime/__init__.py").touch()
        (tmp_path / f"onnxruntime-{version}.dist-info").mkdir()
        metadata = f"Metadata-Version: 2.1\nName: onnxruntime\nVersion: {version}\n"
        (tmp_path / f"onnxruntime-{version}.dist-info/METADATA").write_text(metadata, encoding="utf-8")
    [finding] = computer.engine(Machine(PI, Plugins(), site=[str(tmp_path)], arch=arch))
    assert finding.code == code
    assert bool(code) == ("pip install" in finding.fix)


@pytest.mark.skipif(os.name == "nt", reason="a program is another thing there")
def test_speech(tmp_path: Path) -> None:
    machine = Machine(PI, Plugins(), environment={"PATH": str(tmp_path)}, linux=True)
    [finding] = sound.speech(machine)
    assert (finding.code, finding.fix) == ("XM883", "sudo apt install espeak-ng")
    program = tmp_path / "espeak-ng"
    program.touch(0o755)
    assert sound.speech(machine)[0].what == str(program)


def test_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    [finding] = outside.screen(Machine(PI, Plugins(), environment={}, linux=True))
    assert (finding.state, finding.code) == ("notice", "XM884")
    [finding] = outside.screen(Machine(PI, Plugins(), environment={"DISPLAY": ":0"}, site=[]))
    assert finding.fix == "sudo apt install python3-tk"
    monkeypatch.setenv("DISPLAY", ":77")
    machine = Machine(PI, Plugins())
    if machine.has("_tkinter"):
        [finding] = outside.screen(machine)
        assert (finding.state, finding.code) == ("broken", "XM885")
        assert ":77" in finding.what and finding.fix


@pytest.mark.skipif(which("xvfb-run") is None, reason="needs Xvfb")
def test_a_screen_that_is_there() -> None:
    program = (
        "from xmaker import Board, Plugins; from xmaker_doctor.findings import Machine; from xmaker_doctor import outside;"
        "machine = Machine(Board('s', 's', 's'), Plugins());"
        "print(outside.screen(machine)[0].what if machine.has('_tkinter') else '240×320')"
    )
    command = ["xvfb-run", "-a", "-s", "-screen 0 240x320x24", sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ran.stdout.startswith("240×320"), ran.stderr


def test_who_reads_no_further_than_the_first_line_is_told_nothing_of_it() -> None:
    command = [sys.executable, "-m", "xmaker", "doctor"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as doctor:
        assert doctor.stdout and doctor.stderr
        assert doctor.stdout.readline()
        doctor.stdout.close()
        assert doctor.stderr.read() == ""
