"""Runs command lines in this process, as the command `xmaker` does, and in one of their own where signals matter."""

from __future__ import annotations

from pathlib import Path

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
