"""The names of the classes: a text file with one a line, in UTF-8, UTF-16 or GBK, or a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from xmaker import ProjectError
from xmaker_toolbox.convert.words import guesses
from xmaker_toolbox.pictures import read_text


def read_labels(given: str | Path | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names, () for None. Lines that are numbered (`0 cat`) lose their numbers. Raises ProjectError."""
    if given is None:
        return ()
    if not isinstance(given, str | Path):
        return tuple(map(str, given))
    path = Path(given)
    if not path.is_file():
        raise ProjectError.of("XM546", file=path)
    lines = [line.strip() for line in read_text(path).splitlines() if line.strip()]
    if not lines:
        raise ProjectError.of("XM546", file=path)
    if all(line.split(maxsplit=1)[0] == str(number) and " " in line for number, line in enumerate(lines)):
        lines = [line.split(maxsplit=1)[1] for line in lines]
    return tuple(lines)


def doubles(names: Sequence[str]) -> list[str]:
    """Return a sentence on names that more than one class has, as two of ImageNet's do; none without such names."""
    found = [name for name, count in Counter(names).items() if count > 1]
    some = ", ".join(found[:3]) + (" …" if len(found) > 3 else "")
    return [guesses().doubles.format(names=some)] if found else []


def named(path: Path, asked: Sequence[str], inside: Sequence[str], classes: int) -> list[str]:
    """Return the names of a network's classes: the user's, else those in its file. Raises ProjectError: too few, or none."""
    names = list(asked or inside)
    if not names:
        raise ProjectError.of("XM536", file=path, classes=classes)
    if len(names) != classes:
        raise ProjectError.of("XM535", file=path, classes=classes, labels=len(names), names=", ".join(names[:8]))
    return names
