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
    doubles: str
    """Labels that occur twice: {names}."""


class Reasons(NamedTuple):
    """Why a file was not converted."""

    cut: str
    """The end of the archive is missing."""
    foreign: str
    """Another program wrote it."""
    changed: str
    """It has other bytes than were written."""
    silent: str
    """It gives no probabilities."""
    table: str
    """Its {count} numbers are no picture."""


def guesses() -> Guesses:
    """Return the words in the user's language."""
    return Guesses(*columns("XM496"))


def reasons() -> Reasons:
    """Return the words in the user's language."""
    return Reasons(*columns("XM497"))
