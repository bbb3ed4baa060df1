from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from xmaker_catalog.entry import home

from .server import Server


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture(name="home")
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where models go, with none on this computer."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("VOSK_MODEL_PATH", raising=False)
    return home()
