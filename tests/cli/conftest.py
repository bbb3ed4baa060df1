"""Runs command lines in this process, as the command `xmaker` does, and in one of their own where signals matter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ODD = '''
from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xmaker import Input, Label, LabelName, Model, Output, Quantity, Reading, Seconds, action, hookimpl


@dataclass
class Air(Input):
    """The air."""

    use: ClassVar[str] = "air"
    gives: ClassVar = {"temperature": Quantity("°C", 0, 50), "wet": Quantity(kind="flag")}
    every: Seconds = 0.02
    broken: bool = False
    gone: bool = False

    def open(self) -> None:
        if self.gone:
            raise ValueError("no such thing")

    def read(self) -> Reading:
        if self.broken:
            raise ValueError("hiccup")
        return Reading(temperature=21.5, wet=True)


@hookimpl
def xmaker_nodes():
    return [Air]
'''
GUESS = """
from dataclasses import dataclass
from typing import ClassVar

from xmaker import Label, LabelName, Model, Value, hookimpl


@dataclass
class Guess(Model):
    use: ClassVar[str] = "guess"
    takes: ClassVar = (Value,)
    gives: ClassVar = Label
    says: str = "warm"
    score: str = "0.9"
    bad: int = 0
    seen: ClassVar[int] = 0

    def run(self, value):
        Guess.seen += 1
        if Guess.seen <= self.bad:
            raise ValueError("no numbers")
        return Label(LabelName(self.says), float(self.score)) if self.bad >= 0 else None


@hookimpl
def xmaker_nodes():
    return [Guess]
"""
"""A model of which the first so many answers are bad; with -1 it has nothing to say. A project file has no NaN: text does."""
XMAKER = [sys.executable, "-c", "from xmaker.cli import main; main()"]


@pytest.fixture(autouse=True)
def in_english(english: None) -> None:
    """Every test here may read what is said."""


@pytest.fixture
def media() -> Path:
    """Give the pictures of the project cat_dog."""
    return Path(__file__).resolve().parents[2] / "projects" / "cat_dog" / "media"


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Give a folder with a project of its own plugin."""
    folder = tmp_path / "odd"
    (folder / "plugins").mkdir(parents=True)
    (folder / "plugins" / "odd.py").write_text(ODD, encoding="utf-8")
    lines = [
        "inputs: {air: {}}",
        "outputs: {console: {}}",
        "rules:",
        "- when: air.wet",
        "  then: ['console.print(\"It is wet\")']",
    ]
    (folder / "project.yaml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def guess(folder: Path, options: str) -> None:
    """Make of `odd` a project with a model that guesses, with these options."""
    (folder / "plugins" / "guess.py").write_text(GUESS, encoding="utf-8")
    text = f"inputs: {{air: {{}}}}\nmodels: {{m: {{use: guess, from: air, {options}}}}}\noutputs: {{console: {{}}}}"
    (folder / "project.yaml").write_text(text, encoding="utf-8")


def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Run a command line in a process of its own."""
    command = [*XMAKER, *map(str, arguments)]
    ends = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(command, text=True, encoding="utf-8", **ends)
