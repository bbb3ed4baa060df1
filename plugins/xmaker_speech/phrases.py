"""Phrases as recognisers want them, and back: small letters, no punctuation, words with one space between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

HANZI = r"\u3400-\u9fff\uf900-\ufaff"
HAS_HANZI = f"[{HANZI}]"  # texts: compiling these takes 6 ms, which only who uses them shall wait
BETWEEN_HANZI = f"(?<=[{HANZI}]) +(?=[{HANZI}])"
PART = f"[{HANZI}]+|[^{HANZI} ]+"


def plain(text: str) -> str:
    """Return a text as it is spoken: `Turn on, please!` → `turn on please`."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    letters = "".join(letter if letter.isalnum() or letter == "'" else " " for letter in folded)
    return " ".join(letters.split())


def parts(text: str) -> list[str]:
    """Return its words, with the Chinese characters that stand together as one: `打开 LED` → `打开`, `led`."""
    return re.findall(PART, plain(text))


def together(text: str) -> str:
    """Return a text without the spaces that recognisers put between Chinese words."""
    return re.sub(BETWEEN_HANZI, "", text)


def language_of(phrases: Iterable[str]) -> str:
    """Return the language that phrases are in, as far as letters tell: Chinese or English."""
    return "zh" if any(re.search(HAS_HANZI, phrase) for phrase in phrases) else "en"
