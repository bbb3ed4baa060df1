"""A quantized network's card, and the file that carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from xmaker import ModelCard
from xmaker_toolbox.files import PRODUCER


def card_of(original: ModelCard, out: Path, calibration: dict[str, Any], accuracy: Sequence[dict[str, Any]]) -> ModelCard:
    """Return the original's card with what is another's in the new file."""
    own = {"name": out.stem, "file": out.name, "path": None, "sha256": ""}
    return msgspec.structs.replace(original, **own, accuracy=list(accuracy), calibration=calibration)


def said(card: ModelCard) -> dict[str, Any]:
    """Return a card without what it leaves as usual."""
    usual = ModelCard(name="", task="", input=card.input)
    told: dict[str, Any] = msgspec.to_builtins(card)
    return {key: value for key, value in told.items() if key == "input" or getattr(card, key) != getattr(usual, key)}


def with_card(graph: Any, card: ModelCard, metadata: Mapping[str, str]) -> bytes:
    """Return the bytes of an ONNX file with a card inside, beside other programs' metadata."""
    from onnx import helper

    del graph.metadata_props[:], graph.graph.value_info[:]
    helper.set_model_props(graph, {**metadata, "xmaker": msgspec.json.encode(said(card)).decode()})
    graph.producer_name = PRODUCER
    made: bytes = graph.SerializeToString(deterministic=True)
    return made
