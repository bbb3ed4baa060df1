"""What long work says of its steps, each by its name: the catalog has them in a row, whose places nobody counts."""

from __future__ import annotations

from typing import NamedTuple

from xmaker.words import columns


class Converting(NamedTuple):
    """The steps from a checkpoint to an .onnx file."""

    opening: str
    finding: str
    """Which network it is."""
    writing: str
    comparing: str


class Rewriting(NamedTuple):
    """The steps of making another file of an .onnx file."""

    running: str
    """The original, for its answers."""
    rewriting: str
    comparing: str


class Quantizing(NamedTuple):
    """The steps of making a network's numbers shorter."""

    looking: str
    """At the pictures."""
    trying: str
    """Which layers bear it worst."""
    choosing: str
    """An engine that is faster."""


def converting() -> Converting:
    """Return the words in the user's language."""
    return Converting(*columns("XM541"))


def rewriting() -> Rewriting:
    """Return the words in the user's language."""
    return Rewriting(*columns("XM556"))


def quantizing() -> Quantizing:
    """Return the words in the user's language."""
    return Quantizing(*columns("XM588"))
