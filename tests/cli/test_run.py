from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

XMAKER = [sys.executable, "-c", "from xmaker.cli import main; main()"]


SURE = """
from dataclasses import dataclass
from typing import ClassVar
from xmaker import Label, Model, Reading, Value, hookimpl

@dataclass
class Sure(Model):
    use: ClassVar[str] = "sure"
    takes: ClassVar = (Value,)
    gives: ClassVar = Label

    def run(self, value):
        return Label("NaN cat", float("nan"))

@hookimpl
def xmaker_nodes():
    return [Sure]
"""


def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    command = [*XMAKER, *map(str, arguments)]
    ends = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(command, text=True, encoding="utf-8", **ends)


def test_plain_lines_say_what_changes(xmaker, media: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        shutil.copy(media / "cat1.jpg", tmp_path / f"{number}.jpg")
    ran = xmaker("run", "cat_dog", "--set", f"camera.source={tmp_path}")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert [line.split()[::3] for line in lines if line.startswith("pet ")] == [["pet", "1.jpg"], ["pet", "2.jpg"]]
    assert "light   on" in lines
    assert sum(line.startswith("screen: Hello, cat!") for line in lines) == 1, "a screen's text is printed once"
    assert not any("write" in line for line in lines)


def test_chinese(xmaker, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    ran = xmaker("run", "cat_dog", "--set", f"camera.source={media / 'cat1.jpg'}")
    assert "pet     猫 " in ran.out


def test_json_is_one_event_a_line_and_nothing_else(xmaker, odd: Path) -> None:
    ran = xmaker("run", odd, "--json", "--for", "300ms")
    events = [json.loads(line) for line in ran.out.splitlines()]
    assert {"temperature": 21.5, "wet": True}.items() <= events[0].items()
    actions = [event for event in events if "action" in event]
    assert [(event["node"], event["action"], event["args"]) for event in actions] == [("console", "print", ["It is wet"])]


def test_json_has_neither_nan_nor_infinity(xmaker, odd: Path) -> None:
    (odd / "plugins" / "net.py").write_text(SURE, encoding="utf-8")
    (odd / "project.yaml").write_text("inputs: {air: {}}\nmodels: {sure: {from: air}}\noutputs: {console: {}}")
    ran = xmaker("run", odd, "--json", "--for", "300ms")
    assert (ran.code, ran.err) == (0, "")
    events = [json.loads(line, parse_constant=pytest.fail) for line in ran.out.splitlines()]
    assert {"label": "NaN cat", "score": None}.items() <= next(event for event in events if "label" in event).items()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("night_light --for 1s >&-", "error XM751: "),
        ("spirit_level --for 5s > /dev/full", ""),
        ("spirit_level --for 5s --json > /dev/full", ""),
    ],
)
def test_a_run_that_cannot_print_ends_without_a_traceback(command: str, told: str) -> None:
    began = time.monotonic()
    ran = subprocess.run(f"{sys.executable} -m xmaker run {command}", shell=True, capture_output=True, text=True)
    assert ran.returncode == 1 and time.monotonic() - began < 4
    assert ran.stderr.startswith(told) if told else not ran.stderr


def test_a_run_without_stderr_is_none_the_worse() -> None:
    command = f"{sys.executable} -m xmaker run night_light --for 200ms 2>&-"
    assert subprocess.run(command, shell=True, capture_output=True).returncode == 0


def test_errors_are_seen_though_a_library_has_pointed_file_2_nowhere(odd: Path) -> None:
    """As sounddevice does while it looks for devices, which may take for ever."""
    plugin = odd / "plugins" / "odd.py"
    grab = "import os; os.dup2(os.open(os.devnull, os.O_WRONLY), 2); raise ValueError"
    plugin.write_text(plugin.read_text(encoding="utf-8").replace("raise ValueError", grab), encoding="utf-8")
    with start("run", odd, "--set", "air.broken=true", "--for", "300ms") as process:
        assert "hiccup" in process.communicate(timeout=20)[1]


