"""`xmaker run --panel`, seen from the terminal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.cli.conftest import start


def test_the_panel_says_where_it_is_and_is_gone_with_the_run(xmaker, odd: Path) -> None:
    ran = xmaker("run", odd, "--panel", "--for", "0.5")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Panel: http://127.0.0.1:87")
    ran = xmaker("run", odd, "--panel", "--json", "--for", "0.5")
    assert all(json.loads(line) for line in ran.out.splitlines()), "nothing but JSON"
    assert ran.err.startswith("Panel: http://127.0.0.1:87")


def test_pictures_of_ones_own_play_once_and_the_panel_stays(media: Path) -> None:
    with start("run", "cat_dog", "--set", f"camera.source={media}", "--panel") as process:
        lines = [process.stdout.readline()]
        while "played to their end" not in lines[-1]:
            assert lines[-1], "it has ended"
            lines.append(process.stdout.readline())
        assert urlopen(lines[0].split()[1]).status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr.read() == "Stopped.\n"
    pictures = sorted(path.name for path in media.glob("*.jpg"))
    assert [line.split()[-1] for line in lines if line.startswith("pet ")] == pictures


def test_the_panels_options_want_the_panel(xmaker) -> None:
    for option in ("--host=0.0.0.0", "--port=8080"):
        ran = xmaker("run", "night_light", option)
        assert (ran.code, ran.err.partition(":")[0]) == (1, "error XM952")


def test_without_its_plugin_there_is_no_panel(xmaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XMAKER_PLUGINS_OFF", "panel")
    assert "XM951" in xmaker("run", "night_light", "--panel").err


def test_a_run_without_the_panel_loads_nothing_of_it(odd: Path) -> None:
    program = f"from xmaker.cli.app import execute; execute(['run', {str(odd)!r}, '--quiet', '--for', '0.1']); "
    program += "import sys; print({'starlette', 'uvicorn', 'asyncio', 'xmaker_panel.server'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout.endswith("set()\n")
