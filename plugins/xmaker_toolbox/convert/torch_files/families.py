"""Which of timm's many networks are worth building to compare: those whose program has the words of the weights' names."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from xmaker_toolbox.convert.torch_files.libraries import timm

FAMILIES = 8
"""How many families are looked at; the right one was among them in 59 of 63 tries with networks of timm 1.0.31."""
MEMBERS = 40
"""How many networks of the most similar family are built."""
WORD = re.compile(r"[A-Za-z_]\w*")


def families(names: Iterable[str]) -> list[list[str]]:
    """Return the networks of those families whose programs have most of the words in these names; a rare word tells more."""
    words = {word for name in names for word in name.split(".")[:-1] if not word.isdigit()}
    texts = {family: _words(family) for family in timm().list_modules()}
    worth = {word: 1 / max(1, sum(word in text for text in texts.values())) for word in words}
    found = {family: sum(worth[word] for word in words & text) for family, text in texts.items()}
    ranked = sorted(found, key=lambda family: -found[family])
    members = (timm().list_models(module=family) for family in ranked if found[family])
    return [[*some] for some in members if some][:FAMILIES]


def some_of(family: list[str]) -> list[str]:
    """Return so many of a family's networks as can be built in a few seconds, from all over it."""
    return family[:: -(-len(family) // MEMBERS)]


def _words(family: str) -> set[str]:
    file = getattr(sys.modules.get(f"timm.models.{family}"), "__file__", None)
    return {*WORD.findall(Path(file).read_text(encoding="utf-8"))} if file and Path(file).is_file() else set()
