"""A quantized network as a file that a project can name at once."""

from __future__ import annotations

from typing import Any

import msgspec

from xmaker import ModelCard
from xmaker_toolbox.quantizing.source import Source


def with_card(
    graph: Any, source: Source, name: str, calibration: dict[str, Any], accuracy: list[dict[str, Any]] | None = None
) -> bytes:
    """Return the bytes of an ONNX file with the original's metadata and its card, under a new name."""
    from onnx import helper

    card = msgspec.structs.replace(
        source.card,
        name=name,
        file=f"{name}.onnx",
        path=None,
        sha256="",
        accuracy=accuracy or [],
        calibration={**calibration, "original": source.sha256},
    )
    told = {**source.metadata, "xmaker": msgspec.json.encode(_said(card)).decode()}
    del graph.metadata_props[:], graph.graph.value_info[:]
    helper.set_model_props(graph, told)
    graph.producer_name = "xmaker"
    made: bytes = graph.SerializeToString(deterministic=True)
    return made


def _said(card: ModelCard) -> dict[str, Any]:
    """Return a card without what it leaves as usual."""
    usual = ModelCard(name="", task="", input=card.input)
    told: dict[str, Any] = msgspec.to_builtins(card)
    return {key: value for key, value in told.items() if key == "input" or getattr(card, key) != getattr(usual, key)}
