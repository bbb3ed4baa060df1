"""Which of a model's labels somebody means by a word or a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xmaker import LabelName
from xmaker.errors import nearest
from xmaker_toolbox.pictures import Picture

NOTHING = ("background", "???", "__background__")
"""Names of a first label that stands for "nothing": numbers in tables may count from the one after it."""
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


def numbers_of(names: Sequence[LabelName], pictures: Iterable[Picture]) -> list[int | None]:
    """Return which of a model's labels each picture has: by its name in English or Chinese, or by its number; else None."""
    known = numbers_by_name(names)
    found = [int(str(one.label)) if _numbered(one, known) else known.get(plain(str(one.label or ""))) for one in pictures]
    return [number if number is None or not names or number < len(names) else None for number in found]


def as_counted(
    names: Sequence[LabelName], pictures: Sequence[Picture], numbers: Sequence[int | None], said: Sequence[int]
) -> list[int | None]:
    """Return the pictures' numbers as their table counts: from the model's first label, or after one that stands for nothing.

    The names in the table tell, and where they do not, what the model `said`, picture for picture: as more of it is right.
    """
    if str(next(iter(names), "")) not in NOTHING:
        return [*numbers]
    known = numbers_by_name(names)
    pairs = [*zip(numbers, pictures, strict=True)]
    after = [number if number is None else number + _numbered(one, known) for number, one in pairs]
    if any(number == len(names) for number in after):
        return [*numbers]

    def right(numbers: Sequence[int | None]) -> tuple[int, int]:
        called = sum(one is not None and _called(names, one, of.name) for one, of in zip(numbers, pictures, strict=True))
        return called, sum(one == other for one, other in zip(numbers, said, strict=True))

    return max([*numbers], after, key=right)


def contradicting(names: Sequence[LabelName], pictures: Iterable[Picture], numbers: Iterable[int | None]) -> list[Picture]:
    """Return the pictures whose name in the table is another of the model's labels than their number."""
    known = numbers_by_name(names)
    pairs = [(one, number) for one, number in zip(pictures, numbers, strict=True) if plain(one.name) in known]
    return [one for one, number in pairs if number is None or not _called(names, number, one.name)]


def _numbered(picture: Picture, known: Mapping[str, int]) -> bool:
    """Whether it is said by a number; a label may be called `7`."""
    return isinstance(picture.label, int) or (str(picture.label).isdecimal() and plain(str(picture.label)) not in known)


def _called(names: Sequence[LabelName], number: int, name: str) -> bool:
    return plain(name) in [plain(word) for word in (names[number], names[number].other) if word]
