"""Finding installed plugins, and importing only those that a project uses."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from xmaker import Input, Plugins
from xmaker.discovery import Memory

BUILT_IN = {"camera", "classifier", "led", "onnxruntime", "simulator"}
DICE = """
from dataclasses import dataclass
from typing import ClassVar

from xmaker import Input, Quantity, Reading, hookimpl


@dataclass
class Dice(Input):
    \"\"\"A die.\"\"\"

    use: ClassVar[str] = "{use}"
    gives: ClassVar = {{"value": Quantity("", 1, 6)}}

    def read(self) -> Reading:
        return Reading(4)


@hookimpl
def xmaker_nodes():
    return [Dice]
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "xmaker" / f"plugins-{crc32(sys.prefix.encode()):08x}.json"


def distribution(folder: Path, name: str) -> None:
    """Install a distribution with one plugin."""
    (folder / f"{name}-1.0.dist-info").mkdir(parents=True)
    (folder / f"{name}-1.0.dist-info" / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (folder / f"{name}-1.0.dist-info" / "entry_points.txt").write_text(f"[xmaker]\n{name} = xmaker_{name}\n")


def names() -> set[str]:
    return {name for name, _ in Memory.load().found}


def test_the_scan_for_plugins_is_cached_until_something_is_installed(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    distribution(site, "dice")
    monkeypatch.syspath_prepend(str(site))
    assert names() >= BUILT_IN | {"dice"}
    cached = json.loads(cache.read_text())
    cache.write_text(json.dumps(cached | {"found": [["cached", "yes"]]}))
    assert names() == {"cached"}
    distribution(site, "coin")
    os.utime(site, ns=(1, 1))  # some file systems' clocks are too coarse to notice
    assert names() >= BUILT_IN | {"dice", "coin"}


@pytest.mark.parametrize("garbage", [b"", b"{", b"[]", b"\xff\xfe", b'{"key": 1}', b"null", b"KEY", b"FOUND"])
def test_a_damaged_cache_is_survived(cache: Path, garbage: bytes) -> None:
    names()
    good = json.loads(cache.read_text())
    if garbage == b"KEY":
        garbage = json.dumps({"key": good["key"]}).encode()
    elif garbage == b"FOUND":
        garbage = json.dumps(good | {"found": [3, "abc"]}).encode()
    cache.write_bytes(garbage)
    assert names() >= BUILT_IN
    assert json.loads(cache.read_text()) == good


def test_a_home_that_cannot_be_written_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert names() >= BUILT_IN


def test_a_user_without_a_home_has_plugins_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    assert names() >= BUILT_IN


@pytest.fixture
def dice(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed plugin that offers a node type, and has been imported once."""
    site = tmp_path / "site"
    distribution(site, "dice")
    (site / "__pycache__").mkdir()  # else its making would look like an installation
    module = site / "xmaker_dice.py"
    module.write_text(DICE.format(use="dice"))
    monkeypatch.syspath_prepend(str(site))
    assert "dice" in Plugins.load().nodes
    sys.modules.pop("xmaker_dice")
    yield module
    sys.modules.pop("xmaker_dice", None)


def test_a_plugin_that_only_offers_nodes_is_imported_when_somebody_asks_for_one(dice: Path) -> None:
    plugins = Plugins.load()
    assert "xmaker_dice" not in sys.modules
    assert next(state for state in plugins.states if state.name == "dice").nodes == ["dice"]
    assert plugins.nodes["dice"].__name__ == "Dice"
    assert "xmaker_dice" in sys.modules
    assert plugins.nodes.get("coin") is None


def test_one_that_offers_more_is_always_there(dice: Path) -> None:
    assert Plugins.load().board().name == "simulator"
    assert {card.name for card in Plugins.load().models()} >= {"cat-dog", "imagenet"}


def test_one_that_was_changed_is_looked_at_again(dice: Path) -> None:
    importlib.invalidate_caches()
    dice.write_text(DICE.format(use="coin"))
    os.utime(dice, (1, 1))
    plugins = Plugins.load()
    assert "xmaker_dice" in sys.modules
    assert plugins.nodes["coin"].__name__ == "Dice"
    assert plugins.nodes.get("dice") is None


def test_one_that_fails_later_than_expected_is_a_state(dice: Path) -> None:
    changed = os.stat(dice)
    dice.write_text("1 / 0")
    os.utime(dice, ns=(changed.st_atime_ns, changed.st_mtime_ns))
    plugins = Plugins.load()
    assert plugins.nodes.get("dice") is None
    assert [state.name for state in plugins.failed()] == ["dice"]
    assert "ZeroDivisionError" in plugins.failed()[0].error.show("en")  # type: ignore[union-attr]


def test_listing_all_node_types_imports_them_all(dice: Path) -> None:
    plugins = Plugins.load()
    assert "dice" in list(plugins.nodes)
    assert len(plugins.nodes) == len(dict(plugins.nodes))


MORE = """

@hookimpl
def xmaker_drivers():
    return []
"""


def test_one_with_other_hooks_never_waits_even_if_they_offer_nothing_today(dice: Path) -> None:
    dice.write_text(DICE.format(use="dice") + MORE)
    os.utime(dice, (1, 1))
    Plugins.load()
    sys.modules.pop("xmaker_dice")
    Plugins.load()
    assert "xmaker_dice" in sys.modules


def test_two_with_one_name_are_told_so_whoever_came_first(dice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(dice.parent, "another")
    (dice.parent / "xmaker_another.py").write_text(DICE.format(use="dice"))
    for only in ("dice", "another", "dice,another"):
        monkeypatch.setenv("XMAKER_PLUGINS_ONLY", only)
        plugins = Plugins.load()
        assert "dice" in plugins.nodes
    assert [(state.name, state.error.code) for state in plugins.failed() if state.error] == [("dice", "XM615")]
    sys.modules.pop("xmaker_another", None)


def test_one_whose_nodes_are_from_elsewhere_never_waits(dice: Path) -> None:
    (dice.parent / "elsewhere.py").write_text(DICE.format(use="dice"))
    dice.write_text("from elsewhere import *\nfrom elsewhere import xmaker_nodes\n")
    os.utime(dice, (1, 1))
    Plugins.load()
    sys.modules.pop("xmaker_dice")
    Plugins.load()
    assert "xmaker_dice" in sys.modules
    sys.modules.pop("elsewhere")


def test_a_change_deep_in_a_package_is_seen(dice: Path) -> None:
    package = dice.parent / "xmaker_dice"
    (package / "sub").mkdir(parents=True)
    dice.unlink()
    (package / "__init__.py").write_text("from xmaker_dice.sub.n import *\nfrom xmaker_dice.sub.n import xmaker_nodes\n")
    (package / "sub" / "n.py").write_text(DICE.format(use="dice"))
    importlib.invalidate_caches()
    for use in ("dice", "coin"):
        (package / "sub" / "n.py").write_text(DICE.format(use=use))
        os.utime(package / "sub" / "n.py", (len(use) + ord(use[0]), len(use) + ord(use[0])))
        plugins = Plugins.load()
        assert use in list(plugins.nodes)
        for name in [name for name in sys.modules if name.startswith("xmaker_dice")]:
            del sys.modules[name]


def test_a_plugin_that_is_switched_off_is_the_reason(dice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XMAKER_PLUGINS_OFF", "dice")
    assert Plugins.load().unknown_node("dice", Input).code == "XM641"
