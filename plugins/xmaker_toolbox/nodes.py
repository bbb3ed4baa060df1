"""A model's node at work on pictures, without a run around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xmaker import ModelCard, Plugins, Session

NODES = {"classify": "classifier", "detect": "detector"}
"""Task → the node type that does it."""


class Host:
    """As much of a host as a model's node needs."""

    name = "model"
    moment = 0.0

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins

    def model(self, name: str) -> ModelCard:
        return self._plugins.model(name, Path())

    def session(self, card: ModelCard, threads: int | None = None, engine: str = "") -> Session:
        made = self._plugins.engine(card, engine)
        made.paced = False
        assert card.path
        from msgspec.structs import replace

        return made.load(replace(card, path=made.files(card.path)[0]), threads or made.threads)


@contextmanager
def opened(plugins: Plugins, use: str, host: Any = None, **options: Any) -> Iterator[Any]:
    """Give a node that has been checked and opened: `node.run(Frame(…))`. Raises XMakerError."""
    node: Any = plugins.nodes[use](**options)
    node.host = host or Host(plugins)
    node.check()
    node.open()
    try:
        yield node
    finally:
        node.close()
