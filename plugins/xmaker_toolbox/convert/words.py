"""What converting says in few words, each by its name: the catalog has them in a row, whose places nobody counts."""

from __future__ import annotations

from typing import NamedTuple

from xmaker.words import columns


class Guesses(NamedTuple):
    """What a checkpoint does not say, and was concluded."""

    colours: str
    """ImageNet's mean and deviation."""
    picture: str
    """The middle of it."""
    timm: str
    """The picture as timm prepares it for the network."""
    twin: str
    """There is a network of TensorFlow with the same weights."""


class Damages(NamedTuple):
    """What is wrong with a file that was not opened."""

    cut: str
    """The end of the archive is missing."""
    foreign: str
    """Another program wrote it."""


def guesses() -> Guesses:
    """Return the words in the user's language."""
    return Guesses(*columns("XM496"))


def damages() -> Damages:
    """Return the words in the user's language."""
    return Damages(*columns("XM497"))
