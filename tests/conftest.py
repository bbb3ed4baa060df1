"""What tests of commands share: the command line, run in this process as `xmaker` runs it, in English."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from xmaker.cli.app import execute


class Ran(NamedTuple):
    """What a command line came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def xmaker(english: None, capfd: pytest.CaptureFixture[str]) -> Run:
    """Give a function that runs one command line."""

    def run(*arguments: object) -> Ran:
        code = execute([str(argument) for argument in arguments])
        sys.stdout.flush()
        return Ran(code, *capfd.readouterr())

    return run
