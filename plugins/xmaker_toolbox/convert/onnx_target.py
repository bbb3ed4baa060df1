"""An ONNX file: the finished graph as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xmaker import ModelCard


def write(part: Path, graph: Any, card: ModelCard) -> None:
    """Write the graph, with all that is said of it inside."""
    part.write_bytes(graph.SerializeToString(deterministic=True))
