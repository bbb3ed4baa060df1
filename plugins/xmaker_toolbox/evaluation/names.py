"""Which of a model's labels somebody means by a word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xmaker import LabelName
from xmaker.errors import nearest

OFFERED = 3
"""Labels that are asked for, at most, when none was meant exactly."""


def plain(name: str) -> str:
    """Return a name without what people write differently: `Tabby_cat` and `tabby cat` are one."""
    return str(name).casefold().replace("_", " ").replace("-", " ").strip()


def numbers_by_name(names: Sequence[LabelName]) -> dict[str, int]:
    """Return plain name, in English and in Chinese → number, the last label first: of two with one name the first counts."""
    return {plain(word): number for number, name in reversed([*enumerate(names)]) for word in (name, name.other) if word}


def meant(words: Iterable[str], known: Mapping[str, int]) -> str:
    """Return " (tabby cat, tiger cat?)" for `cat`: labels that end like the first word that has any, or are written alike."""
    for word in map(plain, words):
        alike = [name for name in reversed([*known]) if word and name.endswith(word)][:OFFERED]  # in the model's order
        if near := ", ".join(alike) or nearest(word, known):
            return f" ({near}?)"
    return ""
