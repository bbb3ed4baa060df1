"""A Python that is too old, or of 32 bits, is told so in one line: by the command, and by pip."""

from __future__ import annotations

import ast
import glob
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from xmaker import cli, old_python
from xmaker.errors import message

ROOT = Path(__file__).parents[1]
OLD = glob.glob(os.path.expanduser("~/.pyenv/versions/3.[789].*/bin/python3"))
OLD += [place for minor in (7, 8, 9, 10) if (place := shutil.which(f"/usr/bin/python3.{minor}"))]
ASKING = {
    "the command": ["-m", "xmaker", "doctor"],
    "pip": ["-c", "import setup"],  # as a build back end
    "an old pip": ["setup.py", "egg_info"],
}


@pytest.fixture(autouse=True)
def no_newer_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_32_bits_are_refused_in_one_line(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("LC_ALL", {"en": "C", "zh": "zh_CN.UTF-8"}[language])
    monkeypatch.setattr(old_python.sys, "maxsize", 2**31 - 1)
    with pytest.raises(SystemExit) as refused:
        cli.main()
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for part in ("what", "mend"):
        assert message("XM706", part, language, python=python, bits=32) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "file", ["setup.py", "xmaker/__init__.py", "xmaker/__main__.py", "xmaker/cli/__init__.py", "xmaker/old_python.py"]
)
def test_an_old_python_can_read_what_refuses_it(file: str) -> None:
    ast.parse((ROOT / file).read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.skipif(not OLD, reason="no old Python here")
@pytest.mark.parametrize("asking", ASKING)
def test_old_pythons_are_refused_in_one_line(asking: str) -> None:
    for old in OLD:
        [line] = ask(old, asking)
        assert re.fullmatch(r"error XM706: .* this is Python 3\.\d+, 64-bit\. .*", line)


@pytest.mark.skipif(not OLD, reason="no old Python here")
def test_a_newer_python_on_this_computer_is_named(tmp_path: Path) -> None:
    for version in ("3.8.5", "3.12.7"):  # as on a UNIHIKER with image 0.4.1 to 0.4.4
        (tmp_path / f"pyenv/versions/{version}/bin").mkdir(parents=True)
        (tmp_path / f"pyenv/versions/{version}/bin/python3").touch()
    [line] = ask(OLD[0], "the command")
    assert line.endswith(f" {tmp_path}/pyenv/versions/3.12.7/bin/python3 -m venv --clear .venv")


def ask(python: str, asking: str) -> list[str]:
    """Return the lines that this Python prints when it is asked to run or to install XMaker."""
    command = [python, "-B", *ASKING[asking]]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "LC_ALL": "C"}, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.splitlines()