@pytest.mark.parametrize("before", [["--verbose", "run"], ["run", "--verbose"]])
def test_verbose_lets_libraries_speak(xmaker, odd: Path, before: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XMAKER_VERBOSE", "")
    assert xmaker(*before, odd, "--for", "0.1").code == 0
    assert os.environ["XMAKER_VERBOSE"] == "1"


def test_no_time_is_no_duration(xmaker) -> None:
    assert "XM708" in xmaker("run", "night_light", "--for", "").err


def test_quiet_prints_what_the_project_prints(xmaker, odd: Path) -> None:
    assert xmaker("run", odd, "--quiet", "--for", "0.3") == (0, "It is wet\n", "")


def test_watch_applies_what_is_changed(odd: Path) -> None:
    file = odd / "project.yaml"
    with start("run", odd, "--watch", "--for", "20s") as process:
        assert process.stdout and "It is wet" in process.stdout.readline()
        file.write_text(file.read_text(encoding="utf-8").replace("It is wet", "All is wet"), encoding="utf-8")
        while "All is wet" not in (line := process.stdout.readline()):
            assert line, "it ended"
        process.terminate()
        assert process.wait(5) == 130
        assert process.stderr and process.stderr.read() == "Stopped.\n"


def test_set_gives_a_simulated_sensor_its_value(xmaker) -> None:
    ran = xmaker("run", "night_light", "--set", "room.value=3", "--for", "1300 ms")
    assert ran.code == 0
    assert "lamp  on" in ran.out.splitlines()


def test_set_names_what_a_sensor_can_show(xmaker) -> None:
    assert xmaker("run", "night_light", "--set", "room=3", "--for", "100 ms").code == 0  # its one value, as in rules
    assert "It has: address, every, temperature, humidity, pressure." in xmaker("run", "weather_station", "--set", "air=3").err
    wrong = xmaker("run", "weather_station", "--set", "air.temprature=3").err
    assert "did you mean “temperature”?" in wrong
    assert "temperature: {" not in wrong  # the line of the file is right


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nope"], "XM701"),
        (["cat_dog", "--set", "nope.x=1"], "XM702"),
        (["cat_dog", "--set", "camera"], "XM703"),
        (["main.py"], "XM705"),
        (["cat_dog", "--for", "a while"], "XM708"),
        (["cat_dog", "--for", "-1"], "XM708"),
        (["night_light", "--set", "lamp.nope=1"], "XM207"),
        (["cat_dog", "--set", "pet.groups=[cat]"], "XM208"),
        (["cat_dog", "--set", "pet.groups={cat: [tabby, {]}"], "XM122"),
        (["some/where.yaml"], "XM101"),
    ],
)
def test_what_the_user_got_wrong_is_said_without_a_traceback(xmaker, arguments: list[str], code: str) -> None:
    ran = xmaker("run", *arguments)
    assert ran.code == 1
    assert ran.out == ""
    assert f"error {code}: " in ran.err
    assert "Traceback" not in ran.err


def test_a_name_of_the_gallery_is_guessed(xmaker) -> None:
    assert "cat_dog" in xmaker("run", "cat_dgo").err


