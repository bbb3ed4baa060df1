"""What `xmaker run` prints, and how values are set. (What goes wrong, and how it ends: test_run_failures.py.)"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import guess, start


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
    guess(odd, 'says: NaN cat, score: "nan"')
    ran = xmaker("run", odd, "--json", "--for", "300ms")
    assert (ran.code, ran.err) == (0, "")
    events = [json.loads(line, parse_constant=pytest.fail) for line in ran.out.splitlines()]
    assert {"label": "NaN cat", "score": None}.items() <= next(event for event in events if "label" in event).items()


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


@pytest.mark.parametrize("flag", ["--simulate", "--json", "--quiet"])
def test_rich_is_loaded_only_for_somebody_who_looks(odd: Path, flag: str) -> None:
    code = (
        "import sys; from xmaker.cli.app import execute; "
        f"execute(['run', {str(odd)!r}, '--for', '0.1', {flag!r}]); sys.exit('rich' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
