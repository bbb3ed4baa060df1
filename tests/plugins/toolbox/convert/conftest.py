"""A reader of `.net` files, registered as one of a plugin would be."""

from __future__ import annotations

from pathlib import Path

import pytest
from xmaker_toolbox.convert import sources

from . import networks


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a network with three labels inside, in an empty folder."""
    monkeypatch.setitem(sources.READERS, ".net", "of_the_tests")
    monkeypatch.setattr(sources, "_module", lambda name: networks if name == "of_the_tests" else pytest.fail(name))
    return networks.write_net(tmp_path / "colours.net", labels=["red", "green", "蓝"])