@pytest.mark.parametrize(
    ("arguments", "words", "chinese"),
    [
        (["run"], "XM761: `xmaker run` lacks a word: TARGET.", "`xmaker run` 还少一个词：TARGET。"),
        (["rnu"], "XM760: `xmaker` knows no “rnu”.\n  → did you mean “run”?", "没有“rnu”。\n  → 是不是“run”？"),
        (["model", "inof"], "did you mean “info”?", "是不是“info”？"),
        (["run", "cat_dog", "--st", "a.b=1"], "did you mean “--set”?", "是不是“--set”？"),
        (["run", "cat_dog", "--for"], "--for", "`xmaker --help` 会显示写法。"),
        (["new", "plugin", "x", "--i2c", "5"], "--i2c: an I2C address", "--i2c: I2C 地址"),
        (["run", "a", "b"], "XM762: `xmaker run`: ", "`xmaker run --help` 会显示写法。"),
    ],
)
def test_wrong_usage(xmaker, arguments: list[str], words: str, chinese: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = xmaker(*arguments)
    assert ran.code == 2 and words in ran.err
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert chinese in xmaker(*arguments).err


def test_a_group_alone_shows_its_help(xmaker) -> None:
    ran = xmaker("model")
    assert "Usage: xmaker model" in ran.out + ran.err and "XM" not in ran.err


def test_values_are_set_through_a_pipe_while_it_runs(tmp_path: Path) -> None:
    project = "inputs: {room: {use: light}}\noutputs: {lamp: {use: led}}\nrules: [{when: room == 3, then: [lamp.on]}]"
    (tmp_path / "project.yaml").write_text(project, encoding="utf-8")
    with start("run", tmp_path, stdin=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write("rom.value=3\nroom.value=3\n")
        process.stdin.close()
        assert "XM763" in process.stderr.readline()
        while "lamp  on" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.stderr.read()
    assert process.returncode == 130


def test_an_error_of_a_node_is_shown_once_and_traced_on_demand(xmaker, odd: Path) -> None:
    ran = xmaker("run", odd, "--set", "air.broken=true", "--for", "0.4")
    assert ran.code == 0
    assert ran.err.count("XM501") == 1
    assert "Traceback" not in ran.err
    assert "hiccup" in xmaker("run", odd, "--set", "air.broken=true", "--for", "0.3", "--traceback").err.split("Traceback")[1]
    assert "Traceback" in xmaker("--traceback", "run", odd, "--set", "air.broken=true", "--for", "0.3").err


def test_nodes_that_lose_their_board_together_say_so_once(xmaker, odd: Path) -> None:
    plugin = odd / "plugins" / "odd.py"
    text = plugin.read_text(encoding="utf-8").replace('ValueError("hiccup")', 'DeviceError.of("XM636", port="/dev/ttyUSB0")')
    plugin.write_text(text.replace("import Input", "import DeviceError, Input"), encoding="utf-8")
    (odd / "project.yaml").write_text(
        "inputs: {one: {use: air, broken: true}, two: {use: air, broken: true}}", encoding="utf-8"
    )
    ran = xmaker("run", odd, "--for", "0.4")
    assert ran.err.count("error XM636: The board on /dev/ttyUSB0 no longer answers.") == 1


def test_a_node_that_cannot_open_ends_the_run(xmaker, odd: Path) -> None:
    ran = xmaker("run", odd, "--set", "air.gone=true")
    assert ran.code == 1
    assert ran.err.count("no such thing") == 1


GUESS = """
from dataclasses import dataclass
from typing import ClassVar

from xmaker import Label, LabelName, Model, Value, hookimpl


@dataclass
class Guess(Model):
    use: ClassVar[str] = "guess"
    takes: ClassVar = (Value,)
    gives: ClassVar = Label
    bad: int = 0
    seen: ClassVar[int] = 0

    def run(self, value):
        Guess.seen += 1
        if Guess.seen <= self.bad:
            raise ValueError("no numbers")
        return Label(LabelName("warm"), 0.9) if self.bad >= 0 else None


@hookimpl
def xmaker_nodes():
    return [Guess]
"""
"""A model of which the first so many answers are bad; with -1 it has nothing to say."""


@pytest.mark.parametrize(("bad", "code", "told"), [(1_000_000, 1, 1), (1, 0, 1), (0, 0, 0), (-1, 0, 0)])
def test_a_model_that_never_gave_one_good_answer_fails_the_run(xmaker, odd: Path, bad: int, code: int, told: int) -> None:
    """Whoever reads only the exit code must not take it for success; one bad frame is no failure."""
    (odd / "plugins" / "guess.py").write_text(GUESS, encoding="utf-8")
    (odd / "project.yaml").write_text(
        f"inputs: {{air: {{}}}}\nmodels: {{m: {{use: guess, from: air, bad: {bad}}}}}", encoding="utf-8"
    )
    ran = xmaker("run", odd, "--for", "0.5")
    assert (ran.code, ran.err.count("no numbers"), "Traceback" in ran.err) == (code, told, False)


def test_a_projects_own_plugin_that_failed_is_told_of_and_the_rest_runs(xmaker, odd: Path) -> None:
    (odd / "plugins" / "bad.py").write_text("import nothing_like_it\n", encoding="utf-8")
    ran = xmaker("run", odd, "--for", "0.1")
    assert ran.code == 0
    assert "XM602" in ran.err and "nothing_like_it" in ran.err


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_cleanly(odd: Path, number: signal.Signals) -> None:
    process = start("run", odd)
    assert process.stdout is not None
    assert process.stdout.readline() == "It is wet\n"
    begin = time.monotonic()
    process.send_signal(number)
    try:
        _, err = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 130
    assert err == "Stopped.\n"
    assert time.monotonic() - begin < 2.5


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_it_ends_without_a_word_when_nobody_reads(odd: Path) -> None:
    process = start("run", odd, "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    with process.stderr as errors:
        assert errors.read() == ""
    assert process.wait(timeout=10) == 1


@pytest.mark.parametrize("flag", ["--simulate", "--json", "--quiet"])
def test_rich_is_loaded_only_for_somebody_who_looks(odd: Path, flag: str) -> None:
    code = (
        "import sys; from xmaker.cli.app import execute; "
        f"execute(['run', {str(odd)!r}, '--for', '0.1', {flag!r}]); sys.exit('rich' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
