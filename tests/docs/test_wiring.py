"""Every project has its READMEs, and a wiring picture that is up to date and names the pins of its project.yaml."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECTS = sorted(path.parent for path in ROOT.glob("projects/*/project.yaml"))
BUS = {
    "analog": {"GPIO8", "GPIO9", "GPIO10", "GPIO11"},
    "light": {"GPIO8", "GPIO9", "GPIO10", "GPIO11"},
    "bme280": {"GPIO2", "GPIO3"},
    "accelerometer": {"GPIO2", "GPIO3", "GPIO4"},
}
"""What is not wired to a pin of its own → the pins of its bus."""


def make_wiring() -> ModuleType:
    sys.path.insert(0, str(ROOT / "docs"))  # as `python docs/make_wiring.py` has it
    spec = importlib.util.spec_from_file_location("make_wiring", ROOT / "docs/make_wiring.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKE = make_wiring()


def pins_of(project: Path) -> set[str]:
    """Return the pins of a Raspberry Pi that a project uses."""
    data: dict[str, Any] = yaml.safe_load((project / "project.yaml").read_text(encoding="utf-8"))
    pins: set[str] = set()
    for node in (node for section in ("inputs", "outputs") for node in data[section].values()):
        pins |= BUS.get(node.get("use", ""), set())
        pins |= {f"GPIO{option['pi']}" for option in node.values() if isinstance(option, dict) and str(option["pi"]).isdigit()}
    return pins


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_every_project_has_its_readmes(project: Path) -> None:
    for name in ["README.md", "README.zh.md"]:
        text = (project / name).read_text(encoding="utf-8")
        assert f"xmaker run {project.name}" in text
        assert ("](wiring.svg)" in text) == (project.name in MAKE.WIRINGS)


def test_every_project_that_has_wires_has_a_picture() -> None:
    assert {project.name for project in PROJECTS} == MAKE.WIRINGS.keys()


def test_the_pictures_are_up_to_date() -> None:
    for path, text in MAKE.pages().items():
        told = f"`python docs/make_wiring.py` brings {path.relative_to(ROOT)} up to date"
        assert path.is_file() and path.read_text(encoding="utf-8") == text, told


@pytest.mark.parametrize("name", MAKE.WIRINGS)
def test_a_picture_wires_the_pins_of_its_project(name: str) -> None:
    assert MAKE.gpios(name) == pins_of(ROOT / "projects" / name)


def test_the_pictures_are_small_and_whole() -> None:
    for text in MAKE.pages().values():
        picture = ElementTree.fromstring(text)  # well-formed
        assert picture.get("viewBox") and "href" not in text and len(text.encode()) < 12_000


def test_the_header_is_that_of_a_raspberry_pi() -> None:
    numbered = {name: number for number, name in enumerate(MAKE.HEADER, 1) if name.startswith("GPIO")}
    known = {2: 3, 3: 5, 4: 7, 8: 24, 9: 21, 10: 19, 11: 23, 17: 11, 18: 12, 23: 16, 24: 18}
    assert {gpio: numbered[f"GPIO{gpio}"] for gpio in known} == known
    assert set(numbered) == {f"GPIO{gpio}" for gpio in range(28)}
    powers = {name: [number for number, on in enumerate(MAKE.HEADER, 1) if on == name] for name in ("3V3", "5V", "GND")}
    assert powers == {"3V3": [1, 17], "5V": [2, 4], "GND": [6, 9, 14, 20, 25, 30, 34, 39]}
