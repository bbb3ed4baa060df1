"""What goes wrong with `xmaker run`, and how a run ends: wrong words, nodes that fail, signals, nobody who reads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import guess, start


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


def test_no_time_is_no_duration(xmaker) -> None:
    assert "XM708" in xmaker("run", "night_light", "--for", "").err


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
        (["model", "bench", "x", "--threads", "0"], "`: --threads: 1 …\n", "`：--threads: 1 …\n"),
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


@pytest.mark.parametrize(("bad", "code", "told"), [(1_000_000, 1, 1), (1, 0, 1), (0, 0, 0), (-1, 0, 0)])
def test_a_model_that_never_gave_one_good_answer_fails_the_run(xmaker, odd: Path, bad: int, code: int, told: int) -> None:
    """Whoever reads only the exit code must not take it for success; one bad frame is no failure."""
    guess(odd, f"bad: {bad}")
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
